// The version scheme of Alpine, Wolfi and Chainguard.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseApk } from './parse.ts';

/** apk's order. */
export const apk: VersionScheme<VersionKey> = {
  id: 'apk',
  title: 'Alpine package versions',
  urls: [
    'https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk-package.5.scd',
    'https://projects.gentoo.org/pms/8/pms.html#x1-240003.2',
  ],
  parse: parseApk,
  compare: compareKeys,
};

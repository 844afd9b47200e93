// The version scheme of Debian and its derivatives.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseDeb } from './parse.ts';

/** Debian's order. An absent epoch and an absent revision count as 0. */
export const deb: VersionScheme<VersionKey> = {
  id: 'deb',
  title: 'Debian package versions',
  urls: [
    'https://www.debian.org/doc/debian-policy/ch-controlfields.html#version',
    'https://manpages.debian.org/stable/dpkg-dev/deb-version.7.en.html',
  ],
  parse: parseDeb,
  compare: compareKeys,
};

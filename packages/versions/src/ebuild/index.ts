// The version scheme of Gentoo's ebuilds.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseEbuild } from './parse.ts';

/** The order of the Package Manager Specification, section "Version Comparison". */
export const ebuild: VersionScheme<VersionKey> = {
  id: 'ebuild',
  title: 'Gentoo ebuild versions',
  urls: ['https://projects.gentoo.org/pms/8/pms.html#x1-250003.2'],
  parse: parseEbuild,
  compare: compareKeys,
};

// The version scheme of pacman.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseAlpm } from './parse.ts';

/** pacman's order of `epoch:pkgver-pkgrel`, as `vercmp` has it. */
export const alpm: VersionScheme<VersionKey> = {
  id: 'alpm',
  title: 'pacman package versions (Arch Linux)',
  urls: ['https://man.archlinux.org/man/vercmp.8'],
  parse: parseAlpm,
  compare: compareKeys,
};

// The version scheme of Haskell packages.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseHackage } from './parse.ts';

/** The order of Haskell's `Data.Version`, which is Cabal's. */
export const hackage: VersionScheme<VersionKey> = {
  id: 'hackage',
  title: 'Haskell package versions (Hackage)',
  urls: ['https://pvp.haskell.org/', 'https://hackage.haskell.org/package/base/docs/Data-Version.html'],
  parse: parseHackage,
  compare: compareKeys,
};

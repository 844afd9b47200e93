// The version scheme of Pub, for Dart and Flutter; Julia's packages are ordered alike.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parsePub } from './parse.ts';

/** The order of Dart's `pub_semver` and of Julia's `VersionNumber`: build metadata counts. */
export const pub: VersionScheme<VersionKey> = {
  id: 'pub',
  title: 'Pub package versions (Dart, Julia)',
  urls: [
    'https://dart.dev/tools/pub/versioning',
    'https://docs.julialang.org/en/v1/manual/strings/#man-version-number-literals',
  ],
  parse: parsePub,
  compare: compareKeys,
};

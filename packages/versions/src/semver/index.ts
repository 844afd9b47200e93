// The version scheme of npm, crates.io and every ecosystem that uses semantic versions.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseSemver } from './parse.ts';
import { parseNpmRange } from './requirement.ts';

/** The precedence of SemVer 2.0.0. */
export const semver: VersionScheme<VersionKey> = {
  id: 'semver',
  title: 'Semantic versions (npm, crates.io, Bitnami …)',
  urls: ['https://semver.org/spec/v2.0.0.html#spec-item-11', 'https://github.com/npm/node-semver#ranges'],
  parse: parseSemver,
  compare: compareKeys,
  requirement: parseNpmRange,
};

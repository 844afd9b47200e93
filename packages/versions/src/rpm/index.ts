// The version scheme of RPM distributions.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseRpm } from './parse.ts';

/** rpm's order of `epoch:version-release`. */
export const rpm: VersionScheme<VersionKey> = {
  id: 'rpm',
  title: 'RPM package versions',
  urls: ['https://rpm.org/docs/latest/manual/dependencies.html', 'https://rpm.org/docs/latest/man/rpm-version.7'],
  parse: parseRpm,
  compare: compareKeys,
};

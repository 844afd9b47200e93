// The version scheme of Python packages.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parsePep440 } from './parse.ts';

/** The order of PEP 440, local versions and epochs included. */
export const pep440: VersionScheme<VersionKey> = {
  id: 'pep440',
  title: 'Python package versions (PEP 440)',
  urls: [
    'https://packaging.python.org/en/latest/specifications/version-specifiers/',
    'https://peps.python.org/pep-0440/',
  ],
  parse: parsePep440,
  compare: compareKeys,
};

// The version scheme of Composer and Packagist.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseComposer } from './parse.ts';
import { parseComposerRequirement } from './requirement.ts';

/** Composer's order of normalised versions. */
export const composer: VersionScheme<VersionKey> = {
  id: 'composer',
  title: 'Composer package versions',
  urls: [
    'https://getcomposer.org/doc/articles/versions.md',
    'https://www.php.net/manual/en/function.version-compare.php',
  ],
  parse: parseComposer,
  compare: compareKeys,
  requirement: parseComposerRequirement,
};

// The version scheme of RubyGems.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseGem } from './parse.ts';
import { parseGemRequirement } from './requirement.ts';

/** The order of `Gem::Version`. */
export const gem: VersionScheme<VersionKey> = {
  id: 'gem',
  title: 'RubyGems versions',
  urls: [
    'https://guides.rubygems.org/patterns/#semantic-versioning',
    'https://docs.ruby-lang.org/en/master/Gem/Version.html',
  ],
  parse: parseGem,
  compare: compareKeys,
  requirement: parseGemRequirement,
};

// The version scheme of tags in repositories, calendar versions among them.
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseTag } from './parse.ts';

/** The order of release tags, for software without a package manager. It refuses a tag rather than guess. */
export const tag: VersionScheme<VersionKey> = {
  id: 'tag',
  title: 'Tags of releases and calendar versions',
  urls: ['https://calver.org/', 'https://git-scm.com/docs/git-tag'],
  parse: parseTag,
  compare: compareKeys,
};

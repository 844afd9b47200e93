// The version scheme of NuGet.
import { bracketed } from '../interval.ts';
import { compareKeys, type VersionKey } from '../key.ts';
import type { VersionScheme } from '../scheme.ts';
import { parseNuget } from './parse.ts';

/** NuGet's order: four numbers, then labels; metadata does not count. */
export const nuget: VersionScheme<VersionKey> = {
  id: 'nuget',
  title: 'NuGet package versions',
  urls: ['https://learn.microsoft.com/en-us/nuget/concepts/package-versioning'],
  parse: parseNuget,
  compare: compareKeys,
  requirement: (text) => bracketed(text, (version) => parseNuget(version) !== undefined),
};

// retire.js: libraries of JavaScript that web applications carry along.
import { isObject, mebibyte } from '@plombe/kit';
import { malformed, readJson } from '../../documents/json.ts';
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { parseLibrary } from './parse.ts';

/** The repository of libraries has 1.5 MiB. */
const maxBytes = 64 * mebibyte;

const base = 'https://raw.githubusercontent.com/RetireJS/retire.js/master/repository';
const names = ['jsrepository-v6.json', 'npmrepository.json'] as const;

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<FeedItem> {
  const value = await readJson(document, maxBytes, signal);
  const libraries = isObject(value) ? Object.entries(value) : [];
  if (libraries.length === 0) throw malformed(document, 'names no library');
  for (const [key, library] of libraries) yield* parseLibrary(key, library);
}

/** retire.js's advisories: about packages of npm, and about libraries that are not there. Fetched when named. */
export const retirejs: AdvisoryFeed = {
  id: 'retirejs',
  title: 'retire.js',
  homepage: 'https://retirejs.github.io/retire.js/',
  licence: 'Apache-2.0',
  requests: (ecosystems) =>
    ecosystems?.some((name) => name === 'retirejs' || name === 'JavaScript') === true
      ? [{ shard: 'retirejs', documents: names.map((name) => ({ name: `retirejs/${name}`, url: `${base}/${name}` })) }]
      : [],
  matches: (path) => (/(?:^|\/)(?:jsrepository(?:-v\d+)?|npmrepository)\.json$/.test(path) ? 'retirejs' : undefined),
  // Of npm it knows some hundred packages only.
  covers: () => ['JavaScript'],
  parse,
};

// Node.js itself: the indexes of its security working group.
import { isObject, mebibyte } from '@plombe/kit';
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { malformed, readJson } from '../../documents/json.ts';
import { parseCore, parseDependency, parseNpm } from './parse.ts';

/** The largest, of npm, has 0.5 MiB and grows no more. */
const maxBytes = 64 * mebibyte;

const base = 'https://raw.githubusercontent.com/nodejs/security-wg/main/vuln';

const indexes = [
  { name: 'core-index.json', shard: 'nodejs', url: `${base}/core/index.json`, parse: parseCore },
  { name: 'deps-index.json', shard: 'nodejs', url: `${base}/deps/index.json`, parse: parseDependency },
  { name: 'npm-index.json', shard: 'nodejs-npm', url: `${base}/npm/index.json`, parse: parseNpm },
] as const;

function indexOf(path: string): (typeof indexes)[number] | undefined {
  return indexes.find(({ name }) => new RegExp(`(?:^|/)nodejs-core/${name.replace('.', '\\.')}$`).test(path));
}

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<FeedItem> {
  const index = indexOf(document.name);
  const value = await readJson(document, maxBytes, signal);
  const records = isObject(value) ? Object.entries(value) : [];
  if (index === undefined || records.length === 0) throw malformed(document, 'is no index of Node.js or empty');
  for (const [key, record] of records) yield* index.parse(key, record);
}

function wantsNode(ecosystems: readonly string[] | undefined): boolean {
  return ecosystems === undefined || ecosystems.includes('Node.js') || ecosystems.includes('nodejs');
}

/** Node.js's own advisories, and what it says of the libraries in it; packages of npm until 2018 from a folder only. */
export const nodejs: AdvisoryFeed = {
  id: 'nodejs',
  title: 'Node.js security working group',
  homepage: 'https://github.com/nodejs/security-wg',
  licence: 'MIT',
  requests: (ecosystems) =>
    wantsNode(ecosystems)
      ? [
          {
            shard: 'nodejs',
            documents: indexes
              .filter(({ shard }) => shard === 'nodejs')
              .map(({ name, url }) => ({ name: `nodejs-core/${name}`, url })),
          },
        ]
      : [],
  matches: (path) => indexOf(path)?.shard,
  covers: (shard) => (shard === 'nodejs' ? ['Node.js'] : []),
  parse,
};

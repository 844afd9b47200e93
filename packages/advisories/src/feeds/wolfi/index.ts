// Wolfi's and Chainguard's secdb: rolling, so no release in the key.
import type { AdvisoryFeed, FeedDocument, FeedItem } from '../../feed.ts';
import { isObject, listField, mebibyte } from '@plombe/kit';
import { malformed, readJson } from '../../documents/json.ts';
import { parseSecdb } from '../alpine/secdb.ts';

/** Chainguard's file has about 8 MiB. */
const maxBytes = 128 * mebibyte;

interface Source {
  readonly shard: string;
  readonly ecosystem: string;
  readonly url: string;
}

const sources: readonly Source[] = [
  { shard: 'wolfi', ecosystem: 'Wolfi', url: 'https://packages.wolfi.dev/os/security.json' },
  { shard: 'chainguard', ecosystem: 'Chainguard', url: 'https://packages.cgr.dev/chainguard/security.json' },
];

function sourceOf(path: string): Source | undefined {
  return sources.find(({ shard }) => new RegExp(`(?:^|/)${shard}/security\\.json$`).test(path));
}

async function* parse(document: FeedDocument, { signal }: { signal: AbortSignal }): AsyncGenerator<FeedItem> {
  const value = await readJson(document, maxBytes, signal);
  if (!isObject(value) || listField(value, 'packages').length === 0)
    throw malformed(document, 'is no secdb or names no package');
  const ecosystem = sourceOf(document.name)?.ecosystem ?? (/chainguard/.test(document.origin) ? 'Chainguard' : 'Wolfi');
  yield* parseSecdb(value, {
    feed: 'wolfi',
    ecosystem,
    link: (id) =>
      id.startsWith('CGA-') ? `https://images.chainguard.dev/security/${id}` : `https://osv.dev/vulnerability/${id}`,
  });
}

/** Wolfi's and Chainguard's fixes and false positives, on origin packages. Fetched only when named: their terms are not free. */
export const wolfi: AdvisoryFeed = {
  id: 'wolfi',
  title: 'Wolfi and Chainguard secdb',
  homepage: 'https://packages.wolfi.dev/os/security.json',
  licence: 'CC-BY-NC-ND-4.0 and scanner licence',
  requests: (ecosystems) =>
    sources
      .filter(({ ecosystem }) => ecosystems?.includes(ecosystem) === true)
      .map(({ shard, url }) => ({ shard, documents: [{ name: `${shard}/security.json`, url }] })),
  matches: (path) => sourceOf(path)?.shard,
  parse,
};

// The advisories of a folder of feeds, shard by shard, as the feeds' own parsers give them.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Advisory } from '@plombe/model';
import { feeds } from '../../../packages/advisories/src/feeds.ts';
import type { AdvisoryFeed, FeedDocument } from '../../../packages/advisories/src/feed.ts';

/** A shard's documents and the feed that reads them. */
export interface ShardSource {
  readonly id: string;
  readonly feed: AdvisoryFeed;
  readonly documents: readonly FeedDocument[];
}

function filesOf(folder: string, at = ''): string[] {
  return readdirSync(join(folder, at)).flatMap((name) => {
    const path = at === '' ? name : `${at}/${name}`;
    return statSync(join(folder, path)).isDirectory() ? filesOf(folder, path) : [path];
  });
}

/** Returns the shards of a folder, sorted by id. */
export function shardsOf(folder: string): ShardSource[] {
  const shards = new Map<string, { feed: AdvisoryFeed; documents: FeedDocument[] }>();
  for (const name of filesOf(folder)) {
    const feed = feeds.find((one) => one.matches(name) !== undefined);
    const id = feed?.matches(name);
    if (feed === undefined || id === undefined) continue;
    const path = join(folder, name);
    const shard = shards.get(id) ?? { feed, documents: [] };
    shards.set(id, shard);
    shard.documents.push({
      name,
      origin: name,
      path,
      sizeBytes: statSync(path).size,
      open: () => createReadStream(path),
    });
  }
  return [...shards].map(([id, shard]) => ({ id, ...shard })).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Streams the advisories of a shard. */
export async function* advisoriesOf({ feed, documents }: ShardSource): AsyncGenerator<Advisory> {
  const { signal } = new AbortController();
  const streams =
    feed.join === undefined ? documents.map((one) => feed.parse(one, { signal })) : [feed.join(documents, { signal })];
  for (const stream of streams) {
    for await (const item of stream) if (item.kind === 'advisory') yield item.advisory;
  }
}

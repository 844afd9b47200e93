// Every feed of advisories and of facts about them.
import { enrichments } from '../../../packages/advisories/src/enrichments.ts';
import { feeds } from '../../../packages/advisories/src/feeds.ts';
import { memoryDocument } from '../../../packages/advisories/src/testing/documents.ts';
import type { FuzzInput } from '../input.ts';
import { type FuzzTarget, must, plombeRefusal, roughly, signal } from '../target.ts';

interface Item {
  readonly kind: string;
  readonly cause?: string;
  readonly advisory?: { readonly id: string; readonly affected: readonly unknown[] };
}

/** The documents of a feed, one after another; the path of a part is the document's name. */
export const feedTargets: readonly FuzzTarget[] = [...feeds, ...enrichments].map((feed) => ({
  name: `feed/${feed.id}`,
  async run(input: FuzzInput) {
    const documents = input.map(({ path, bytes }) => memoryDocument(path, bytes, 5003));
    const told = [];
    for (const document of documents) told.push(await told1(feed.parse(document, { signal })));
    if ('join' in feed && feed.join !== undefined) told.push(await told1(feed.join(documents, { signal })));
    return told.join(' ');
  },
}));

async function told1(items: AsyncIterable<Item>): Promise<string> {
  return plombeRefusal(async () => {
    const counts = new Map<string, number>();
    for await (const { kind, cause, advisory } of items) {
      const key = `${kind} ${cause?.slice(0, 16) ?? ''}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (advisory !== undefined) must(typeof advisory.id === 'string' && advisory.id !== '', 'an advisory has no id');
    }
    return [...counts]
      .map(([kind, count]) => `${kind}:${roughly(count)}`)
      .sort()
      .slice(0, 6)
      .join();
  });
}

// Which documents make which shard, and by whose parser.
import { by } from '@plombe/kit';
import type { DocumentRecord } from '../database/manifest.ts';
import type { EnrichmentFeed } from '../enrichment/contract.ts';
import type { AdvisoryFeed, FeedDocument } from '../feed.ts';

/** A document with what is known of its bytes before they are read. */
export interface PlannedDocument extends FeedDocument {
  readonly expectedSha256?: string;
  readonly fetchedAt?: string;
  /** ISO 8601: when upstream itself gave it. */
  readonly checkedAt?: string;
  readonly etag?: string;
  readonly lastModified?: string;
}

export type ShardParser =
  | { readonly role: 'advisories'; readonly feed: AdvisoryFeed }
  | { readonly role: 'facts'; readonly feed: EnrichmentFeed };

/** The present shard that a plan changes: it is copied without what is replaced. */
export interface ShardBase {
  readonly path: string;
  /** Ids of the advisories that are replaced by those of the plan's documents, or deleted. */
  readonly replaced: ReadonlySet<string>;
  /** What the manifest says of the documents of the whole, and of the lists of changes. */
  readonly documents: readonly DocumentRecord[];
  readonly wholeAt: string;
}

export interface ShardPlan {
  readonly id: string;
  readonly parser: ShardParser;
  readonly documents: readonly PlannedDocument[];
  readonly base?: ShardBase;
  /** Lists of changes that the documents are up to date with. */
  readonly lists?: readonly DocumentRecord[];
}

export interface FeedLists {
  readonly feeds: readonly AdvisoryFeed[];
  readonly enrichments: readonly EnrichmentFeed[];
}

/** Asks every feed for each document; the first of each role that takes it has it. Documents nobody takes are left out. Sorted by shard. */
export function planShards(
  documents: readonly PlannedDocument[],
  lists: FeedLists,
  only?: readonly string[],
): ShardPlan[] {
  const plans = new Map<string, { parser: ShardParser; documents: PlannedDocument[] }>();
  for (const document of documents) {
    for (const { parser, shard } of takersOf(document.name, lists)) {
      const key = `${parser.feed.id} ${shard}`;
      const plan = plans.get(key) ?? { parser, documents: [] };
      plan.documents.push(document);
      plans.set(key, plan);
    }
  }
  const named = [...plans].map(([key, plan]) => ({ id: key.slice(key.indexOf(' ') + 1), ...plan }));
  return distinctIds(named)
    .filter((plan) => isWanted(plan, only))
    .sort(by((plan) => plan.id));
}

/** Returns the names of the documents that no feed takes, but for those that explain a folder to people. */
export function unrecognised(documents: readonly PlannedDocument[], lists: FeedLists): string[] {
  return documents
    .map(({ name }) => name)
    .filter((name) => !/(?:^|\/)(?:\.[^/]*|(?:readme|licen[cs]e|notice|copying)[^/]*)$/i.test(name))
    .filter((name) => takersOf(name, lists).length === 0);
}

/** A document may hold advisories and facts (NVD's ranges and scores): one feed of each role may take it. */
function takersOf(path: string, { feeds, enrichments }: FeedLists): { parser: ShardParser; shard: string }[] {
  const takers: { parser: ShardParser; shard: string }[] = [];
  for (const feed of feeds) {
    const shard = feed.matches(path);
    if (shard === undefined) continue;
    takers.push({ parser: { role: 'advisories', feed }, shard });
    break;
  }
  const enrichment = enrichments.find((feed) => feed.matches(path));
  if (enrichment !== undefined) takers.push({ parser: { role: 'facts', feed: enrichment }, shard: enrichment.id });
  return takers;
}

/** Two feeds may name a shard alike (`debian` as Debian's own and as OSV's); the later one gets its feed's id in front. */
function distinctIds(plans: readonly ShardPlan[]): ShardPlan[] {
  const taken = new Set<string>();
  return plans.map((plan) => {
    const base = fileSafe(plan.id);
    const id = taken.has(base) ? fileSafe(`${plan.parser.feed.id}-${plan.id}`) : base;
    taken.add(id);
    return { ...plan, id };
  });
}

function fileSafe(id: string): string {
  const safe = id
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return safe === '' ? 'shard' : safe;
}

/** True for facts, which are small and serve all, and for shards whose id, feed or ecosystem is asked for. */
export function isWanted(plan: Pick<ShardPlan, 'id' | 'parser'>, only: readonly string[] | undefined): boolean {
  if (only === undefined || only.length === 0 || plan.parser.role === 'facts') return true;
  const covered = plan.parser.feed.covers?.(plan.id) ?? [];
  const names = [plan.id, plan.parser.feed.id, ...covered].map((name) => name.toLowerCase());
  return only.some((wanted) => {
    const text = wanted.toLowerCase();
    const [base = text] = text.split(':');
    return names.includes(text) || names.includes(base) || plan.id.startsWith(base.replaceAll(' ', ''));
  });
}

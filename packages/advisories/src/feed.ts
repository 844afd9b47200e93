// The contract of an advisory feed. Enrichment feeds have theirs in enrichment/contract.ts.
import type { Advisory, Context } from '@plombe/model';

/** A document of a feed as its publisher ships it: bytes on disk or from the network, read as a stream. */
export interface FeedDocument {
  /** File name as upstream has it, relative to the feed: `all.zip`, `v3.17/main.json`. */
  readonly name: string;
  /** Where it came from, for the shard's record. */
  readonly origin: string;
  readonly sizeBytes?: number;
  /** ISO date of the data where the carrier states one (manifest, Last-Modified). */
  readonly date?: string;
  /** `derived` and `approximate` are said by a MANIFEST.json beside the documents. */
  readonly kind?: 'original' | 'derived' | 'approximate';
  readonly licence?: string;
  /** Path on this machine where it has one: an archive with its directory at the end is read from there, not into memory. */
  readonly path?: string;
  open(options: { readonly signal: AbortSignal }): AsyncIterable<Uint8Array>;
}

/** A document to get. `name` is its path in a directory of feeds: `matches` of the same feed answers the shard for it. */
export interface FeedRequest {
  readonly name: string;
  /** Where the document is, or the first page that says where. */
  readonly url: string;
  /**
   * For documents whose address changes: each step is given the text of a page and returns the next address, relative to that page or
   * absolute; the last is the document's. Undefined from a step: the page does not say it.
   */
  readonly follow?: readonly ((text: string) => string | undefined)[];
  /**
   * For what is asked for in pages: brings a folder that is kept between updates up to date, and returns the documents in it, named as in a directory
   * of feeds. `url` is then only where they are from.
   */
  readonly collect?: (folder: string, ctx: CollectContext) => Promise<Collected>;
}

/** What asking for pages needs. */
export interface CollectContext extends Pick<Context, 'fetch' | 'signal' | 'progress' | 'clock'> {
  /** The user's key with the publisher; never in a message. */
  readonly secret?: string;
}

/** The documents of a folder of pages; `changed` is false where upstream has nothing new. `changedAt`: ISO instant of the folder's last change. */
export interface Collected {
  readonly changedAt: string;
  readonly documents: readonly (Omit<FeedDocument, 'open'> & { readonly path: string })[];
  readonly changed: boolean;
}

/** A record that changed, or without a document was deleted. */
export interface FeedChange {
  /** Id of the advisory made of it. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly document?: FeedRequest;
}

/** A publisher's list of changed records, one on each line. */
export interface FeedChangeList {
  readonly name: string;
  readonly url: string;
  /** True where reading may end at the first change that is known. */
  readonly newestFirst: boolean;
  /** Undefined for a line that names no record. */
  parse(line: string): FeedChange | undefined;
}

/**
 * What a feed's parser gives, one at a time so that memory stays bounded. An id may come more than once in a shard, each time with
 * other packages or releases: that is what streaming a feed sorted by package costs.
 */
export type FeedItem =
  | { readonly kind: 'advisory'; readonly advisory: Advisory }
  | { readonly kind: 'problem'; readonly record: string; readonly cause: string };

/**
 * An advisory feed. `requests` lists what to fetch for the ecosystems wanted; `matches` tells whether a file of a feed directory
 * (path relative to it) is one of this feed's documents and into which shard it goes; `parse` streams the records. Register in `feeds.ts`.
 */
export interface AdvisoryFeed {
  readonly id: string;
  readonly title: string;
  readonly homepage: string;
  readonly licence: string;
  /** Shards this feed can give for these ecosystems (undefined: its usual set), with what to fetch for each. */
  requests(
    ecosystems: readonly string[] | undefined,
  ): readonly { readonly shard: string; readonly documents: readonly FeedRequest[] }[];
  /** Lists of what changed in a shard, where its publisher has them and each record makes advisories of its own id. */
  changes?(shard: string): readonly FeedChangeList[];
  /** Shard that the file at this path of a feed directory belongs to, or undefined. */
  matches(path: string): string | undefined;
  /**
   * Ecosystems (without release) of which the shard is a whole statement; records of others in it, and all records where it is empty,
   * only add to what other shards say: a handful of sample records must not make an ecosystem look assessed.
   * Absent: whatever ecosystems its records name. `documents` are the names of those at hand, where that is known.
   */
  covers?(shard: string, documents?: readonly string[]): readonly string[];
  /** Packages of one ecosystem that the shard is a whole statement of, where it is none of the ecosystem: `covers` does not name that then. */
  coversNames?(
    shard: string,
    documents: readonly string[],
  ): { readonly ecosystem: string; readonly names: readonly string[] } | undefined;
  parse(document: FeedDocument, ctx: Pick<Context, 'signal'>): AsyncIterable<FeedItem>;
  /** Present where the documents of a shard explain each other (Debian's lists and tracker): used instead of `parse`. */
  join?(documents: readonly FeedDocument[], ctx: Pick<Context, 'signal'>): AsyncIterable<FeedItem>;
}

/**
 * What a feed gives for the ecosystems, feeds and shards that are wanted (undefined: its usual set). Its own id stands for all of that set, where the
 * feed does not read its id itself, being fetched only when it is named.
 */
export function requestsOf(
  feed: AdvisoryFeed,
  wanted: readonly string[] | undefined,
): ReturnType<AdvisoryFeed['requests']> {
  const asked = feed.requests(wanted);
  if (wanted === undefined) return asked;
  const isNamed = wanted.includes(feed.id) && feed.requests([feed.id]).length === 0;
  const shards = new Set(asked.map(({ shard }) => shard));
  const others = feed.requests(undefined).filter(({ shard }) => !shards.has(shard));
  return [...asked, ...others.filter(({ shard }) => isNamed || wanted.includes(shard))];
}

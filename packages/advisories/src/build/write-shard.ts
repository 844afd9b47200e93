// Makes one shard of its documents in a staging folder.
import { join } from 'node:path';
import { isPlombeError, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { BodyLimits } from '../database/body.ts';
import { createAdvisoryShard } from '../database/write-advisories.ts';
import { createFactShard } from '../database/write-facts.ts';
import type { EnrichmentFeed } from '../enrichment/contract.ts';
import type { AdvisoryFeed, FeedItem } from '../feed.ts';
import type { PlannedDocument, ShardPlan } from './plan.ts';

/** A written shard, not yet in its place. */
export interface StagedShard {
  readonly path: string;
  readonly records: number;
  readonly problems: number;
  /** The first problems, for a person; at most ten. */
  readonly examples: readonly string[];
  readonly ecosystems: readonly string[];
  readonly dataDate?: string;
}

/** Shows ten of the problems: enough to see what is wrong. */
const maxExamples = 10;
/** Looks at the signal every 1,000 records: under 50 ms of work. */
const recordsPerCheck = 1000;

type WriteContext = Pick<Context, 'signal' | 'progress'>;

/** Parses the documents into a shard file in `staging`. What the parser throws comes through. */
export async function writeShard(
  plan: ShardPlan,
  staging: string,
  limits: BodyLimits,
  ctx: WriteContext,
): Promise<StagedShard> {
  const path = join(staging, `${plan.id}.sqlite`);
  const { parser } = plan;
  return parser.role === 'advisories'
    ? writeAdvisories(plan, parser.feed, path, limits, ctx)
    : writeFacts(plan, parser.feed, path, limits, ctx);
}

/** A record that replaces one of a shard and cannot be read costs itself, not the update. */
async function* parseOne(
  plan: ShardPlan,
  feed: AdvisoryFeed,
  document: PlannedDocument,
  ctx: WriteContext,
): AsyncGenerator<FeedItem> {
  try {
    yield* feed.parse(document, ctx);
  } catch (error) {
    if (plan.base === undefined || !isPlombeError(error) || error.code !== 'feed/malformed') throw error;
    yield { kind: 'problem', record: document.name, cause: error.message };
  }
}

class Tally {
  problems = 0;
  readonly examples: string[] = [];
  #seen = 0;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  see(): void {
    this.#seen += 1;
    if (this.#seen % recordsPerCheck === 0) this.#signal.throwIfAborted();
  }

  problem(record: string, cause: string): void {
    this.problems += 1;
    if (this.examples.length < maxExamples) this.examples.push(`${record}: ${cause}`);
  }
}

async function writeAdvisories(
  plan: ShardPlan,
  feed: AdvisoryFeed,
  path: string,
  limits: BodyLimits,
  ctx: WriteContext,
): Promise<StagedShard> {
  const writer = createAdvisoryShard(path, `${path}.staging`, limits);
  const tally = new Tally(ctx.signal);
  try {
    if (plan.base !== undefined) writer.load(plan.base.path, plan.base.replaced);
    const streams =
      feed.join === undefined
        ? plan.documents.map((document) => () => parseOne(plan, feed, document, ctx))
        : [() => (feed.join as NonNullable<typeof feed.join>)(plan.documents, ctx)];
    for (const [index, open] of streams.entries()) {
      for await (const item of open()) {
        tally.see();
        if (item.kind === 'advisory') writer.add(item.advisory);
        else tally.problem(item.record, item.cause);
      }
      report(plan, index + 1, ctx);
    }
    ctx.signal.throwIfAborted();
  } catch (error) {
    writer.close();
    throw error;
  }
  return { path, ...writer.finish(), problems: tally.problems, examples: tally.examples };
}

async function writeFacts(
  plan: ShardPlan,
  feed: EnrichmentFeed,
  path: string,
  limits: BodyLimits,
  ctx: WriteContext,
): Promise<StagedShard> {
  const writer = createFactShard(path, `${path}.staging`, { prose: limits.prose });
  const tally = new Tally(ctx.signal);
  try {
    for (const [index, document] of plan.documents.entries()) {
      for await (const item of feed.parse(document, ctx)) {
        tally.see();
        if (item.kind === 'problem') tally.problem(item.record, item.cause);
        else writer.add(item);
      }
      report(plan, index + 1, ctx);
    }
    ctx.signal.throwIfAborted();
  } catch (error) {
    writer.close();
    throw error;
  }
  return { path, ...writer.finish(), problems: tally.problems, examples: tally.examples, ecosystems: [] };
}

function report(plan: ShardPlan, documents: number, ctx: WriteContext): void {
  const size = (list: readonly PlannedDocument[]): number =>
    list.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  const doneBytes = size(plan.documents.slice(0, documents));
  const totalBytes = size(plan.documents);
  ctx.progress?.({ task: `feed ${plan.id}`, doneBytes, totalBytes, finished: documents >= plan.documents.length });
}

/** 2 GiB per document: fifteen times the largest feed; beyond it the publisher's file is not what it was (T55). */
export const maxDocumentBytes = 2 * 1024 ** 3;

/** Throws `feed/malformed` where a document is larger than the limit. */
export function checkSize(document: PlannedDocument): void {
  if ((document.sizeBytes ?? 0) > maxDocumentBytes) {
    throw new PlombeError(
      'feed/malformed',
      `${document.name} has ${document.sizeBytes} bytes; the limit is ${maxDocumentBytes}.`,
    );
  }
}

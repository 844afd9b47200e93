// Brings a shard up to date record by record, from the publisher's list of what changed since.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { chunkBytes, isPlombeError } from '@plombe/kit';
import type { PlannedDocument, ShardBase } from '../build/plan.ts';
import { builderVersion, type DocumentRecord, type ShardRecord } from '../database/manifest.ts';
import { readLines } from '../documents/lines.ts';
import type { FeedChange, FeedChangeList, FeedRequest } from '../feed.ts';
import { fetchDocument, type FetchContext, type FetchLimits } from './fetch-document.ts';

/** More changes than this cost more than the archive: a request each. OSV's busiest day had 3,000 in one ecosystem. */
const maxChanges = 5000;
/** Requests under way at once. */
const parallel = 8;
/** After so long everything is fetched anew, so that no mistake in a list stays. */
const wholeAfterDays = 30;

export type Increment =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'patch';
      readonly base: ShardBase;
      readonly documents: readonly PlannedDocument[];
    };

export interface IncrementContext {
  readonly ctx: FetchContext;
  readonly limits: FetchLimits;
  readonly nowMs: number;
  /** Folder of the database, and where downloads go: a path to which names are appended. */
  readonly database: string;
  readonly path: string;
}

/** Time of a change in milliseconds; lists write it with and without fractions and zones. */
function timeOf(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : time;
}

interface ListRead {
  readonly changes: readonly FeedChange[];
  readonly newest: string;
  readonly etag?: string;
}

/** Reads a list down to `after`, where it is sorted no further; undefined where it has not changed. */
async function readList(
  list: FeedChangeList,
  after: number,
  known: DocumentRecord | undefined,
  ctx: FetchContext,
): Promise<ListRead | undefined> {
  const headers = known?.etag === undefined ? {} : { 'if-none-match': known.etag };
  const response = await ctx.fetch(list.url, { headers, signal: ctx.signal });
  if (response.status === 304) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`answered ${response.status}`);
  }
  const changes: FeedChange[] = [];
  let newest = '';
  const body = response.body as unknown as AsyncIterable<Uint8Array>;
  reading: for await (const lines of readLines(body)) {
    ctx.signal.throwIfAborted();
    for (const line of lines) {
      const change = list.parse(line);
      if (change === undefined) continue;
      if (timeOf(change.at) > timeOf(newest)) newest = change.at;
      if (timeOf(change.at) > after) changes.push(change);
      else if (list.newestFirst) break reading;
      if (changes.length > maxChanges) break reading;
    }
  }
  const etag = response.headers.get('etag');
  return { changes, newest, ...(etag === null ? {} : { etag }) };
}

function recordOfList(list: FeedChangeList, { etag }: Pick<ListRead, 'etag'>, through: string): DocumentRecord {
  return { name: list.name, origin: list.url, sha256: '', bytes: 0, through, ...(etag === undefined ? {} : { etag }) };
}

/** A list without a line: whatever comes is new. */
const beginning = '1970-01-01T00:00:00Z';

/** Returns what to remember of the lists when everything is fetched: the newest change of now. Empty where one cannot be had. */
export async function startLists(lists: readonly FeedChangeList[], ctx: FetchContext): Promise<DocumentRecord[]> {
  const records: DocumentRecord[] = [];
  for (const list of lists) {
    try {
      const read = await readList(list, Number.POSITIVE_INFINITY, undefined, ctx);
      if (read !== undefined) records.push(recordOfList(list, read, read.newest || beginning));
    } catch {
      ctx.signal.throwIfAborted();
      return [];
    }
  }
  return records;
}

/** An archive may be older than the list: what changed after it was made is fetched next time, so the list is then asked for without its tag. */
export function notAfter(records: readonly DocumentRecord[], documents: readonly PlannedDocument[]): DocumentRecord[] {
  const dates = documents.map(({ date }) => date).filter((date) => date !== undefined);
  const oldest = dates.sort((a, b) => timeOf(a) - timeOf(b))[0];
  return records.map((record) => {
    if (oldest === undefined || timeOf(oldest) >= timeOf(record.through ?? '')) return record;
    const { etag: _, ...rest } = record;
    return { ...rest, through: oldest };
  });
}

/**
 * Returns what changed of a shard since its last update. Undefined where everything has to be fetched: the shard is of another builder,
 * over 30 days old, its lists cannot be had, or too much has changed.
 */
export async function fetchIncrement(
  lists: readonly FeedChangeList[],
  before: ShardRecord,
  options: IncrementContext,
): Promise<Increment | undefined> {
  const { ctx, nowMs, database } = options;
  const whole = before.documents.filter(({ through }) => through === undefined);
  const age = nowMs - timeOf(before.wholeAt ?? before.fetchedAt ?? '');
  if (before.builder !== builderVersion || whole.length === 0 || age > wholeAfterDays * 86_400_000) return undefined;
  const changes = new Map<string, FeedChange>();
  const records: DocumentRecord[] = [];
  let isUnchanged = true;
  for (const list of lists) {
    const known = before.documents.find(({ origin, through }) => origin === list.url && through !== undefined);
    if (known?.through === undefined) return undefined;
    try {
      const read = await readList(list, timeOf(known.through), known, ctx);
      if (read === undefined) {
        records.push(known);
        continue;
      }
      isUnchanged &&= read.changes.length === 0;
      for (const change of read.changes) {
        const earlier = changes.get(change.id);
        if (earlier === undefined || timeOf(change.at) >= timeOf(earlier.at)) changes.set(change.id, change);
      }
      records.push(recordOfList(list, read, timeOf(read.newest) > timeOf(known.through) ? read.newest : known.through));
    } catch {
      ctx.signal.throwIfAborted();
      return undefined;
    }
  }
  if (isUnchanged) return { kind: 'unchanged' };
  if (changes.size > Math.min(maxChanges, before.records / 2)) return undefined;
  const documents = await fetchRecords([...changes.values()], options);
  const base = {
    path: join(database, before.file),
    replaced: new Set(changes.keys()),
    documents: [...whole, ...records],
  };
  return { kind: 'patch', base: { ...base, wholeAt: before.wholeAt ?? before.fetchedAt ?? '' }, documents };
}

async function fetchRecords(changes: readonly FeedChange[], options: IncrementContext): Promise<PlannedDocument[]> {
  const wanted = changes.flatMap(({ document, at }) => (document === undefined ? [] : [{ document, at }]));
  const documents: PlannedDocument[] = [];
  for (let at = 0; at < wanted.length; at += parallel) {
    const some = wanted.slice(at, at + parallel);
    const fetched = await Promise.all(some.map((one, i) => fetchRecord(one.document, one.at, at + i, options)));
    documents.push(...fetched.filter((document) => document !== undefined));
  }
  return documents;
}

/** A record that is no longer there was deleted: it is left out of the shard. */
async function fetchRecord(
  request: FeedRequest,
  date: string,
  index: number,
  { ctx, limits, path, nowMs }: IncrementContext,
): Promise<PlannedDocument | undefined> {
  const file = `${path}.record-${index}`;
  try {
    const fetched = await fetchDocument(request, file, {}, ctx, limits);
    if (fetched.kind !== 'fetched') return undefined;
    const fetchedAt = new Date(nowMs).toISOString();
    const sizeBytes = fetched.bytes;
    const open: PlannedDocument['open'] = ({ signal }) => createReadStream(file, { highWaterMark: chunkBytes, signal });
    return {
      name: request.name,
      origin: request.url,
      path: file,
      sizeBytes,
      fetchedAt,
      checkedAt: fetchedAt,
      kind: 'original',
      date,
      open,
    };
  } catch (error) {
    if (isPlombeError(error) && / answered (?:404|410)\.$/.test(error.message)) return undefined;
    throw error;
  }
}

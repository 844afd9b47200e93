// Updates a database from upstream: fetches what changed of the feeds that are wanted, then builds as from a directory.
import { createReadStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chunkBytes, isPlombeError, messageOf } from '@plombe/kit';
import type { Context, Diagnostic } from '@plombe/model';
import { buildShards, type BuildResult, type ShardBuildOptions, type ShardOutcome } from '../build/build.ts';
import { openStaging } from '../build/commit.ts';
import type { FeedLists, PlannedDocument, ShardParser, ShardPlan } from '../build/plan.ts';
import { findDamage, readManifestIfAny } from '../database/location.ts';
import type { DocumentRecord, ShardRecord } from '../database/manifest.ts';
import { requestsOf, type FeedChangeList, type FeedDocument, type FeedRequest } from '../feed.ts';
import { defaultFetchLimits, fetchDocument, resolveRequest, type FetchLimits } from './fetch-document.ts';
import { fetchIncrement, notAfter, startLists, type Increment } from './increment.ts';

export interface UpdateOptions extends Omit<ShardBuildOptions, 'ctx' | 'confirmed'> {
  /** Ecosystems (`npm`, `Debian:12`, `Alpine:v3.20`), ids of feeds and of shards; each feed's usual set where absent. Facts are always fetched. */
  readonly only?: readonly string[];
  readonly lists: FeedLists;
  readonly fetchLimits?: FetchLimits;
  /** Keys of the user with publishers, by the id of their feed. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly ctx: ShardBuildOptions['ctx'] & Pick<Context, 'fetch'>;
}

interface WantedShard {
  readonly id: string;
  readonly parser: ShardParser;
  readonly documents: readonly FeedRequest[];
}

/** Fetches and builds. A feed that cannot be had is a diagnostic, and its last good shard stays; the others are updated. */
export async function updateDatabase(options: UpdateOptions): Promise<BuildResult> {
  const { to, ctx } = options;
  const present = new Map(presentShards(to).map((shard) => [shard.id, shard]));
  const downloads = openStaging(to, ctx.random);
  const plans: ShardPlan[] = [];
  const confirmed = new Map<string, string>();
  const failed: ShardOutcome[] = [];
  const diagnostics: Diagnostic[] = [];
  try {
    for (const wanted of wantedShards(options.lists, options.only)) {
      ctx.signal.throwIfAborted();
      const before = present.get(wanted.id);
      try {
        const path = join(downloads, wanted.id);
        const lists = wanted.parser.role === 'advisories' ? (wanted.parser.feed.changes?.(wanted.id) ?? []) : [];
        const increment = await incrementOf(lists, before, path, options);
        if (increment?.kind === 'unchanged') {
          confirmed.set(wanted.id, new Date(ctx.clock.nowMs()).toISOString());
          plans.push({ id: wanted.id, parser: wanted.parser, documents: [] });
          continue;
        }
        if (increment?.kind === 'patch') {
          plans.push({ id: wanted.id, parser: wanted.parser, ...increment });
          continue;
        }
        const state = await startLists(lists, ctx);
        const documents = await fetchShard(wanted, before, path, options);
        const facts = factsBeside(wanted, options.lists, documents ?? []).filter(
          ({ id }) => documents !== undefined || present.has(id),
        );
        const checkedAt = new Date(ctx.clock.nowMs()).toISOString();
        if (documents === undefined) for (const { id } of [wanted, ...facts]) confirmed.set(id, checkedAt);
        plans.push(
          { id: wanted.id, parser: wanted.parser, documents: documents ?? [], lists: notAfter(state, documents ?? []) },
          ...facts,
        );
      } catch (error) {
        ctx.signal.throwIfAborted();
        diagnostics.push(failure(wanted.id, error, before));
        const missing = before === undefined;
        failed.push({
          id: wanted.id,
          outcome: 'refused',
          records: before?.records ?? 0,
          ...(missing ? { missing } : {}),
        });
      }
    }
    return withFailures(await buildShards(plans, { ...options, confirmed }), failed, diagnostics);
  } finally {
    rmSync(downloads, { recursive: true, force: true });
  }
}

/** What changed of a shard whose publisher lists that; undefined where everything has to be fetched. */
async function incrementOf(
  lists: readonly FeedChangeList[],
  before: ShardRecord | undefined,
  path: string,
  { to, ctx, fetchLimits = defaultFetchLimits }: UpdateOptions,
): Promise<Increment | undefined> {
  if (before === undefined || lists.length === 0 || findDamage(to, before) !== undefined) return undefined;
  return fetchIncrement(lists, before, { ctx, limits: fetchLimits, nowMs: ctx.clock.nowMs(), database: to, path });
}

function presentShards(directory: string): readonly ShardRecord[] {
  try {
    return readManifestIfAny(directory)?.shards ?? [];
  } catch {
    return [];
  }
}

function wantedShards({ feeds, enrichments }: FeedLists, only: readonly string[] | undefined): WantedShard[] {
  const advisories = feeds.flatMap((feed) =>
    requestsOf(feed, only).map(({ shard, documents }) => ({
      id: shard,
      parser: { role: 'advisories' as const, feed },
      documents,
    })),
  );
  const facts = enrichments
    .map((feed) => ({ id: feed.id, parser: { role: 'facts' as const, feed }, documents: feed.requests() }))
    .filter(({ documents }) => documents.length > 0);
  return [...advisories, ...facts];
}

/** Facts in the documents of an advisory feed (NVD's scores), which are fetched once for both. */
function factsBeside(wanted: WantedShard, lists: FeedLists, documents: readonly PlannedDocument[]): ShardPlan[] {
  if (wanted.parser.role !== 'advisories') return [];
  return lists.enrichments
    .filter((feed) => feed.requests().length === 0 && wanted.documents.some(({ name }) => feed.matches(name)))
    .map((feed) => ({
      id: feed.id,
      parser: { role: 'facts' as const, feed },
      documents: documents.filter(({ name }) => feed.matches(name)),
    }));
}

/** Brings the folders of pages up to date; they stay in `mirror/<shard>` of the database. */
async function collectPages(
  wanted: WantedShard,
  before: ShardRecord | undefined,
  { to, ctx, secrets = {} }: UpdateOptions,
): Promise<{ readonly documents: readonly PlannedDocument[]; readonly changed: boolean }> {
  const documents: PlannedDocument[] = [];
  let changed = false;
  for (const { collect } of wanted.documents) {
    if (collect === undefined) continue;
    const secret = secrets[wanted.parser.feed.id];
    const collected = await collect(join(to, 'mirror', wanted.id), secret === undefined ? ctx : { ...ctx, secret });
    // What an update fetched and could not build is still to be built.
    changed ||= collected.changed || collected.changedAt > (before?.fetchedAt ?? '');
    const fetchedAt = new Date(ctx.clock.nowMs()).toISOString();
    documents.push(...collected.documents.map((document) => pageDocument(document, fetchedAt)));
  }
  return { documents, changed };
}

function pageDocument(document: Omit<FeedDocument, 'open'> & { readonly path: string }, at: string): PlannedDocument {
  const open: FeedDocument['open'] = ({ signal }) =>
    createReadStream(document.path, { highWaterMark: chunkBytes, signal });
  return { kind: 'original', ...document, fetchedAt: at, checkedAt: at, open };
}

/** Fetches the documents of a shard; undefined where none has changed since the shard was built. */
async function fetchShard(
  wanted: WantedShard,
  before: ShardRecord | undefined,
  path: string,
  options: UpdateOptions,
): Promise<PlannedDocument[] | undefined> {
  const { ctx, fetchLimits = defaultFetchLimits } = options;
  const requests: FeedRequest[] = [];
  const pages = await collectPages(wanted, before, options);
  for (const request of wanted.documents.filter(({ collect }) => collect === undefined))
    requests.push(await resolveRequest(request, `${path}.page`, ctx, fetchLimits));
  const known = requests.map((request) => knownDocument(request, before));
  const fetched = [];
  for (const [index, request] of requests.entries()) {
    fetched.push(await fetchDocument(request, `${path}.${index}`, known[index] ?? {}, ctx, fetchLimits));
  }
  const sameList = !pages.changed && countDocuments(before) === requests.length + pages.documents.length;
  if (sameList && fetched.every(({ kind }) => kind === 'unchanged')) return undefined;
  const documents: PlannedDocument[] = [...pages.documents];
  for (const [index, request] of requests.entries()) {
    let answer = fetched[index];
    if (answer?.kind !== 'fetched') answer = await fetchDocument(request, `${path}.${index}`, {}, ctx, fetchLimits);
    if (answer.kind === 'fetched')
      documents.push(toDocument(request, answer, new Date(ctx.clock.nowMs()).toISOString()));
  }
  return documents;
}

/** Documents of the whole: lists of changes are none. */
function countDocuments(before: ShardRecord | undefined): number | undefined {
  return before?.documents.filter(({ through }) => through === undefined).length;
}

function knownDocument(request: FeedRequest, before: ShardRecord | undefined): DocumentRecord | undefined {
  return before?.documents.find(({ name, origin }) => name === request.name && origin === request.url);
}

type FetchedDocument = Extract<Awaited<ReturnType<typeof fetchDocument>>, { kind: 'fetched' }>;

function toDocument(request: FeedRequest, fetched: FetchedDocument, fetchedAt: string): PlannedDocument {
  const { path, bytes, etag, lastModified } = fetched;
  const modified = Date.parse(lastModified ?? '');
  return {
    name: request.name,
    origin: request.url,
    path,
    sizeBytes: bytes,
    fetchedAt,
    checkedAt: fetchedAt,
    kind: 'original',
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(Number.isNaN(modified) ? {} : { date: new Date(modified).toISOString() }),
    open: ({ signal }) => createReadStream(path, { highWaterMark: chunkBytes, signal }),
  };
}

function failure(id: string, error: unknown, before: ShardRecord | undefined): Diagnostic {
  const code = isPlombeError(error) ? error.code : 'feed/unreachable';
  const stays = before === undefined ? 'There is no earlier data of it.' : 'The data of the last update stays.';
  return { code, level: 'error', message: `Feed ${id}: ${messageOf(error)} ${stays}`, path: id };
}

function withFailures(
  built: BuildResult,
  failed: readonly ShardOutcome[],
  diagnostics: readonly Diagnostic[],
): BuildResult {
  const ids = new Set(failed.map(({ id }) => id));
  const shards = [...built.shards.filter(({ id }) => !ids.has(id)), ...failed].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    ...built,
    shards,
    diagnostics: [...diagnostics, ...built.diagnostics],
    complete: built.complete && failed.length === 0,
  };
}

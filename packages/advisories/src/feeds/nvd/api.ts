// NVD's CVE API 2.0: all records in pages, or only what changed, within the limits that NVD asks for.
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { decodeText, field, isObject, listField, mebibyte, messageOf, PlombeError, readAll } from '@plombe/kit';
import type { CollectContext } from '../../feed.ts';
import type { Mirror } from './mirror.ts';

/** The most records NVD gives at once. */
const pageRecords = 2000;
/** 2,000 of the longest records have 60 MiB. */
const maxPageBytes = 256 * mebibyte;
/** NVD refuses a longer span between the changes asked for. */
const maxSpanMs = 120 * 86_400_000;
/** Clocks differ, and a page may have been made before the change was in it. */
const overlapMs = 3_600_000;
/** How often NVD may be asked. */
export interface NvdPauses {
  /** Between two requests. In 30 seconds five are allowed without a key, fifty with one. */
  readonly betweenMs: number;
  /** After an answer that says it was too often (403, 429, 503), doubled each time. */
  readonly refusedMs: number;
  /** After an answer that never came, doubled each time. */
  readonly brokenMs: number;
  readonly attempts: number;
}

const pausesWithoutKey: NvdPauses = { betweenMs: 6000, refusedMs: 30_000, brokenMs: 500, attempts: 4 };

/** Returns how often NVD may be asked. */
export function nvdPauses(secret: string | undefined): NvdPauses {
  return secret === undefined ? pausesWithoutKey : { ...pausesWithoutKey, betweenMs: 800 };
}

/** Where the API is, and the folder its pages are kept in. */
export interface ApiPlace {
  /** `https://services.nvd.nist.gov/rest/json/cves/2.0`. */
  readonly base: string;
  readonly mirror: Mirror;
  readonly pauses: NvdPauses;
}

interface Page {
  readonly total: number;
  readonly records: number;
  readonly bytes: Uint8Array;
}

/** Asks for one page, waiting as long as NVD wants. Throws `feed/unreachable`, `feed/malformed`. */
async function askPage(url: URL, ctx: CollectContext, pauses: NvdPauses): Promise<Page> {
  for (let attempt = 1; ; attempt++) {
    let cause: unknown;
    let pauseMs = pauses.brokenMs;
    try {
      const response = await ctx.fetch(url, { signal: ctx.signal, ...withKey(ctx.secret) });
      if (response.ok && response.body !== null) return await readPage(url, response.body);
      await response.body?.cancel();
      pauseMs = pauses.refusedMs;
      cause = new PlombeError('feed/unreachable', `${url.origin}${url.pathname} answered ${response.status}.`);
      if (![403, 429].includes(response.status) && response.status < 500) throw cause;
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (error === cause) throw error;
      cause = error;
    }
    if (attempt >= pauses.attempts) {
      if (cause instanceof PlombeError) throw cause;
      const reason = messageOf((cause as { cause?: unknown }).cause ?? cause).replace(/\.$/, '');
      throw new PlombeError('feed/unreachable', `${url.host} could not be asked: ${reason}.`, { cause });
    }
    await wait(pauseMs * 2 ** (attempt - 1), undefined, { signal: ctx.signal });
  }
}

/** The key goes to the API alone: an answer that leads elsewhere is an error then. */
function withKey(secret: string | undefined): RequestInit {
  return secret === undefined ? {} : { headers: { apiKey: secret }, redirect: 'error' };
}

async function readPage(url: URL, body: ReadableStream<Uint8Array>): Promise<Page> {
  const bytes = await readAll(body as unknown as AsyncIterable<Uint8Array>, maxPageBytes);
  let value: unknown;
  try {
    value = bytes === undefined ? undefined : JSON.parse(decodeText(bytes));
  } catch {
    value = undefined;
  }
  const total = isObject(value) ? field(value, 'totalResults') : undefined;
  const stated = isObject(value) ? field(value, 'resultsPerPage') : undefined;
  const records = isObject(value) ? listField(value, 'vulnerabilities').length : 0;
  // A page that holds less than it says is cut off, whatever its shape (T55).
  if (bytes === undefined || typeof total !== 'number' || stated !== records)
    throw new PlombeError('feed/malformed', `${url.host} sent a page that is none, or cut off.`);
  return { total, records, bytes };
}

/** Fetches pages from `start` on, one file each, and tells after each how far it is. */
async function fetchPages(
  { base, mirror, pauses }: ApiPlace,
  options: { readonly prefix: string; readonly start: number; readonly query: Readonly<Record<string, string>> },
  ctx: CollectContext,
  had: (next: number) => void,
): Promise<void> {
  for (let start = options.start; ; start += pageRecords) {
    const url = new URL(base);
    for (const [key, value] of Object.entries({
      ...options.query,
      startIndex: String(start),
      resultsPerPage: String(pageRecords),
    }))
      url.searchParams.set(key, value);
    const page = await askPage(url, ctx, pauses);
    if (page.records > 0)
      mirror.write(`${options.prefix}-${String(start).padStart(7, '0')}`, gzipSync(page.bytes), ctx.clock.nowMs());
    const next = start + page.records;
    ctx.progress?.({ task: 'fetch nvd', doneBytes: next, totalBytes: page.total, finished: next >= page.total });
    if (next < page.total && page.records < pageRecords)
      throw new PlombeError('feed/malformed', `${url.host} sent ${page.records} records of ${pageRecords}.`);
    had(next);
    if (next >= page.total) return;
    await wait(pauses.betweenMs, undefined, { signal: ctx.signal });
  }
}

/** Asks for all records, going on where an update was broken off. Everything else in the folder goes first. */
export async function askAll(place: ApiPlace, ctx: CollectContext): Promise<void> {
  const { mirror } = place;
  const { next: known, until: begun } = mirror.state;
  if (known === undefined) mirror.forget();
  const start = known ?? 0;
  const until = (known === undefined ? undefined : begun) ?? new Date(ctx.clock.nowMs()).toISOString();
  mirror.save({ ...mirror.state, next: start, until });
  const save = (next: number): void => mirror.save({ ...mirror.state, next });
  await fetchPages(place, { prefix: 'all', start, query: {} }, ctx, save);
  const { next: _, ...state } = mirror.state;
  mirror.save({ ...state, wholeAt: until });
}

/** Asks for what changed since the whole that is had. */
export async function askChanges(place: ApiPlace, ctx: CollectContext): Promise<void> {
  const { mirror, pauses } = place;
  const nowMs = ctx.clock.nowMs();
  let fromMs = Date.parse(mirror.state.until ?? '') - overlapMs;
  while (fromMs < nowMs) {
    const toMs = Math.min(nowMs, fromMs + maxSpanMs);
    const dates = [fromMs, toMs].map((at) => new Date(at).toISOString().replace('Z', '+00:00'));
    const [lastModStartDate = '', lastModEndDate = ''] = dates;
    const prefix = `changed-${lastModEndDate.replace(/\D/g, '').slice(0, 14)}`;
    await fetchPages(place, { prefix, start: 0, query: { lastModStartDate, lastModEndDate } }, ctx, () => {});
    mirror.save({ ...mirror.state, until: new Date(toMs).toISOString() });
    fromMs = toMs;
    if (fromMs < nowMs) await wait(pauses.betweenMs, undefined, { signal: ctx.signal });
  }
}

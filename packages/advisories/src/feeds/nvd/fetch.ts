// Keeps a folder of NVD's pages: all of them once, then only what changed, within the limits that NVD asks for.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import {
  decodeText,
  field,
  isObject,
  listField,
  mebibyte,
  messageOf,
  PlombeError,
  readAll,
  textField,
} from '@plombe/kit';
import type { CollectContext, Collected } from '../../feed.ts';

/** The most records NVD gives at once. */
const pageRecords = 2000;
/** 2,000 of the longest records have 60 MiB. */
const maxPageBytes = 256 * mebibyte;
/** NVD refuses a longer span between the changes asked for. */
const maxSpanMs = 120 * 86_400_000;
/** Clocks differ, and a page may have been made before the change was in it. */
const overlapMs = 3_600_000;
/** With more pages of changes than that all are asked for anew: by then most records have been sent twice. */
const maxPages = 1000;

/** How often NVD may be asked. */
export interface NvdPauses {
  /** Between two requests. Five in 30 seconds are allowed without a key. */
  readonly betweenMs: number;
  /** After an answer that says it was too often (403, 429, 503), doubled each time. */
  readonly refusedMs: number;
  /** After an answer that never came, doubled each time. */
  readonly brokenMs: number;
  readonly attempts: number;
}

export const nvdPauses: NvdPauses = { betweenMs: 6000, refusedMs: 30_000, brokenMs: 500, attempts: 4 };

/** `next`: the first record not yet had, while the whole is fetched; `until`: ISO instant up to which changes are had. */
interface State {
  readonly next?: number;
  readonly until: string;
}

interface Page {
  readonly total: number;
  readonly records: number;
  readonly bytes: Uint8Array;
}

const stateName = 'state.json';

function readState(folder: string): State | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, stateName), 'utf8'));
    const until = isObject(value) ? textField(value, 'until') : undefined;
    const next = isObject(value) ? field(value, 'next') : undefined;
    if (until === undefined || Number.isNaN(Date.parse(until))) return undefined;
    return typeof next === 'number' && Number.isSafeInteger(next) && next >= 0 ? { next, until } : { until };
  } catch {
    return undefined;
  }
}

function writeWhole(path: string, content: Uint8Array | string): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

/** Asks for one page, waiting as long as NVD wants. Throws `feed/unreachable`, `feed/malformed`. */
async function askPage(url: URL, ctx: CollectContext, pauses: NvdPauses): Promise<Page> {
  for (let attempt = 1; ; attempt++) {
    let cause: unknown;
    let pauseMs = pauses.brokenMs;
    try {
      const response = await ctx.fetch(url, { signal: ctx.signal });
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
  options: { readonly base: string; readonly folder: string; readonly prefix: string; readonly start: number },
  query: Readonly<Record<string, string>>,
  ctx: CollectContext,
  pauses: NvdPauses,
  had: (next: number) => void,
): Promise<number> {
  let written = 0;
  for (let start = options.start; ; start += pageRecords) {
    const url = new URL(options.base);
    for (const [key, value] of Object.entries({
      ...query,
      startIndex: String(start),
      resultsPerPage: String(pageRecords),
    }))
      url.searchParams.set(key, value);
    const page = await askPage(url, ctx, pauses);
    if (page.records > 0) {
      const name = `${options.prefix}-${String(start).padStart(7, '0')}.json.gz`;
      writeWhole(join(options.folder, name), gzipSync(page.bytes));
      written += 1;
    }
    const next = start + page.records;
    ctx.progress?.({ task: 'fetch nvd', doneBytes: next, totalBytes: page.total, finished: next >= page.total });
    if (next < page.total && page.records < pageRecords)
      throw new PlombeError('feed/malformed', `${url.host} sent ${page.records} records of ${pageRecords}.`);
    had(next);
    if (next >= page.total) return written;
    await wait(pauses.betweenMs, undefined, { signal: ctx.signal });
  }
}

/** Forgets all pages, so that all are asked for anew. */
function forget(folder: string): void {
  for (const name of readdirSync(folder)) if (/\.(?:json|gz|new)$/.test(name)) rmSync(join(folder, name));
}

/** Returns the pages of the folder as documents named `nvd/…`, sorted by name. */
function documentsOf(folder: string, base: string, checkedAt: string): Collected['documents'] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json.gz'))
    .sort()
    .map((name) => {
      const path = join(folder, name);
      return { name: `nvd/${name}`, origin: base, path, sizeBytes: statSync(path).size, date: checkedAt };
    });
}

/**
 * Brings the folder up to date and returns its pages. An update that was broken off goes on where it was. Throws `feed/unreachable`,
 * `feed/malformed`; what the folder had stays.
 */
export async function collectNvd(
  base: string,
  folder: string,
  ctx: CollectContext,
  pauses: NvdPauses = nvdPauses,
): Promise<Collected> {
  mkdirSync(folder, { recursive: true });
  const nowMs = ctx.clock.nowMs();
  const save = (state: State): void => writeWhole(join(folder, stateName), JSON.stringify(state));
  let state = existsSync(folder) ? readState(folder) : undefined;
  if (state === undefined || readdirSync(folder).length > maxPages) {
    forget(folder);
    state = { next: 0, until: new Date(nowMs).toISOString() };
  }
  let written = 0;
  if (state.next !== undefined) {
    const { next, until } = state;
    const place = { base, folder, prefix: 'all', start: next };
    written += await fetchPages(place, {}, ctx, pauses, (had) => save({ next: had, until }));
    state = { until };
    save(state);
  }
  // What was changed while all were fetched is asked for by the next update.
  let fromMs = written > 0 ? nowMs : Date.parse(state.until) - overlapMs;
  while (fromMs < nowMs) {
    const toMs = Math.min(nowMs, fromMs + maxSpanMs);
    const [from, to] = [fromMs, toMs].map((at) => new Date(at).toISOString().replace('Z', '+00:00')) as [
      string,
      string,
    ];
    const place = { base, folder, prefix: `changed-${to.replace(/\D/g, '').slice(0, 14)}`, start: 0 };
    written += await fetchPages(place, { lastModStartDate: from, lastModEndDate: to }, ctx, pauses, () => {});
    save({ until: new Date(toMs).toISOString() });
    fromMs = toMs;
    if (fromMs < nowMs) await wait(pauses.betweenMs, undefined, { signal: ctx.signal });
  }
  return { documents: documentsOf(folder, base, new Date(nowMs).toISOString()), changed: written > 0 };
}

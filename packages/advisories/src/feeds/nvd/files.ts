// NVD's data files: one for each year, rewritten about once a day, and `modified` with what changed in the last eight days, every two hours.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { chunkBytes, defaultLayerLimits, gibibyte, isPlombeError, PlombeError } from '@plombe/kit';
import { decompress } from '@plombe/formats';
import type { CollectContext } from '../../feed.ts';
import { defaultFetchLimits, fetchDocument, type FetchLimits } from '../../update/fetch-document.ts';
import type { Mirror } from './mirror.ts';

/** The file of 2002 holds everything before it, too. */
const firstYear = 2002;
const dayMs = 86_400_000;
/** What `modified` goes back. */
export const modifiedSpanMs = 8 * dayMs;
/** A yearly file may be as old as that though it is the newest, and clocks differ. */
const yearlyLagMs = 2 * dayMs;
/** Files of changes must overlap by that: a change is published before it is in the file. */
const overlapMs = dayMs / 2;
/** A `.meta` has five lines. */
const maxMetaBytes = 4096;
/** A year has under 200 MiB; all of NVD 1.5 GiB. */
const limits = { ...defaultLayerLimits, layerBytes: 8 * gibibyte };

/** What the `.meta` of a file says. */
export interface NvdMeta {
  /** When NVD made the file, in milliseconds since the epoch. */
  readonly madeMs: number;
  /** SHA-256 of the JSON that is packed in it, hex in lower case. */
  readonly sha256: string;
}

/** Reads a `.meta`: lines `lastModifiedDate:…`, `size:…`, `zipSize:…`, `gzSize:…`, `sha256:…`. Undefined where one that is needed is missing. */
export function parseNvdMeta(text: string): NvdMeta | undefined {
  const fields = new Map(
    Array.from(text.matchAll(/^(\w+):(.*?)\r?$/gm), ([, key = '', value = '']) => [key, value.trim()]),
  );
  const madeMs = Date.parse(fields.get('lastModifiedDate') ?? '');
  const sha256 = (fields.get('sha256') ?? '').toLowerCase();
  return Number.isNaN(madeMs) || !/^[0-9a-f]{64}$/.test(sha256) ? undefined : { madeMs, sha256 };
}

/** Where the files are, and the folder they are kept in. */
export interface FilesPlace {
  /** `https://nvd.nist.gov/feeds/json/cve/2.0`. */
  readonly base: string;
  readonly mirror: Mirror;
  readonly fetchLimits?: FetchLimits;
}

async function fetchMeta(name: string, place: FilesPlace, ctx: CollectContext): Promise<NvdMeta> {
  const url = `${place.base}/${name}.meta`;
  const path = `${place.mirror.path(name)}.meta.new`;
  try {
    const maxBytes = { ...(place.fetchLimits ?? defaultFetchLimits), maxBytes: maxMetaBytes };
    await fetchDocument({ name: `${name}.meta`, url }, path, {}, ctx, maxBytes);
    const meta = parseNvdMeta(readFileSync(path, 'utf8'));
    if (meta !== undefined) return meta;
    throw new PlombeError('feed/malformed', `${url} is no .meta of NVD.`);
  } finally {
    rmSync(path, { force: true });
  }
}

/** The digest of what is packed in a file; undefined where it cannot be unpacked. */
async function digestOf(path: string, signal: AbortSignal): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of decompress(createReadStream(path, { highWaterMark: chunkBytes, signal }), {
      signal,
      limits,
    }))
      hash.update(chunk);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
  return hash.digest('hex');
}

/**
 * Brings one file up to date, under its name or `as` another, and returns its `.meta`, which alone is asked for where the file is had. A file whose
 * digest is another is asked for once more, since NVD may have replaced both between. Throws `feed/unreachable`, `feed/malformed`.
 */
async function bring(
  name: string,
  place: FilesPlace,
  ctx: CollectContext,
  as?: (meta: NvdMeta) => string,
): Promise<NvdMeta> {
  const { mirror, base, fetchLimits = defaultFetchLimits } = place;
  const url = `${base}/${name}.json.gz`;
  for (let attempt = 1; attempt <= 2; attempt++) {
    const meta = await fetchMeta(name, place, ctx);
    const path = mirror.path(as?.(meta) ?? name);
    const isHad = as !== undefined || existsSync(path);
    if (isHad && mirror.state.files[name] === meta.sha256) return meta;
    await fetchDocument({ name: `${name}.json.gz`, url }, `${path}.new`, {}, ctx, fetchLimits);
    if ((await digestOf(`${path}.new`, ctx.signal)) === meta.sha256) {
      renameSync(`${path}.new`, path);
      mirror.save({ ...mirror.state, files: { ...mirror.state.files, [name]: meta.sha256 } });
      mirror.changed(ctx.clock.nowMs());
      return meta;
    }
    rmSync(`${path}.new`, { force: true });
  }
  throw new PlombeError('feed/malformed', `${url} is cut off, or not what the .meta beside it says.`);
}

const yearName = (year: number): string => `nvdcve-2.0-${year}`;

/** Files of changes are kept under the instant they were made at. */
const changesPattern = /^nvdcve-2\.0-modified-(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/;

function changesName({ madeMs }: NvdMeta): string {
  return `nvdcve-2.0-modified-${new Date(madeMs).toISOString().replace(/\D/g, '').slice(0, 14)}`;
}

function madeMsOf(name: string): number | undefined {
  const match = changesPattern.exec(name);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Brings the file of every year up to date, then what changed since. Everything else in the folder goes. */
export async function bringYears(place: FilesPlace, ctx: CollectContext): Promise<void> {
  const { mirror } = place;
  const startMs = ctx.clock.nowMs();
  const now = new Date(startMs);
  const years: string[] = [];
  for (let year = firstYear; year <= now.getUTCFullYear(); year++) {
    try {
      await bring(yearName(year), place, ctx);
      years.push(yearName(year));
    } catch (error) {
      // The file of a new year comes with its first records.
      const isYoung = year === now.getUTCFullYear() && now.getUTCMonth() === 0;
      if (!isYoung || !isPlombeError(error) || error.code !== 'feed/unreachable') throw error;
    }
  }
  const wholeAt = new Date(startMs - yearlyLagMs).toISOString();
  mirror.remove(mirror.names().filter((name) => !years.includes(name)));
  const { next: _, ...state } = mirror.state;
  const { ['nvdcve-2.0-modified']: _modified, ...files } = state.files;
  mirror.save({ ...state, files, wholeAt, until: wholeAt });
  await bringChanges(place, ctx);
}

/**
 * Adds what changed in the last eight days to a whole that is not older. Throws `feed/malformed` where the file does not reach back to it, so that
 * another way must be gone.
 */
export async function bringChanges(place: FilesPlace, ctx: CollectContext): Promise<void> {
  const { mirror } = place;
  const { until = '' } = mirror.state;
  const meta = await bring('nvdcve-2.0-modified', place, ctx, changesName);
  if (meta.madeMs - modifiedSpanMs > Date.parse(until))
    throw new PlombeError(
      'feed/malformed',
      `${place.base}/nvdcve-2.0-modified.json.gz does not reach back to ${until}.`,
    );
  const reachedMs = Math.max(Date.parse(until), meta.madeMs);
  mirror.save({ ...mirror.state, until: new Date(reachedMs).toISOString() });
  mirror.remove(superseded(mirror));
}

/** Files of changes that the ones before and after them make up for together. */
function superseded(mirror: Mirror): string[] {
  const files = mirror.names().flatMap((name) => {
    const madeMs = madeMsOf(name);
    return madeMs === undefined ? [] : [{ name, madeMs }];
  });
  let reachedMs = Date.parse(mirror.state.wholeAt ?? '');
  if (Number.isNaN(reachedMs)) return [];
  const gone: string[] = [];
  for (const [index, { name, madeMs }] of files.entries()) {
    const after = files[index + 1];
    if (after !== undefined && after.madeMs - modifiedSpanMs + overlapMs <= reachedMs) gone.push(name);
    else reachedMs = Math.max(reachedMs, madeMs);
  }
  return gone;
}

// Keeps a folder of NVD's documents: all of them once, then what changed, from its data files or its API, whichever can be had.
import { isPlombeError } from '@plombe/kit';
import type { CollectContext, Collected } from '../../feed.ts';
import type { FetchLimits } from '../../update/fetch-document.ts';
import { askAll, askChanges, nvdPauses, type NvdPauses } from './api.ts';
import { bringChanges, bringYears, modifiedSpanMs } from './files.ts';
import { Mirror } from './mirror.ts';

const dayMs = 86_400_000;
/** Half a day less than `modified` goes back. */
const filesReachMs = modifiedSpanMs - dayMs / 2;
/** NVD gives the changes of at most 120 days at once; those of more are most of its records. */
const apiReachMs = 120 * dayMs;
/** After that the whole is fetched again: most of its records are among the changes by then. */
const maxWholeAgeMs = 90 * dayMs;
/** With more documents than that, too. */
const maxDocuments = 1000;

/** Where NVD's documents are. */
export interface NvdPlaces {
  /** Folder of the data files: `https://nvd.nist.gov/feeds/json/cve/2.0`. */
  readonly files: string;
  /** The CVE API: `https://services.nvd.nist.gov/rest/json/cves/2.0`. */
  readonly api: string;
  readonly pauses?: NvdPauses;
  readonly fetchLimits?: FetchLimits;
}

type Way = 'years' | 'changes' | 'api' | 'api-changes';

/** The ways to a folder that is up to date, the cheapest first. Files come before the API: they are not counted. */
function waysFrom({ state, names }: { state: Mirror['state']; names: number }, nowMs: number): readonly Way[] {
  if (state.next !== undefined || state.until === undefined) return ['years', 'api'];
  const ageMs = nowMs - Date.parse(state.until);
  const wholeAgeMs = nowMs - Date.parse(state.wholeAt ?? state.until);
  if (wholeAgeMs > maxWholeAgeMs || names > maxDocuments) return ['years', 'api-changes'];
  if (ageMs <= filesReachMs) return ['changes', 'api-changes', 'years'];
  return ageMs <= apiReachMs ? ['api-changes', 'years'] : ['years', 'api-changes'];
}

/**
 * Brings the folder up to date and returns its documents. What was broken off goes on where it was; where one way fails the next is gone.
 * Throws what the first of them did, `feed/malformed` before `feed/unreachable`; what the folder had stays.
 */
export async function collectNvd(places: NvdPlaces, folder: string, ctx: CollectContext): Promise<Collected> {
  const mirror = new Mirror(folder);
  const nowMs = ctx.clock.nowMs();
  const { fetchLimits } = places;
  const files = { base: places.files, mirror, ...(fetchLimits === undefined ? {} : { fetchLimits }) };
  const api = { base: places.api, mirror, pauses: places.pauses ?? nvdPauses(ctx.secret) };
  const go: Readonly<Record<Way, () => Promise<void>>> = {
    years: () => bringYears(files, ctx),
    changes: () => bringChanges(files, ctx),
    api: () => askAll(api, ctx),
    'api-changes': () => askChanges(api, ctx),
  };
  let failure: unknown;
  for (const way of waysFrom({ state: mirror.state, names: mirror.names().length }, nowMs)) {
    try {
      await go[way]();
      const { changedAt = '' } = mirror.state;
      const documents = mirror.documents(places.api, new Date(nowMs).toISOString());
      return { documents, changed: mirror.written > 0, changedAt };
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (!isPlombeError(error)) throw error;
      // What was sent and is none of NVD's says more than what was not to be had.
      if (failure === undefined || (isUnreachable(failure) && !isUnreachable(error))) failure = error;
    }
  }
  throw failure;
}

function isUnreachable(error: unknown): boolean {
  return isPlombeError(error) && error.code === 'feed/unreachable';
}

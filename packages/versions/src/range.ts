// Version ranges as OSV defines them: is a version in one, and what is the next fixed version above it.
import type { RangeEvent } from '@plombe/model';
import type { VersionScheme } from './scheme.ts';

/** `unknown`: the version, or an event that counts, is no version of the scheme, or no event says where the range begins. */
export type RangeVerdict = 'in' | 'out' | 'unknown';

/**
 * Tells whether a version is in the range that the events describe (OSV schema 1.7, "affected[].ranges[]" and "Evaluation"): events in
 * any order and number, `introduced` "0" before every version, `fixed` exclusive, `lastAffected` inclusive, `limit` exclusive with
 * "*" for none. A `fixed` of "0" means never affected. Where one version is both introduced and fixed, the state before it goes on.
 */
export function isInRange<Parsed>(
  scheme: VersionScheme<Parsed>,
  version: string,
  events: readonly RangeEvent[],
): RangeVerdict {
  const parsed = scheme.parse(version);
  if (parsed === undefined) return 'unknown';
  if (events.length <= 2) {
    const verdict = inInterval(scheme, parsed, events);
    if (verdict !== undefined) return verdict;
  }
  const points: Point<Parsed>[] = [];
  let limits = 0;
  let beforeLimit = false;
  for (const event of events) {
    if (event.limit !== undefined) {
      const limit = event.limit === '*' ? undefined : scheme.parse(event.limit);
      if (limit === undefined && event.limit !== '*') return 'unknown';
      limits += 1;
      beforeLimit ||= limit === undefined || scheme.compare(parsed, limit) < 0;
    }
    for (const kind of pointKinds) {
      const text = event[kind];
      if (text === undefined) continue;
      const at = text === '0' && kind !== 'lastAffected' ? undefined : scheme.parse(text);
      if (at === undefined && text !== '0') return 'unknown';
      if (at === undefined && kind === 'lastAffected') return 'unknown';
      points.push({ kind, at });
    }
  }
  if (!points.some((point) => point.kind === 'introduced')) return 'unknown';
  if (limits > 0 && !beforeLimit) return 'out';
  return stateAt(scheme, parsed, points) ? 'in' : 'out';
}

/** Tells the same of the form that nearly all ranges have: one `introduced`, and one end at most. Undefined for every other form. */
function inInterval<Parsed>(
  scheme: VersionScheme<Parsed>,
  version: Parsed,
  events: readonly RangeEvent[],
): RangeVerdict | undefined {
  let introduced: string | undefined;
  let end: string | undefined;
  let isLast = false;
  for (const event of events) {
    if (event.limit !== undefined) return undefined;
    if (event.introduced !== undefined) {
      if (introduced !== undefined) return undefined;
      introduced = event.introduced;
    }
    const here = event.fixed ?? event.lastAffected;
    if (here === undefined) continue;
    if (end !== undefined || (event.fixed !== undefined && event.lastAffected !== undefined)) return undefined;
    end = here;
    isLast = event.fixed === undefined;
  }
  if (introduced === undefined || (end === '0' && !isLast)) return undefined;
  const from = introduced === '0' ? undefined : scheme.parse(introduced);
  const to = end === undefined ? undefined : scheme.parse(end);
  if ((from === undefined && introduced !== '0') || (to === undefined && end !== undefined)) return 'unknown';
  if (from !== undefined && scheme.compare(from, version) > 0) return 'out';
  if (to === undefined) return 'in';
  const distance = scheme.compare(to, version);
  if (distance > 0 || (distance === 0 && isLast)) return 'in';
  // Both lie behind the version: what began after the end goes on.
  return from !== undefined && scheme.compare(from, to) > 0 ? 'in' : 'out';
}

const pointKinds = ['introduced', 'fixed', 'lastAffected'] as const;

/** A parsed event; `at` undefined is before every version. */
interface Point<Parsed> {
  readonly kind: (typeof pointKinds)[number];
  readonly at: Parsed | undefined;
}

function stateAt<Parsed>(scheme: VersionScheme<Parsed>, version: Parsed, points: readonly Point<Parsed>[]): boolean {
  const passed = points
    .filter((point) => {
      const distance = point.at === undefined ? -1 : scheme.compare(point.at, version);
      return distance < 0 || (distance === 0 && point.kind !== 'lastAffected');
    })
    .sort((a, b) => comparePoints(scheme, a, b));
  let affected = false;
  for (let i = 0; i < passed.length;) {
    const first = passed[i] as Point<Parsed>;
    let introduced = false;
    let ended = false;
    for (; i < passed.length && comparePoints(scheme, first, passed[i] as Point<Parsed>) === 0; i++) {
      if (passed[i]?.kind === 'introduced') introduced = true;
      else ended = true;
    }
    if (introduced !== ended) affected = introduced;
  }
  return affected;
}

function comparePoints<Parsed>(scheme: VersionScheme<Parsed>, a: Point<Parsed>, b: Point<Parsed>): number {
  const order =
    a.at === undefined || b.at === undefined
      ? Number(a.at !== undefined) - Number(b.at !== undefined)
      : scheme.compare(a.at, b.at);
  if (order !== 0) return order;
  return Number(a.kind === 'lastAffected') - Number(b.kind === 'lastAffected');
}

/** Returns the smallest `fixed` of the events that is above the version, as written; undefined where there is none. */
export function fixedAbove<Parsed>(
  scheme: VersionScheme<Parsed>,
  version: string,
  events: readonly RangeEvent[],
): string | undefined {
  const parsed = scheme.parse(version);
  if (parsed === undefined) return undefined;
  let best: { readonly text: string; readonly at: Parsed } | undefined;
  for (const { fixed } of events) {
    const at = fixed === undefined ? undefined : scheme.parse(fixed);
    if (fixed === undefined || at === undefined || scheme.compare(at, parsed) <= 0) continue;
    if (best === undefined || scheme.compare(at, best.at) < 0) best = { text: fixed, at };
  }
  return best?.text;
}

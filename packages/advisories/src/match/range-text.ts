// Puts the part of a range that holds a version into words.
import type { RangeEvent, VersionRange } from '@plombe/model';
import type { VersionScheme } from '@plombe/versions';

/** Returns the interval of the range that holds the version: `>= 1.2, < 1.2.7 (deb)`, or `all versions (deb)`. */
export function rangeText(scheme: VersionScheme, version: string, range: VersionRange): string {
  const parsed = scheme.parse(version);
  const parts: string[] = [];
  const from = closest(scheme, parsed, range.events, 'introduced', -1);
  const fixed = closest(scheme, parsed, range.events, 'fixed', 1);
  const last = closest(scheme, parsed, range.events, 'lastAffected', 1);
  const limit = closest(scheme, parsed, range.events, 'limit', 1);
  if (from !== undefined) parts.push(`>= ${from}`);
  if (fixed !== undefined) parts.push(`< ${fixed}`);
  else if (last !== undefined) parts.push(`<= ${last}`);
  else if (limit !== undefined) parts.push(`< ${limit} (no fix)`);
  return `${parts.length === 0 ? 'all versions' : parts.join(', ')} (${range.scheme})`;
}

function closest(
  scheme: VersionScheme,
  version: unknown,
  events: readonly RangeEvent[],
  kind: keyof RangeEvent,
  side: -1 | 1,
): string | undefined {
  let best: { readonly text: string; readonly at: unknown } | undefined;
  for (const event of events) {
    const text = event[kind];
    if (text === undefined || text === '0' || text === '*') continue;
    const at = scheme.parse(text);
    if (at === undefined) continue;
    const order = Math.sign(scheme.compare(at, version));
    if (order !== side && order !== 0) continue;
    if (best === undefined || Math.sign(scheme.compare(at, best.at)) === -side) best = { text, at };
  }
  return best?.text;
}

/** Returns a whole range in words, for a version outside it: `>= 1, < 1.2.7; >= 2, < 2.3 (semver)`. */
export function wholeRangeText(range: VersionRange): string {
  const words = range.events.flatMap((event) => [
    ...(event.introduced === undefined || event.introduced === '0' ? [] : [`>= ${event.introduced}`]),
    ...(event.fixed === undefined ? [] : [`< ${event.fixed}`]),
    ...(event.lastAffected === undefined ? [] : [`<= ${event.lastAffected}`]),
    ...(event.limit === undefined || event.limit === '*' ? [] : [`< ${event.limit} (no fix)`]),
  ]);
  return `${words.length === 0 ? 'all versions' : words.join(', ')} (${range.scheme})`;
}

/** Returns all ranges of an entry in words; where it lists versions instead, how many. */
export function rangesText({
  ranges,
  versions,
}: {
  readonly ranges: readonly VersionRange[];
  readonly versions: readonly string[];
}): string {
  return ranges.map(wholeRangeText).join('; or ') || `one of ${versions.length} versions listed`;
}

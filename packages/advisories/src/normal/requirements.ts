// Ranges of a publisher that writes requirements instead of events: intervals of versions, what is left of them, and the events of the rest.
import { schemeById, type Bound, type Interval, type VersionScheme } from '@plombe/versions';
import type { RangeEvent, VersionRange } from '@plombe/model';

/** Intervals of one requirement each: a record of RubySec has under 30. */
const maxRequirements = 200;

/** Returns the intervals that any of the requirements allows; undefined where one of them cannot be read. */
export function intervalsOf(schemeId: string, requirements: readonly string[]): readonly Interval[] | undefined {
  const scheme = schemeById(schemeId);
  const read = requirements.slice(0, maxRequirements).map((text) => scheme?.requirement?.(text));
  return read.includes(undefined) ? undefined : read.flatMap((intervals) => intervals ?? []);
}

/** Returns what of `intervals` is in none of `others`, each the longest possible, in ascending order. */
export function without(
  schemeId: string,
  intervals: readonly Interval[],
  others: readonly Interval[],
): readonly Interval[] {
  const scheme = schemeById(schemeId);
  if (scheme === undefined) return [];
  let left = merged(scheme, intervals);
  for (const other of others) {
    left = left.flatMap((interval) => cut(scheme, interval, other));
  }
  return left;
}

/** Joins intervals that overlap or touch, so that a branch which goes on in the next is one range with the next's fix. */
export function merged(scheme: VersionScheme, intervals: readonly Interval[]): readonly Interval[] {
  const sorted = [...intervals].sort((a, b) => compareStarts(scheme, a.from, b.from));
  const joined: Interval[] = [];
  for (const interval of sorted) {
    const last = joined.at(-1);
    if (last === undefined || isApart(scheme, last.to, interval.from)) joined.push(interval);
    else joined[joined.length - 1] = span(last.from, laterEnd(scheme, last.to, interval.to));
  }
  return joined;
}

function order(scheme: VersionScheme, a: Bound, b: Bound): number {
  return scheme.compare(scheme.parse(a.version), scheme.parse(b.version));
}

function compareStarts(scheme: VersionScheme, a: Bound | undefined, b: Bound | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return order(scheme, a, b) || Number(b.included) - Number(a.included);
}

function isApart(scheme: VersionScheme, end: Bound | undefined, start: Bound | undefined): boolean {
  if (end === undefined || start === undefined) return false;
  const gap = order(scheme, start, end);
  return gap > 0 || (gap === 0 && !start.included && !end.included);
}

function laterEnd(scheme: VersionScheme, a: Bound | undefined, b: Bound | undefined): Bound | undefined {
  if (a === undefined || b === undefined) return undefined;
  return (order(scheme, a, b) || Number(a.included) - Number(b.included)) >= 0 ? a : b;
}

function span(from: Bound | undefined, to: Bound | undefined): Interval {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function isEmpty(scheme: VersionScheme, { from, to }: Interval): boolean {
  if (from === undefined || to === undefined) return false;
  const length = order(scheme, to, from);
  return length < 0 || (length === 0 && !(from.included && to.included));
}

/** What is before the other interval, and what is after it. */
function cut(scheme: VersionScheme, interval: Interval, other: Interval): Interval[] {
  if (isEmpty(scheme, other)) return [interval];
  const turned = (bound: Bound): Bound => ({ version: bound.version, included: !bound.included });
  const parts: Interval[] = [];
  if (other.from !== undefined) parts.push(span(interval.from, earlierEnd(scheme, interval.to, turned(other.from))));
  if (other.to !== undefined) parts.push(span(laterStart(scheme, interval.from, turned(other.to)), interval.to));
  return parts.filter((part) => !isEmpty(scheme, part));
}

function earlierEnd(scheme: VersionScheme, a: Bound | undefined, b: Bound): Bound {
  return a === undefined || (order(scheme, a, b) || Number(a.included) - Number(b.included)) >= 0 ? b : a;
}

function laterStart(scheme: VersionScheme, a: Bound | undefined, b: Bound): Bound {
  return a === undefined || compareStarts(scheme, a, b) <= 0 ? b : a;
}

/** What a version just above another is written as: no release lies between them. */
const above: Readonly<Record<string, (version: string) => string>> = {
  gem: (version) => `${version}.0.0.0.1`,
  tag: (version) => `${version}.0.0.0.1`,
  composer: (version) => `${version}-patch0`,
  semver: (version) => (version.includes('-') ? `${version}.0` : `${nextPatch(version)}-0`),
};

function nextPatch(version: string): string {
  const [major = '0', minor = '0', patch = '0'] = version.replace(/\+.*$/, '').split('.');
  return `${major}.${minor}.${BigInt(patch) + 1n}`;
}

/**
 * Returns one range for each interval. An end that is excluded is a fix where `isFix` says so, else a mere limit; an end that is included is the
 * last affected version.
 */
export function rangesOf(
  schemeId: string,
  intervals: readonly Interval[],
  isFix: (end: Bound) => boolean,
): VersionRange[] {
  return intervals.map(({ from, to }) => {
    const introduced =
      from === undefined ? '0' : from.included ? from.version : (above[schemeId]?.(from.version) ?? from.version);
    const events: RangeEvent[] = [{ introduced }];
    if (to !== undefined)
      events.push(
        to.included ? { lastAffected: to.version } : isFix(to) ? { fixed: to.version } : { limit: to.version },
      );
    return { scheme: schemeId, events };
  });
}

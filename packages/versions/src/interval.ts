// What a requirement on a version allows: intervals, and what is common to two sets of them.
import type { VersionScheme } from './scheme.ts';

/** Versions between two others, written as in the requirement; an absent bound is none. */
export interface Interval {
  readonly from?: Bound;
  readonly to?: Bound;
}

export interface Bound {
  readonly version: string;
  readonly included: boolean;
}

/** Characters of a requirement that is read: real ones have less than 100, and reading takes the square of it. */
export const longestRequirement = 1000;

/** Every version. */
export const everything: readonly Interval[] = [{}];

/** Returns the intervals of a comparison with one of `= == != <> < <= > >=`; undefined for another sign. */
export function comparison(sign: string, version: string): readonly Interval[] | undefined {
  const [included, excluded]: readonly Bound[] = [
    { version, included: true },
    { version, included: false },
  ];
  if (sign === '=' || sign === '==') return [{ from: included, to: included }];
  if (sign === '!=' || sign === '<>') return [{ to: excluded }, { from: excluded }];
  if (sign === '>') return [{ from: excluded }];
  if (sign === '>=') return [{ from: included }];
  if (sign === '<') return [{ to: excluded }];
  return sign === '<=' ? [{ to: included }] : undefined;
}

/** Returns what two sets of intervals have in common; a bound that is no version of the scheme keeps its interval out. */
export function common<Parsed>(
  scheme: Pick<VersionScheme<Parsed>, 'parse' | 'compare'>,
  left: readonly Interval[],
  right: readonly Interval[],
): readonly Interval[] {
  const stricter = (a: Bound | undefined, b: Bound | undefined, direction: 1 | -1): Bound | undefined => {
    if (a === undefined || b === undefined) return a ?? b;
    const order = orderOf(scheme, a.version, b.version) * direction;
    if (order !== 0) return order > 0 ? a : b;
    return a.included ? b : a;
  };
  return left.flatMap((a) =>
    right.flatMap((b) => {
      const from = stricter(a.from, b.from, 1);
      const to = stricter(a.to, b.to, -1);
      if (from !== undefined && to !== undefined) {
        const order = orderOf(scheme, from.version, to.version);
        if (!(order < 0 || (order === 0 && from.included && to.included))) return [];
      }
      return [{ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
    }),
  );
}

/** NaN where one of them is no version. */
function orderOf<Parsed>(scheme: Pick<VersionScheme<Parsed>, 'parse' | 'compare'>, a: string, b: string): number {
  const [left, right] = [scheme.parse(a), scheme.parse(b)];
  return left === undefined || right === undefined ? Number.NaN : scheme.compare(left, right);
}

/** Returns the intervals of `[1.0,2.0)`, several with commas between them, as Maven and NuGet write them: `[1.0]` is one version. Undefined for all else. */
export function bracketed(text: string, isVersion: (version: string) => boolean): readonly Interval[] | undefined {
  if (text.length > longestRequirement) return undefined;
  const intervals: Interval[] = [];
  let rest = text.replaceAll(/\s/g, '');
  while (rest !== '') {
    const end = rest.search(/[\])]/);
    const [first = '', second, ...more] = rest.slice(1, end).split(',');
    const [opening, closing] = [rest.charAt(0), rest.charAt(end)];
    if (end < 1 || !'[('.includes(opening) || more.length > 0) return undefined;
    if (second === undefined && (opening !== '[' || closing !== ']' || first === '')) return undefined;
    const last = second ?? first;
    if (![first, last].every((bound) => bound === '' || isVersion(bound))) return undefined;
    intervals.push({
      ...(first === '' ? {} : { from: { version: first, included: opening === '[' } }),
      ...(last === '' ? {} : { to: { version: last, included: closing === ']' } }),
    });
    rest = rest.slice(end + 1);
    if (rest === '') break;
    if (!rest.startsWith(',') || rest === ',') return undefined;
    rest = rest.slice(1);
  }
  return intervals.length === 0 ? undefined : intervals;
}

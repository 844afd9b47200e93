// What a deliberately naive second reading of a feed claims of one package: the judge of the matcher in oracle.test.ts.

/** Order of two versions by the ecosystem's own tool; undefined where it refuses one of them. */
export type Order = (a: string, b: string) => number | undefined;

/** One event list as a feed writes it. */
export type Events = readonly Readonly<Record<string, string>>[];

/** One record's statement about one package. `veto`: the vendor says that no version is affected. */
export interface Claim {
  readonly id: string;
  readonly name: string;
  readonly ranges: readonly Events[];
  readonly versions: readonly string[];
  readonly veto?: boolean;
  /** Exclusive lower bound, which OSV's events have no word for. */
  readonly above?: string;
  /** Builds that the claim does not speak of, by their version. */
  readonly except?: RegExp;
}

/** Every version that a claim names. */
export function boundariesOf({ ranges, versions, above = '0' }: Claim): string[] {
  const named = ranges.flatMap((events) => events.flatMap((event) => Object.values(event)));
  return [...named, above, ...versions.slice(0, 3), ...versions.slice(-3)].filter(
    (version) => version !== '0' && version !== '*',
  );
}

/** Pairs whose order `holds` may ask for. */
export function pairsFor(claim: Claim, version: string): (readonly [string, string])[] {
  const named = claim.ranges.map((events) => events.flatMap((event) => Object.values(event)));
  const asked = [
    ...[...named.flat(), ...claim.versions, claim.above ?? '0'].map((other) => [version, other] as const),
    ...named.flatMap((texts) => texts.flatMap((a) => texts.map((b) => [a, b] as const)).filter(([a, b]) => a !== b)),
  ];
  return asked.filter(([a, b]) => a !== '0' && b !== '0');
}

/**
 * Tells whether a version is affected, without sorting anything: some `introduced` at or below it with no end between. Undefined where an
 * order that decides is not known.
 */
export function holds({ ranges, versions, above, except }: Claim, version: string, order: Order): boolean | undefined {
  if (except?.test(version) === true) return false;
  if (above !== undefined && (order(version, above) ?? 0) <= 0) return false;
  if (versions.includes(version) || versions.some((other) => order(version, other) === 0)) return true;
  const verdicts = ranges.map((events) => inEvents(events, version, order));
  if (verdicts.includes(true)) return true;
  return verdicts.includes(undefined) ? undefined : false;
}

function inEvents(events: Events, version: string, order: Order): boolean | undefined {
  const texts = (kind: string): string[] => events.map((event) => event[kind]).filter((text) => text !== undefined);
  const above = (a: string, b: string): number | undefined => (b === '0' ? 1 : a === '0' ? -1 : order(a, b));
  const orders = events.flatMap((event) => Object.values(event)).map((text) => above(version, text));
  if (orders.includes(undefined)) return undefined;
  const limits = texts('limit');
  if (limits.length > 0 && !limits.some((limit) => (above(version, limit) as number) < 0)) return false;
  return texts('introduced').some((from) => {
    if ((above(version, from) as number) < 0) return false;
    const fixed = texts('fixed').some((end) => (above(version, end) as number) >= 0 && (above(end, from) ?? 0) >= 0);
    const passed = texts('last_affected').some(
      (last) => (above(version, last) as number) > 0 && (last === from || (above(last, from) ?? 0) >= 0),
    );
    return !fixed && !passed;
  });
}

// A trap of an advisory feed: what a careless reader gets wrong, and what has to be said of real packages instead.

/** What the report must hold of the finding; `undefined` where there must be none. */
export type Expected = Readonly<Record<string, unknown>> | undefined;

/** One trap. `says`: package, an id of the vulnerability, what is expected; the records named are real. */
export interface Trap {
  readonly title: string;
  readonly says: readonly (readonly [purl: string, id: string, expected: Expected])[];
}

/** Affected, whatever else is said. */
export const affected: Expected = {};

/** Affected, with the fix in this version. */
export const fixedIn = (...fixedVersions: readonly string[]): Expected => ({ fixedVersions });

/** Returns the purl of a package of a distribution; what follows `?` is added to its qualifiers. */
export function systemPurl(type: string, distro: string, name: string, version: string, upstream?: string): string {
  const source = upstream === undefined ? '' : `&upstream=${encodeURIComponent(upstream)}`;
  return `pkg:${type}/x/${name}@${encodeURIComponent(version)}?distro=${distro}${source}`;
}

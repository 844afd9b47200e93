// Who needs whom: from what a project asks for to the scope of each package of its lock file.
import type { PackageScope } from '@plombe/model';
import { strongerScope } from './declared-packages.ts';

/** A dependency of a project or of a package: the key of what it leads to, and what it is needed for there. */
export interface Need {
  readonly key: string;
  readonly scope: PackageScope;
}

/** The place of a package in the graph of its file, as a declaration has it. */
export interface Links {
  readonly key: string;
  /** Keys of what it needs. */
  readonly needs: readonly string[];
}

/** Returns what `needsOf` says of the package, for its declaration. */
export function linksOf(key: string, needsOf: (key: string) => readonly Need[]): Links {
  return { key, needs: needsOf(key).map((need) => need.key) };
}

/** Steps of `via` that are named; the middle of longer chains is left out. */
const maxSteps = 8;
/** npm's limit on names; a longer one would be repeated in every package below it. (T25) */
const maxNameLength = 214;

/** Entries that one written dependency may mean; tools write the version where there are several, and real forks have two or three. (T15) */
export const maxMeanings = 8;

export interface Reached {
  readonly scope: PackageScope;
  readonly direct: boolean;
  /** From what the project asks for to this one: `express > body-parser > qs`. Shortest first found; absent for direct ones. */
  readonly via?: string;
}

/**
 * Returns what is reached from `roots`, with its scope: the strongest of all ways to it, where a way is as weak as its weakest step. `needsOf` answers
 * what a package needs. Cycles and packages that are reached by many ways cost nothing more: each is visited once for each scope at most.
 */
export function reach(
  roots: readonly Need[],
  needsOf: (key: string) => readonly Need[],
  nameOf: (key: string) => string,
): ReadonlyMap<string, Reached> {
  const scopes = new Map<string, PackageScope>();
  const parents = new Map<string, string | undefined>();
  for (const { key } of roots) parents.set(key, undefined);
  const follow = (key: string, from: string): string => {
    if (!parents.has(key)) parents.set(key, from);
    return key;
  };
  for (const wanted of ['runtime', 'optional', 'development'] as const) {
    const queue = roots.filter(({ scope }) => scope === wanted).map(({ key }) => key);
    for (const [key, scope] of scopes) {
      // Weaker steps of what was reached before start here.
      for (const need of needsOf(key)) if (weaker(scope, need.scope) === wanted) queue.push(follow(need.key, key));
    }
    for (let at = 0; at < queue.length; at++) {
      const key = queue[at] as string;
      if (scopes.has(key)) continue;
      scopes.set(key, wanted);
      for (const need of needsOf(key)) {
        if (weaker(wanted, need.scope) === wanted) queue.push(follow(need.key, key));
      }
    }
  }
  const reached = new Map<string, Reached>();
  for (const [key, scope] of scopes) {
    const via = viaOf(key, parents, nameOf);
    reached.set(key, { scope, direct: parents.get(key) === undefined, ...(via === undefined ? {} : { via }) });
  }
  return reached;
}

function weaker(a: PackageScope, b: PackageScope): PackageScope {
  return strongerScope(a, b) === a ? b : a;
}

function viaOf(
  key: string,
  parents: ReadonlyMap<string, string | undefined>,
  nameOf: (key: string) => string,
): string | undefined {
  const steps = [nameOf(key).slice(0, maxNameLength)];
  for (let at = parents.get(key); at !== undefined && steps.length < maxSteps; at = parents.get(at)) {
    steps.push(nameOf(at).slice(0, maxNameLength));
    if (steps.length === maxSteps && parents.get(at) !== undefined) steps.push('…');
  }
  return steps.length === 1 ? undefined : steps.reverse().join(' > ');
}

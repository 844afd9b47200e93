// Who needs whom, as both formats write it: what the subject itself leads to, and what packages need.
import type { Package } from '@plombe/model';

/**
 * Yields the ids of the packages that the subject leads to itself: those that no other needs, those that the project asks for, and one of each circle
 * that nothing else leads to, so that everything is reached. Without a graph that is every package, and nothing is held of them.
 */
export function* rootsOf(packages: Iterable<Package>): Iterable<string> {
  const needs = new Map<string, readonly string[]>();
  const needed = new Set<string>();
  for (const { id, dependsOn } of packages) {
    if (dependsOn === undefined) continue;
    needs.set(id, dependsOn);
    for (const one of dependsOn) needed.add(one);
  }
  const reached = new Set<string>();
  const reach = (id: string): void => {
    const pending = [id];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      pending.push(...(needs.get(next) ?? []));
    }
  };
  for (const { id, direct } of packages) {
    if (needed.has(id) && direct !== true) continue;
    if (needs.has(id)) reach(id);
    yield id;
  }
  if (needed.size === 0) return;
  for (const { id, direct } of packages) {
    if (!needed.has(id) || direct === true || reached.has(id)) continue;
    reach(id);
    yield id;
  }
}

/** Yields what packages need, of what is in the list. */
export function* needsOf(
  packages: Iterable<Package>,
): Iterable<{ readonly id: string; readonly needs: readonly string[] }> {
  let ids: Set<string> | undefined;
  for (const { id, dependsOn } of packages) {
    if (dependsOn === undefined) continue;
    if (ids === undefined) {
      ids = new Set();
      for (const other of packages) ids.add(other.id);
    }
    const known = ids;
    const needs = dependsOn.filter((one) => known.has(one));
    if (needs.length > 0) yield { id, needs };
  }
}

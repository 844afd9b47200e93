// Packages that are files of another: which of the two is compared and reported.
import type { Distribution, Package } from '@plombe/model';
import { normaliseName } from '../normal/ecosystems.ts';
import { comparisonOf } from './comparison.ts';

/**
 * Returns the ids of the packages that are reported through another. What a package owns is reported through it, unless there are no advisories for
 * such owners (Arch Linux, conda): then what it owns is compared itself, and speaks for a package of conda that is the same project's release.
 */
export function shieldedPackages(
  packages: readonly Package[],
  distribution: Distribution | undefined,
): ReadonlySet<string> {
  const owned = packages.filter(({ ownedBy }) => ownedBy !== undefined);
  if (owned.length === 0) return new Set();
  const owners = new Set(owned.map(({ ownedBy }) => ownedBy));
  const silent = new Map<string, Package>();
  for (const item of packages) {
    if (owners.has(item.id) && 'cause' in comparisonOf(item, distribution)) silent.set(item.id, item);
  }
  const shielded = new Set<string>();
  for (const item of owned) {
    const owner = silent.get(item.ownedBy as string);
    if (owner === undefined) shielded.add(item.id);
    else if (isSameRelease(owner, item)) shielded.add(owner.id);
  }
  return shielded;
}

function isSameRelease(owner: Package, item: Package): boolean {
  if (owner.type !== 'conda' || item.type !== 'pypi' || owner.version !== item.version) return false;
  return normaliseName('PyPI', owner.name) === normaliseName('PyPI', item.name);
}

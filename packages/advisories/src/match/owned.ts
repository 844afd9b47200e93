// Packages that are files of another: reported through their owner, where that one can be compared.
import type { Distribution, Package } from '@plombe/model';
import { comparisonOf } from './comparison.ts';

/**
 * Returns the ids of the packages that are reported through their owner. An owner without advisories (Arch Linux, conda) speaks for nobody:
 * what it owns is compared itself.
 */
export function shieldedPackages(
  packages: readonly Package[],
  distribution: Distribution | undefined,
): ReadonlySet<string> {
  const owned = packages.filter(({ ownedBy }) => ownedBy !== undefined);
  if (owned.length === 0) return new Set();
  const owners = new Set(owned.map(({ ownedBy }) => ownedBy));
  const silent = new Set<string>();
  for (const item of packages) {
    if (owners.has(item.id) && 'cause' in comparisonOf(item, distribution)) silent.add(item.id);
  }
  return new Set(owned.filter(({ ownedBy }) => !silent.has(ownedBy as string)).map(({ id }) => id));
}

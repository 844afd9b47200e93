// purl types of packages that a distribution's own manager installs, and trees that have none of them.
import type { Inventory } from './inventory.ts';

const systemTypes: ReadonlySet<string> = new Set(['alpm', 'apk', 'deb', 'ebuild', 'opkg', 'rpm']);

/** True for the purl type of a distribution's packages: its release decides about their advisories, and its manager upgrades them. */
export function isSystemType(type: string): boolean {
  return systemTypes.has(type);
}

/** True for a folder that is no root file system: neither a distribution nor a package of one is in it, and none is missing. */
export function isSourceTree({
  subject,
  distribution,
  packages,
}: Pick<Inventory, 'subject' | 'packages'> & {
  readonly distribution?: Inventory['distribution'] | undefined;
}): boolean {
  return subject.source === 'dir' && distribution === undefined && !packages.some(({ type }) => isSystemType(type));
}

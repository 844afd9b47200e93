// purl types of packages that a distribution's own manager installs.

const systemTypes: ReadonlySet<string> = new Set(['alpm', 'apk', 'deb', 'ebuild', 'opkg', 'rpm']);

/** True for the purl type of a distribution's packages: its release decides about their advisories, and its manager upgrades them. */
export function isSystemType(type: string): boolean {
  return systemTypes.has(type);
}

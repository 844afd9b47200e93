// Ecosystems as OSV spells them: which version scheme they compare with, and how they compare names.

const schemes: ReadonlyMap<string, string> = new Map([
  ['AlmaLinux', 'rpm'],
  ['Alpaquita', 'apk'],
  ['Alpine', 'apk'],
  ['Amazon Linux', 'rpm'],
  ['Azure Linux', 'rpm'],
  ['BellSoft Hardened Containers', 'apk'],
  ['Bioconductor', 'cran'],
  ['Bitnami', 'semver'],
  ['CPython', 'pep440'],
  ['CRAN', 'cran'],
  ['CentOS Stream', 'rpm'],
  ['Chainguard', 'apk'],
  ['CleanStart', 'apk'],
  ['ConanCenter', 'tag'],
  ['Debian', 'deb'],
  ['Echo', 'deb'],
  ['Fedora', 'rpm'],
  ['GHC', 'hackage'],
  ['GitHub Actions', 'semver'],
  ['Go', 'go'],
  ['Hackage', 'hackage'],
  ['Hex', 'hex'],
  ['JavaScript', 'semver'],
  ['Julia', 'pub'],
  ['Mageia', 'rpm'],
  ['Mariner', 'rpm'],
  ['Maven', 'maven'],
  ['MinimOS', 'apk'],
  ['NVD', 'tag'],
  ['Node.js', 'semver'],
  ['NuGet', 'nuget'],
  ['OSS-Fuzz', 'tag'],
  ['Oracle Linux', 'rpm'],
  ['Packagist', 'composer'],
  ['Photon OS', 'rpm'],
  ['Pub', 'pub'],
  ['PyPI', 'pep440'],
  ['Red Hat', 'rpm'],
  ['Rocky Linux', 'rpm'],
  ['Ruby', 'gem'],
  ['RubyGems', 'gem'],
  ['SUSE', 'rpm'],
  ['SwiftURL', 'semver'],
  ['Ubuntu', 'deb'],
  ['VSCode', 'semver'],
  ['Wolfi', 'apk'],
  ['crates.io', 'semver'],
  ['kubernetes', 'semver'],
  ['npm', 'semver'],
  ['openEuler', 'rpm'],
  ['openSUSE', 'rpm'],
]);

const byLowerCase: ReadonlyMap<string, string> = new Map([...schemes.keys()].map((name) => [name.toLowerCase(), name]));

/** Returns OSV's spelling of an ecosystem named without its release, whatever the case; undefined for an unknown one. */
export function knownEcosystem(name: string): string | undefined {
  return byLowerCase.get(name.toLowerCase());
}

/** Returns the ecosystem without its release: `Debian:12` → `Debian`. */
export function ecosystemBase(ecosystem: string): string {
  const colon = ecosystem.indexOf(':');
  return colon < 0 ? ecosystem : ecosystem.slice(0, colon);
}

/** Stands for the scheme of a range that names commits alone: no version can be compared with it. */
export const commits = 'commits';

/**
 * Returns the id of the version scheme of an ecosystem. Schemes that Plombe does not have (yet) are named all the same, so that
 * their ranges are kept and reported as not comparable. An unknown ecosystem gets its own name in lower case.
 */
export function schemeOfEcosystem(ecosystem: string): string {
  const base = ecosystemBase(ecosystem);
  return schemes.get(base) ?? base.toLowerCase().replaceAll(' ', '-');
}

/** Go is among them because package URLs write module paths in lower case, and no two modules differ in case alone but by renaming. */
const lowerCaseNames: ReadonlySet<string> = new Set(['NuGet', 'Packagist', 'GitHub Actions', 'Go', 'Hex', 'Pub']);

/** Returns a package name the way its ecosystem compares names: PEP 503 for PyPI, without scheme and `.git` for Swift, lower case where case does not count. */
export function normaliseName(ecosystem: string, name: string): string {
  const base = ecosystemBase(ecosystem);
  if (base === 'PyPI') return name.toLowerCase().replace(/[-_.]+/g, '-');
  if (base === 'SwiftURL') return name.toLowerCase().replace(/^https?:\/\/|\.git$/g, '');
  return lowerCaseNames.has(base) ? name.toLowerCase() : name;
}

// What does not count, with what is known of it: as formats list it where they are asked to.
import type { Package, ScanResult, SeverityWord, Suppressed } from '@plombe/model';

export interface SparedFinding {
  readonly suppressed: Suppressed;
  /** The first of its packages; absent where the report does not hold it. */
  readonly found?: Package;
  readonly name: string;
  readonly version: string;
  /** Absent where it was never a finding: a vendor's statement took it away before. */
  readonly severity?: SeverityWord;
}

/** In the order of the result. */
export function sparedFindings({ match, inventory }: ScanResult): readonly SparedFinding[] {
  if (match.suppressed.length === 0) return [];
  const packages = new Map(inventory.packages.map((found) => [found.id, found]));
  return match.suppressed.map((suppressed) => {
    const {
      packages: [first = ''],
      finding,
    } = suppressed;
    const found = packages.get(first);
    return {
      suppressed,
      ...(found === undefined ? {} : { found }),
      name: finding?.packageName ?? found?.name ?? first,
      version: finding?.packageVersion ?? found?.version ?? '',
      ...(finding === undefined ? {} : { severity: finding.severity.word }),
    };
  });
}

/** `openssl 3.3.1-r3: CVE-2024-1 (high) does not count: no fixed version is known (--ignore-unfixed)`, not escaped. */
export function sparedLine({ suppressed: { vulnerability, reason }, name, version, severity }: SparedFinding): string {
  const said = severity === undefined ? '' : ` (${severity})`;
  return `${[name, version].filter((text) => text !== '').join(' ')}: ${vulnerability}${said} does not count: ${reason}`;
}

// Findings with the place in the image that they rest on, which every format for people and pipelines shows.
import type { Evidence, Finding, Package, ScanResult } from '@plombe/model';
import { asInstalled } from '../table/actions.ts';

export interface PlacedFinding {
  readonly finding: Finding;
  /** The first of its packages; absent where the report does not hold it. */
  readonly found?: Package;
  readonly place?: Evidence;
  /** The version to upgrade to, as this ecosystem writes it. */
  readonly fixedVersion?: string;
  /** False for what a vendor says is not affected, or fixed: it is told, and fails nothing. */
  readonly counts: boolean;
}

/** In the order of the result: the highest priority first. */
export function placedFindings({ match, inventory }: ScanResult): readonly PlacedFinding[] {
  const packages = new Map(inventory.packages.map((found) => [found.id, found]));
  return match.findings.map((finding) => {
    const found = packages.get(finding.packages[0] ?? '');
    const place = found?.evidence[0];
    const [fixed] = finding.fixedVersions;
    return {
      finding,
      ...(found === undefined ? {} : { found }),
      ...(place === undefined ? {} : { place }),
      ...(fixed === undefined ? {} : { fixedVersion: asInstalled(fixed, finding.packageVersion) }),
      counts: finding.status !== 'not_affected' && finding.status !== 'fixed',
    };
  });
}

/**
 * The file of a working tree that a finding is about, relative to the folder that the pipeline works in: a lock file, to which services can tie a
 * note. Undefined for images, root file systems and folders named by an absolute path.
 */
export function sourceFile(
  { inventory: { subject, distribution } }: ScanResult,
  { place }: PlacedFinding,
): string | undefined {
  if (subject.source !== 'dir' || distribution !== undefined || place === undefined) return undefined;
  const folder = subject.name.replace(/^dir:/, '');
  if (folder.startsWith('/') || folder.split('/').includes('..')) return undefined;
  const inside = place.path.split('!/')[0] ?? '';
  return [...folder.split('/').filter((part) => part !== '' && part !== '.'), inside].join('/');
}

/** `openssl 3.3.1-r3: CVE-2024-1 (high), fixed in 3.3.2-r0`, not escaped. */
export function findingLine({ finding, place, fixedVersion }: PlacedFinding): string {
  const { packageName, packageVersion, vulnerability, severity, status, knownExploited } = finding;
  const said = status === 'affected' ? '' : `, ${status.replaceAll('_', ' ')}`;
  const exploited = knownExploited === undefined ? '' : ', known exploited';
  const fix = fixedVersion === undefined ? 'no fix known' : `fixed in ${fixedVersion}`;
  const layer = place === undefined ? '' : `, layer ${place.layerIndex}`;
  return `${packageName} ${packageVersion}: ${vulnerability} (${severity.word}${said}${exploited}), ${fix}${layer}`;
}

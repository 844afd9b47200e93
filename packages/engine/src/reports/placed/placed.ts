// Findings with the place in the image that they rest on, which every format for people and pipelines shows.
import {
  asInstalled,
  isSourceTree,
  isSystemType,
  type Evidence,
  type Finding,
  type Inventory,
  type Package,
  type ScanResult,
} from '@plombe/model';

export interface PlacedFinding {
  readonly finding: Finding;
  /** The first of its packages; absent where the report does not hold it. */
  readonly found?: Package;
  readonly place?: Evidence;
  /** Of all its packages, that first: a lock file each, in a tree that has several of them. */
  readonly places: readonly Evidence[];
  /** `layer 3`, or `at /web/yarn.lock:12` where there are no layers to tell apart; absent where that says nothing. */
  readonly where?: string;
  /** The version to upgrade to, as this ecosystem writes it. */
  readonly fixedVersion?: string;
  /** False for what a vendor says is not affected, or fixed: it is told, and fails nothing. */
  readonly counts: boolean;
}

/** In the order of the result: the highest priority first. */
export function placedFindings(result: ScanResult): readonly PlacedFinding[] {
  const { match, inventory } = result;
  const layered = hasLayers(result);
  const packages = new Map(inventory.packages.map((found) => [found.id, found]));
  return match.findings.map((finding) => {
    const found = packages.get(finding.packages[0] ?? '');
    const place = found?.evidence[0];
    const places = finding.packages.flatMap((id) => packages.get(id)?.evidence ?? []);
    const [fixed] = finding.fixedVersions;
    const where = whereOf(layered, found);
    return {
      finding,
      ...(found === undefined ? {} : { found }),
      ...(place === undefined ? {} : { place }),
      places,
      ...(where === undefined ? {} : { where }),
      ...(fixed === undefined ? {} : { fixedVersion: asInstalled(fixed, finding.packageVersion) }),
      counts: finding.status !== 'not_affected' && finding.status !== 'fixed',
    };
  });
}

/** False for folders, and for images of a single layer that nothing says anything about: its number says nothing either. */
export function hasLayers({ inventory: { layers } }: ScanResult): boolean {
  return layers.length > 1 || layers.some(({ createdBy }) => createdBy !== undefined);
}

function whereOf(layered: boolean, found: Package | undefined): string | undefined {
  const place = found?.evidence[0];
  if (found === undefined || place === undefined) return undefined;
  if (layered) return `layer ${place.layerIndex}`;
  // All of these lie in the one database.
  return isSystemType(found.type) ? undefined : `at ${shownPath(place)}`;
}

/** `/web/yarn.lock:12`, not escaped. */
export function shownPath({ path, line }: Pick<Evidence, 'path' | 'line'>): string {
  return `/${path}${line === undefined ? '' : `:${line}`}`;
}

/** The folder, as it was named, of a subject that is a source tree, whose files are what a finding is about; undefined for root file systems too. */
export function treeFolder(inventory: Pick<Inventory, 'subject' | 'distribution' | 'packages'>): string | undefined {
  return isSourceTree(inventory) ? inventory.subject.name.replace(/^dir:/, '') : undefined;
}

/**
 * The file of a working tree that a finding is about, relative to the folder that the pipeline works in: a lock file, to which services can tie a
 * note. Undefined for images, root file systems and folders named by an absolute path.
 */
export function sourceFile({ inventory }: ScanResult, { place }: PlacedFinding): string | undefined {
  const folder = treeFolder(inventory);
  if (folder === undefined || place === undefined) return undefined;
  if (folder.startsWith('/') || folder.split('/').includes('..')) return undefined;
  const inside = place.path.split('!/')[0] ?? '';
  return [...folder.split('/').filter((part) => part !== '' && part !== '.'), inside].join('/');
}

/** `openssl 3.3.1-r3: CVE-2024-1 (high), fixed in 3.3.2-r0, layer 2`, not escaped. */
export function findingLine({ finding, where, fixedVersion }: PlacedFinding): string {
  const { packageName, packageVersion, vulnerability, severity, status, knownExploited } = finding;
  const said = status === 'affected' ? '' : `, ${status.replaceAll('_', ' ')}`;
  const exploited = knownExploited === undefined ? '' : ', known exploited';
  const fix = fixedVersion === undefined ? 'no fix known' : `fixed in ${fixedVersion}`;
  const at = where === undefined ? '' : `, ${where}`;
  return `${packageName} ${packageVersion}: ${vulnerability} (${severity.word}${said}${exploited}), ${fix}${at}`;
}

// What differs between two results: packages and findings that came, went or changed, each with the layer that it came by.
import { by } from '@plombe/kit';
import {
  isSystemType,
  severityOrder,
  type DatabaseSummary,
  type InventorySubject,
  type Package,
  type ScanResult,
  type SeverityWord,
  type State,
} from '@plombe/model';
import { hasLayers, placedFindings, type PlacedFinding } from '../placed/placed.ts';

/** The layer of the side that has the thing: B's, and A's for what was removed. */
export interface DiffLayer {
  readonly index: number;
  readonly createdBy?: string;
}

/** Where the thing lies: in a layer, or, in a tree or another subject without layers to tell apart, in a file. */
export interface DiffPlace {
  readonly layer?: DiffLayer;
  readonly path?: string;
}

export interface PackageChange extends DiffPlace {
  readonly type: string;
  readonly name: string;
  /** Absent: added. */
  readonly from?: string;
  /** Absent: removed. */
  readonly to?: string;
}

/** A vulnerability of a source package. Equal `from` and `to` are the two sides of a change. */
export interface FindingChange extends DiffPlace {
  readonly vulnerability: string;
  readonly packageName: string;
  readonly from?: FindingSide;
  readonly to?: FindingSide;
}

export interface FindingSide {
  readonly packageVersion: string;
  readonly severity: SeverityWord;
  readonly status: string;
  readonly fixedVersions: readonly string[];
  readonly knownExploited: boolean;
}

export interface DiffSide {
  readonly subject: InventorySubject;
  readonly state: State;
  readonly database: DatabaseSummary;
  readonly layers: number;
}

export interface ResultDiff {
  readonly a: DiffSide;
  readonly b: DiffSide;
  /** How many layers from the bottom are the same, by diffID. */
  readonly commonLayers: number;
  /** What both were compared with is the same advisory data: else findings may differ by that alone. */
  readonly sameData: boolean;
  readonly packages: Changes<PackageChange>;
  readonly findings: Changes<FindingChange>;
}

/** Each sorted by layer or file, then name. */
export interface Changes<Change> {
  readonly added: readonly Change[];
  readonly removed: readonly Change[];
  readonly changed: readonly Change[];
  readonly unchanged: number;
}

/** Compares two results; pure. */
export function diffResults(a: ScanResult, b: ScanResult): ResultDiff {
  return {
    a: sideOf(a),
    b: sideOf(b),
    commonLayers: commonLayers(a, b),
    sameData: isSameData(a, b),
    packages: diffPackages(a, b),
    findings: diffFindings(a, b),
  };
}

/** The findings that came, or became worse, at this severity or a worse one. An unknown severity counts as low. */
export function newFindingsAt({ findings }: ResultDiff, failOn: SeverityWord): readonly FindingChange[] {
  const rank = (word: SeverityWord): number => severityOrder.indexOf(word === 'unknown' ? 'low' : word);
  const counts = (side: FindingSide | undefined): side is FindingSide =>
    side !== undefined && side.status !== 'not_affected' && side.status !== 'fixed';
  return [...findings.added, ...findings.changed].filter(
    ({ from, to }) =>
      counts(to) && rank(to.severity) <= rank(failOn) && (!counts(from) || rank(from.severity) > rank(failOn)),
  );
}

/** True where anything differs. */
export function isDifferent({ packages, findings }: ResultDiff): boolean {
  return [packages, findings].some(({ added, removed, changed }) => added.length + removed.length + changed.length > 0);
}

function sideOf({ inventory, assessment, database }: ScanResult): DiffSide {
  return { subject: inventory.subject, state: assessment.state, database, layers: inventory.layers.length };
}

/**
 * The digest of a database is of the shards that one side used; the same data is the same digest of each shard that both did. What is missing has none,
 * and may bear the id of a shard that is there.
 */
function isSameData(a: ScanResult, b: ScanResult): boolean {
  const used = ({ match }: ScanResult) => match.shards.filter(({ digest }) => digest !== undefined);
  const ofB = new Map(used(b).map(({ id, digest }) => [id, digest]));
  return used(a).every(({ id, digest }) => !ofB.has(id) || ofB.get(id) === digest);
}

function commonLayers(a: ScanResult, b: ScanResult): number {
  let count = 0;
  for (const [index, { diffID }] of a.inventory.layers.entries()) {
    if (diffID === undefined || b.inventory.layers[index]?.diffID !== diffID) break;
    count = index + 1;
  }
  return count;
}

/** Versions of one name that are on one side only are paired in order: one of each is a change. */
function diffPackages(a: ScanResult, b: ScanResult): Changes<PackageChange> {
  const ofA = Map.groupBy(a.inventory.packages, packageKey);
  const ofB = Map.groupBy(b.inventory.packages, packageKey);
  const added: PackageChange[] = [];
  const removed: PackageChange[] = [];
  const changed: PackageChange[] = [];
  let unchanged = 0;
  for (const key of new Set([...ofA.keys(), ...ofB.keys()])) {
    const before = [...(ofA.get(key) ?? [])];
    const after: Package[] = [];
    for (const found of ofB.get(key) ?? []) {
      const same = before.findIndex(({ version }) => version === found.version);
      if (same < 0) after.push(found);
      else {
        before.splice(same, 1);
        unchanged += 1;
      }
    }
    for (let at = 0; at < Math.max(before.length, after.length); at++) {
      const [from, to] = [before[at], after[at]];
      const side = to ?? from;
      if (side === undefined) continue;
      const change = {
        type: side.type,
        name: fullName(side),
        ...(from === undefined ? {} : { from: from.version }),
        ...(to === undefined ? {} : { to: to.version }),
        ...placeOf(side, to === undefined ? a : b),
      };
      (from === undefined ? added : to === undefined ? removed : changed).push(change);
    }
  }
  const order = by<PackageChange>(
    ({ layer }) => layer?.index ?? -1,
    ({ path }) => path ?? '',
    ({ name }) => name,
    ({ to, from }) => to ?? from ?? '',
  );
  return { added: added.sort(order), removed: removed.sort(order), changed: changed.sort(order), unchanged };
}

function packageKey(found: Package): string {
  return [found.type, found.namespace ?? '', found.name, found.architecture ?? '', found.subpath ?? ''].join('\0');
}

/** The name with its namespace where it is part of what people write: `@scope/name`, `github.com/owner/name`. */
function fullName({ type, namespace, name }: Package): string {
  return namespace === undefined || (type !== 'ebuild' && isSystemType(type)) ? name : `${namespace}/${name}`;
}

function placeOf(found: Package | undefined, result: ScanResult): DiffPlace {
  const place = found?.evidence[0];
  if (place === undefined) return {};
  if (!hasLayers(result)) return { path: place.path };
  const index = place.layerIndex;
  const createdBy = result.inventory.layers.find((layer) => layer.index === index)?.createdBy;
  return { layer: { index, ...(createdBy === undefined ? {} : { createdBy }) } };
}

/** Of several findings with one key those of the same version are paired, then the others in order: what is over came or went. */
function diffFindings(a: ScanResult, b: ScanResult): Changes<FindingChange> {
  const ofA = Map.groupBy(placedFindings(a), findingKey);
  const ofB = Map.groupBy(placedFindings(b), findingKey);
  const change = (from: PlacedFinding | undefined, to: PlacedFinding | undefined): FindingChange => {
    const { finding, found } = (to ?? from) as PlacedFinding;
    return {
      vulnerability: finding.vulnerability,
      packageName: finding.packageName,
      ...(from === undefined ? {} : { from: findingSide(from) }),
      ...(to === undefined ? {} : { to: findingSide(to) }),
      ...placeOf(found, to === undefined ? a : b),
    };
  };
  const added: FindingChange[] = [];
  const removed: FindingChange[] = [];
  const both: FindingChange[] = [];
  for (const key of new Set([...ofB.keys(), ...ofA.keys()])) {
    const before = [...(ofA.get(key) ?? [])];
    const after: PlacedFinding[] = [];
    for (const to of ofB.get(key) ?? []) {
      const same = before.findIndex(({ finding }) => finding.packageVersion === to.finding.packageVersion);
      if (same < 0) after.push(to);
      else both.push(change(before.splice(same, 1)[0], to));
    }
    for (let at = 0; at < Math.max(before.length, after.length); at++) {
      const [from, to] = [before[at], after[at]];
      (from === undefined ? added : to === undefined ? removed : both).push(change(from, to));
    }
  }
  const changed = both.filter(
    ({ from, to }) => JSON.stringify(from) !== JSON.stringify({ ...to, packageVersion: from?.packageVersion }),
  );
  return { added, removed, changed, unchanged: both.length - changed.length };
}

/** The package's version is no part of it: a vulnerability that an upgrade did not take away is the same one. */
function findingKey({ finding, found }: PlacedFinding): string {
  return [finding.vulnerability, found?.type ?? '', finding.packageName].join('\0');
}

function findingSide({ finding }: PlacedFinding): FindingSide {
  return {
    packageVersion: finding.packageVersion,
    severity: finding.severity.word,
    status: finding.status,
    fixedVersions: finding.fixedVersions,
    knownExploited: finding.knownExploited !== undefined,
  };
}

// The ten actions that take most risk away: one upgrade per package and layer, weighed by what it removes.
import { by } from '@plombe/kit';
import { isSystemType, type Action, type Finding, type Inventory, type Package } from '@plombe/model';

/** More than ten is a list nobody starts on. */
const maxActions = 10;

export interface ActionOptions {
  /** Compares two versions of a package type; undefined where one of them is no version. */
  compare(packageType: string, a: string, b: string): number | undefined;
}

interface Group {
  readonly sample: Package;
  readonly name: string;
  readonly version: string;
  findings: number;
  knownExploited: number;
  weight: number;
  target: string | undefined;
  /** Where the packages lie within the layer. */
  readonly paths: Set<string>;
}

/** Eight points of priority double the weight: one known exploited finding (80) weighs as much as 25 ordinary ones (42). */
const pointsThatDouble = 8;

/**
 * Returns upgrades sorted by the weight of the findings they remove. The target is the highest of the smallest fixes, so that
 * one upgrade removes every finding it counts.
 */
export function planActions(
  findings: readonly Finding[],
  inventory: Inventory,
  options: ActionOptions,
): readonly Action[] {
  const packages = new Map(inventory.packages.map((found) => [found.id, found]));
  const groups = new Map<string, Group>();
  for (const finding of findings) {
    const fixed = finding.fixedVersions[0];
    const sample = packages.get(finding.packages[0] ?? '');
    if (fixed === undefined || sample === undefined) continue;
    const layer = sample.evidence[0]?.layerIndex ?? -1;
    const key = `${sample.type}\0${finding.packageName}\0${finding.packageVersion}\0${layer}`;
    const group = groups.get(key) ?? newGroup(sample, finding);
    groups.set(key, group);
    group.findings += 1;
    for (const id of finding.packages)
      for (const { layerIndex, path } of packages.get(id)?.evidence ?? [])
        if (layerIndex === layer) group.paths.add(path);
    group.knownExploited += finding.knownExploited === undefined ? 0 : 1;
    group.weight += 2 ** (finding.priority / pointsThatDouble);
    const order = group.target === undefined ? 1 : options.compare(sample.type, fixed, group.target);
    if (order !== undefined && order > 0) group.target = fixed;
  }
  return [...groups.values()]
    .map(toAction)
    .sort(
      by(
        (a) => -a.weight,
        (a) => a.packageName,
        (a) => a.packageVersion,
        (a) => a.layerIndex ?? -1,
      ),
    )
    .slice(0, maxActions);
}

function newGroup(sample: Package, finding: Finding): Group {
  const { packageName: name, packageVersion: version } = finding;
  return { sample, name, version, findings: 0, knownExploited: 0, weight: 0, target: undefined, paths: new Set() };
}

function toAction({ sample, name, version, findings, knownExploited, weight, target, paths }: Group): Action {
  const evidence = sample.evidence[0];
  // What the distribution's own manager upgrades: where the files lie does not matter.
  const placed = evidence !== undefined && !isSystemType(sample.type);
  return {
    kind: 'upgrade',
    packageName: name,
    packageVersion: version,
    packageType: sample.type,
    ...(target === undefined ? {} : { targetVersion: target }),
    ...(evidence === undefined ? {} : { layerIndex: evidence.layerIndex }),
    ...(evidence?.createdBy === undefined ? {} : { createdBy: evidence.createdBy }),
    ...(placed ? { path: evidence.path } : {}),
    ...(placed && paths.size > 1 ? { places: paths.size } : {}),
    findings,
    knownExploited,
    weight: Math.round(weight),
  };
}

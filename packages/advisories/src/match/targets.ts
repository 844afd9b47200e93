// Groups the packages of an inventory into what is compared: one subject per source package and version, with its binaries.
import type { Cause, Distribution, Package, Unassessed } from '@plombe/model';
import { compareText, sortedUnique } from '@plombe/kit';
import { comparisonOf, type Comparison } from './comparison.ts';
import type { Target } from './evaluate.ts';
import { shieldedPackages } from './owned.ts';
import { systemOf } from './products.ts';

export interface MatchInput {
  readonly packages: readonly Package[];
  readonly distribution?: Distribution;
}

/** Packages that are compared alike: same name, version, module stream and architecture. */
export interface TargetGroup {
  readonly target: Target;
  readonly packages: Package[];
  /** What tells it from the other groups of its subject. */
  readonly key: string;
}

/** A source package (or a package without one) in one ecosystem; its findings are shared by its binaries. */
export interface Subject {
  readonly ecosystem: string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly groups: TargetGroup[];
}

/** Collects packages under the cause that kept them from being compared. */
export class UnassessedPackages {
  readonly #buckets = new Map<string, { cause: Cause; packages: Set<string> }>();

  add(cause: Cause, packages: Iterable<string>): void {
    const key = `${cause.code}\n${cause.scope ?? ''}`;
    const bucket = this.#buckets.get(key) ?? { cause, packages: new Set() };
    for (const id of packages) bucket.packages.add(id);
    this.#buckets.set(key, bucket);
  }

  /** Sorted by code, then scope. */
  list(): Unassessed[] {
    return [...this.#buckets]
      .sort(([a], [b]) => compareText(a, b))
      .map(([, { cause, packages }]) => ({
        cause: { ...cause, packages: packages.size },
        packages: sortedUnique(packages),
      }));
  }
}

/** Returns the subjects of an inventory by key. Packages reported through another are left out (owned.ts); so are parts of the tree itself, and images that it names. */
export function subjectsOf(input: MatchInput, unassessed: UnassessedPackages): Map<string, Subject> {
  const subjects = new Map<string, Subject>();
  const shielded = shieldedPackages(input.packages, input.distribution);
  for (const item of input.packages) {
    if (shielded.has(item.id) || item.origin === 'local' || item.origin === 'image') continue;
    const result = comparisonOf(item, input.distribution);
    if ('cause' in result) {
      unassessed.add(result.cause, [item.id]);
      continue;
    }
    const { comparison } = result;
    const key = `${item.type}\n${comparison.ecosystem}\n${comparison.subjectName}\n${comparison.subjectVersion}`;
    const group = groupOf(comparison, item);
    const subject = subjects.get(key);
    if (subject !== undefined) addTo(subject.groups, group);
    else subjects.set(key, subjectOf(item.type, comparison, group));
  }
  return subjects;
}

function subjectOf(type: string, { ecosystem, subjectName, subjectVersion }: Comparison, first: TargetGroup): Subject {
  return { ecosystem, type, name: subjectName, version: subjectVersion, groups: [first] };
}

function groupOf(comparison: Comparison, item: Package): TargetGroup {
  const system = systemOf(item);
  const { name, version, also } = comparison;
  const others = also === undefined ? '' : also.map((one) => `\n${one.ecosystem} ${one.name}`).join('');
  const key = `${name}\n${version}\n${item.modularity ?? ''}\n${item.architecture ?? ''}\n${system ?? ''}${others}`;
  return { target: targetOf(comparison, item, system), packages: [item], key };
}

function addTo(groups: TargetGroup[], group: TargetGroup): void {
  const known = groups.find(({ key }) => key === group.key);
  if (known === undefined) groups.push(group);
  else known.packages.push(...group.packages);
}

function targetOf(comparison: Comparison, item: Package, system: string | undefined): Target {
  const { architecture, modularity } = item;
  if (architecture === undefined && modularity === undefined && system === undefined) return comparison;
  return {
    ...comparison,
    ...(architecture === undefined ? {} : { architecture }),
    ...(modularity === undefined ? {} : { modularity }),
    ...(system === undefined ? {} : { system }),
  };
}

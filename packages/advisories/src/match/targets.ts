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
}

/** A source package (or a package without one) in one ecosystem; its findings are shared by its binaries. */
export interface Subject {
  readonly ecosystem: string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly groups: Map<string, TargetGroup>;
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
    const key = [item.type, comparison.ecosystem, comparison.subjectName, comparison.subjectVersion].join('\n');
    const subject: Subject = subjects.get(key) ?? {
      ecosystem: comparison.ecosystem,
      type: item.type,
      name: comparison.subjectName,
      version: comparison.subjectVersion,
      groups: new Map<string, TargetGroup>(),
    };
    subjects.set(key, subject);
    const also = (comparison.also ?? []).map((one) => `${one.ecosystem} ${one.name}`);
    const groupKey = [
      comparison.name,
      comparison.version,
      item.modularity ?? '',
      item.architecture ?? '',
      systemOf(item) ?? '',
      ...also,
    ].join('\n');
    const group = subject.groups.get(groupKey);
    if (group !== undefined) group.packages.push(item);
    else subject.groups.set(groupKey, { target: targetOf(comparison, item), packages: [item] });
  }
  return subjects;
}

function targetOf(comparison: Comparison, item: Package): Target {
  const system = systemOf(item);
  return {
    ...comparison,
    ...(item.architecture === undefined ? {} : { architecture: item.architecture }),
    ...(item.modularity === undefined ? {} : { modularity: item.modularity }),
    ...(system === undefined ? {} : { system }),
  };
}

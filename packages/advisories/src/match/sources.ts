// The shards to ask about a subject: those of its ecosystem, and of what else its packages are compared as.
import { sortedUnique } from '@plombe/kit';
import type { AdvisorySource, EcosystemSources, ShardSet } from '../database/open.ts';
import type { ShardRecord } from '../database/manifest.ts';
import type { Statement } from './statements.ts';
import type { Subject } from './targets.ts';

/** Ecosystems that the packages of a subject are compared in, the subject's own first. */
export function ecosystemsOf(subject: Subject): readonly string[] {
  const { ecosystem, groups } = subject;
  if (!groups.some(({ target }) => target.also !== undefined)) return [ecosystem];
  const others = groups.flatMap(({ target }) => (target.also ?? []).map((one) => one.ecosystem));
  return [ecosystem, ...sortedUnique(others).filter((name) => name !== ecosystem)];
}

/**
 * Returns the shards of all of them. Software without a package manager is covered where any of them is; a package of an ecosystem where
 * that one is, whatever others add.
 */
export function sourcesOfSubject(subject: Subject, shards: ShardSet): EcosystemSources {
  const own = shards.sourcesOf(subject.ecosystem);
  const names = ecosystemsOf(subject);
  if (subject.type !== 'generic' && names.length === 1) return own;
  const all = names.map((name) => shards.sourcesOf(name));
  return {
    sources: [...new Set(all.flatMap(({ sources }) => sources))],
    damaged: [...new Set(all.flatMap(({ damaged }) => damaged))],
    fragments: own.fragments,
    covered: subject.type === 'generic' ? all.some(({ covered }) => covered) || isNamed(subject, shards) : own.covered,
    coveredNames: own.coveredNames,
  };
}

/** Announces to the shards what they will be asked for. */
export function expectSubjects(subjects: Iterable<Subject>, shards: ShardSet): void {
  const names = new Map<string, Set<string>>();
  const add = (ecosystem: string, name: string): void => {
    const known = names.get(ecosystem);
    if (known === undefined) names.set(ecosystem, new Set([name]));
    else known.add(name);
  };
  for (const { ecosystem, name, groups } of subjects) {
    add(ecosystem, name);
    for (const { target } of groups) {
      add(target.ecosystem, target.name);
      for (const also of target.also ?? []) add(also.ecosystem, also.name);
    }
  }
  for (const [ecosystem, all] of names) {
    for (const { shard } of shards.sourcesOf(ecosystem).sources) shard.expect(ecosystem, all);
  }
}

/** Announces to the shards the advisories whose texts will be read. */
export function expectAdvisories(statements: Iterable<Statement>): void {
  const wanted = new Map<AdvisorySource, Set<string>>();
  for (const { source, entry } of statements) {
    const known = wanted.get(source);
    if (known === undefined) wanted.set(source, new Set([entry.advisory]));
    else known.add(entry.advisory);
  }
  for (const [{ shard }, ids] of wanted) shard.expectAdvisories(ids);
}

/** True where a shard is a statement of what each of the packages is compared as, by one of its names at least. */
function isNamed(subject: Subject, shards: ShardSet): boolean {
  return subject.groups.every(({ target }) =>
    [target, ...(target.also ?? [])].some(({ ecosystem, name }) => shards.sourcesOf(ecosystem).coveredNames.has(name)),
  );
}

/** True where the shard is a statement of one of the ecosystems, given without release, or of some of its packages. */
export function isDataOf({ covers, coversNames }: ShardRecord, bases: readonly string[]): boolean {
  return bases.some((base) => covers.includes(base) || coversNames?.ecosystem === base);
}

// The shards to ask about a subject: those of its ecosystem, and of what else its packages are compared as.
import { sortedUnique } from '@plombe/kit';
import type { EcosystemSources, ShardSet } from '../database/open.ts';
import type { Subject } from './targets.ts';

/** Ecosystems that the packages of a subject are compared in, the subject's own first. */
export function ecosystemsOf(subject: Subject): readonly string[] {
  const others = [...subject.groups.values()].flatMap(({ target }) => (target.also ?? []).map((one) => one.ecosystem));
  return [subject.ecosystem, ...sortedUnique(others).filter((name) => name !== subject.ecosystem)];
}

/**
 * Returns the shards of all of them. Software without a package manager is covered where any of them is; a package of an ecosystem where
 * that one is, whatever others add.
 */
export function sourcesOfSubject(subject: Subject, shards: ShardSet): EcosystemSources {
  const own = shards.sourcesOf(subject.ecosystem);
  const names = ecosystemsOf(subject);
  if (names.length === 1) return own;
  const all = names.map((name) => shards.sourcesOf(name));
  return {
    sources: [...new Set(all.flatMap(({ sources }) => sources))],
    damaged: [...new Set(all.flatMap(({ damaged }) => damaged))],
    fragments: own.fragments,
    covered: subject.type === 'generic' ? all.some(({ covered }) => covered) : own.covered,
  };
}

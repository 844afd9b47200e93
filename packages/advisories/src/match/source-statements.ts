// What a shard says of a package by its own name, and by the name of the source package it was built from.
import type { AffectedEntry } from '../database/entry.ts';
import type { AdvisorySource } from '../database/open.ts';
import type { Target } from './evaluate.ts';

/** Red Hat and SUSE name what they have not fixed yet by its source package: the entry then has the one architecture `src`. */
function meansSource({ qualifiers }: AffectedEntry): boolean {
  return qualifiers?.architectures?.length === 1 && qualifiers.architectures[0] === 'src';
}

/** Returns the entries about a target. One that means a source package is about the packages built from it, not about a namesake. */
export function entriesOf({ shard }: AdvisorySource, target: Target): readonly AffectedEntry[] {
  const { ecosystem, name, subjectName, scheme } = target;
  const own = shard.entries(ecosystem, name);
  if (scheme !== 'rpm' || name === subjectName) return own;
  const ofSource = shard.entries(ecosystem, subjectName).filter(meansSource);
  return [...own.filter((entry) => !meansSource(entry)), ...ofSource];
}

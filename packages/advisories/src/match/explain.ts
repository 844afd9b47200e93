// Tells for each package that an advisory names why it is, or is not, affected by a vulnerability.
import { by, sortedUnique } from '@plombe/kit';
import type { ShardSet, AdvisorySource } from '../database/open.ts';
import { preferredId } from './closure.ts';
import { SchemeMemory } from './evaluate.ts';
import { shieldedPackages } from './owned.ts';
import { spareReason } from './spared.ts';
import { rangesText } from './range-text.ts';
import { ecosystemsOf, sourcesOfSubject } from './sources.ts';
import { allStatements, weigh, type Statement } from './statements.ts';
import { subjectsOf, UnassessedPackages, type MatchInput, type Subject } from './targets.ts';

/** One statement of one advisory about packages of the inventory, with what comparing them gave. */
export interface Explained {
  /** Sorted package ids. */
  readonly packages: readonly string[];
  readonly packageName: string;
  readonly packageVersion: string;
  readonly ecosystem: string;
  readonly advisory: string;
  readonly feed: string;
  /**
   * `affected`, `not_in_range` (another version), `not_affected` (the vendor says so), `elsewhere` (another architecture or module
   * stream), `suppressed`, `unknown` (the version cannot be compared).
   */
  readonly outcome: 'affected' | 'not_in_range' | 'not_affected' | 'elsewhere' | 'suppressed' | 'unknown';
  /** The comparison in words: `1.2.3 is in >= 1, < 1.2.7 (deb)`. */
  readonly reason: string;
  readonly fixedVersion?: string;
}

export interface Explanation {
  readonly vulnerability: string;
  readonly aliases: readonly string[];
  readonly explained: readonly Explained[];
  /** Ecosystems of the inventory that no shard speaks of: nothing can be said of their packages. */
  readonly withoutData: readonly string[];
  /** Packages reported through the package that owns them; sorted ids. */
  readonly owned: readonly string[];
  /** True where some shard that the inventory needs knows the vulnerability at all. */
  readonly known: boolean;
}

/** Compares an inventory with every advisory about one vulnerability, by any of its ids. */
export function explainVulnerability(id: string, input: MatchInput, shards: ShardSet): Explanation {
  const unassessed = new UnassessedPackages();
  const subjects = [...subjectsOf(input, unassessed).values()];
  const ids = new Set([id]);
  const advisories = new Map<AdvisorySource, ReadonlySet<string>>();
  const ecosystems = sortedUnique(subjects.flatMap(ecosystemsOf));
  const sources = [...new Set(ecosystems.flatMap((ecosystem) => shards.sourcesOf(ecosystem).sources))];
  for (const source of [...sources, ...sources]) advisories.set(source, advisoriesAbout(source, ids));
  const schemes = new SchemeMemory();
  const explained = subjects.flatMap((subject) => explainSubject(subject, shards, advisories, schemes));
  const vulnerability = preferredId(ids);
  return {
    vulnerability,
    aliases: sortedUnique(ids).filter((other) => other !== vulnerability),
    explained: explained.sort(
      by(
        ({ packages }) => packages[0] ?? '',
        ({ advisory }) => advisory,
        ({ reason }) => reason,
      ),
    ),
    withoutData: sortedUnique(
      subjects.filter((one) => !sourcesOfSubject(one, shards).covered).map(({ ecosystem }) => ecosystem),
    ),
    owned: sortedUnique(shieldedPackages(input.packages, input.distribution)),
    known: [...advisories.values()].some((known) => known.size > 0),
  };
}

/** Ids of the shard's advisories about the vulnerability; adds their aliases to `ids`. */
export function advisoriesAbout({ shard }: AdvisorySource, ids: Set<string>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const id of ids) {
    const own = shard.advisory(id);
    for (const { advisory, kind } of [
      ...(own === undefined ? [] : [{ advisory: id, kind: 'alias' as const }]),
      ...shard.namedBy(id),
    ]) {
      found.add(advisory);
      if (kind !== 'alias') continue;
      for (const alias of [advisory, ...(shard.advisory(advisory)?.aliases ?? [])]) ids.add(alias);
    }
  }
  return found;
}

function explainSubject(
  subject: Subject,
  shards: ShardSet,
  advisories: ReadonlyMap<AdvisorySource, ReadonlySet<string>>,
  schemes: SchemeMemory,
): Explained[] {
  const { sources } = sourcesOfSubject(subject, shards);
  return subject.groups.flatMap((group) => {
    const about = allStatements(group, sources, schemes).filter(({ source, entry }) =>
      advisories.get(source)?.has(entry.advisory),
    );
    const weighed = weigh(about, group.target);
    const holding = new Set(weighed.matched);
    const vetoed = weighed.vetoed.length > 0;
    return about.map((statement) => explainStatement(subject, statement, holding.has(statement), vetoed));
  });
}

function explainStatement(subject: Subject, statement: Statement, holds: boolean, vetoed: boolean): Explained {
  const { group, entry, source, verdict } = statement;
  const reasons = group.packages.map((item) => spareReason(subject.name, group.target.name, item));
  const spared = reasons.includes(undefined) ? undefined : reasons[0];
  const fixedVersion = verdict.kind === 'matched' ? verdict.fixedVersion : undefined;
  return {
    packages: sortedUnique(group.packages.map(({ id }) => id)),
    packageName: group.target.name,
    packageVersion: group.target.version,
    ecosystem: group.target.ecosystem,
    advisory: entry.advisory,
    feed: source.record.feed,
    ...outcomeOf(statement, holds, vetoed, spared),
    ...(fixedVersion === undefined ? {} : { fixedVersion }),
  };
}

function outcomeOf(
  statement: Statement,
  holds: boolean,
  vetoed: boolean,
  spared: string | undefined,
): Pick<Explained, 'outcome' | 'reason'> {
  const { group, entry, verdict } = statement;
  const ranges = rangesText(entry);
  const { version } = group.target;
  switch (verdict.kind) {
    case 'matched':
      if (spared !== undefined) return { outcome: 'suppressed', reason: spared };
      if (vetoed) return { outcome: 'suppressed', reason: 'the vendor says elsewhere that it is not affected' };
      if (!holds)
        return { outcome: 'not_in_range', reason: `${version} is at or above another build that has the fix` };
      return { outcome: 'affected', reason: `${version} is in ${verdict.range}` };
    case 'vetoed':
      return {
        outcome: 'not_affected',
        reason: `the vendor says ${entry.statusNote ?? entry.status.replace('_', ' ')}`,
      };
    case 'unknown':
      return { outcome: 'unknown', reason: `${version} cannot be compared with ${ranges}` };
    case 'elsewhere':
      return { outcome: 'elsewhere', reason: 'the advisory speaks of another architecture or module stream' };
    default:
      return { outcome: 'not_in_range', reason: `${version} is not in ${ranges}` };
  }
}

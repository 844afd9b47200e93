// What all shards of an ecosystem say of one target: the statements that hold, those that veto, and those that cannot be compared.
import type { AffectedEntry } from '../database/entry.ts';
import type { AdvisoryBody } from '../database/body.ts';
import type { AdvisorySource } from '../database/open.ts';
import { evaluate, type SchemeMemory, type Target, type Verdict } from './evaluate.ts';
import { countsFor } from './pocket.ts';
import { entriesOf } from './source-statements.ts';
import type { TargetGroup } from './targets.ts';

/** One advisory's statement about one target, compared. */
export interface Statement {
  readonly source: AdvisorySource;
  readonly entry: AffectedEntry;
  readonly verdict: Verdict;
  readonly group: TargetGroup;
  /** Read when first needed: most statements do not hold, and their advisories are never read. */
  body(): AdvisoryBody;
}

export interface Statements {
  readonly matched: readonly Statement[];
  readonly vetoed: readonly Statement[];
  readonly unknown: readonly Statement[];
}

/** Compares a target with every statement about its name; all of them, sorted by shard, in the order stored. */
export function allStatements(
  group: TargetGroup,
  sources: readonly AdvisorySource[],
  schemes: SchemeMemory,
): Statement[] {
  const statements: Statement[] = [];
  for (const one of asCompared(group)) {
    for (const source of sources) {
      for (const entry of entriesOf(source, one.target)) {
        statements.push(new Compared(source, entry, one, evaluate(one.target, entry, schemes)));
      }
    }
  }
  return statements;
}

/** The group by its own name, then as what it is compared as besides. */
function asCompared(group: TargetGroup): readonly TargetGroup[] {
  if (group.target.also === undefined) return [group];
  const { also, ...own } = group.target;
  return [group, ...also.map((product) => ({ ...group, target: { ...own, ...product } }))];
}

class Compared implements Statement {
  readonly source: AdvisorySource;
  readonly entry: AffectedEntry;
  readonly verdict: Verdict;
  readonly group: TargetGroup;
  #body: AdvisoryBody | undefined;

  constructor(source: AdvisorySource, entry: AffectedEntry, group: TargetGroup, verdict: Verdict) {
    this.source = source;
    this.entry = entry;
    this.verdict = verdict;
    this.group = group;
  }

  body(): AdvisoryBody {
    return (this.#body ??= readBody(this.source, this.entry.advisory));
  }
}

function readBody(source: AdvisorySource, id: string): AdvisoryBody {
  return source.shard.advisory(id) ?? { id, aliases: [], related: [], upstream: [], severities: [], references: [] };
}

/**
 * Returns the statements that nobody else settles: where a package is compared in several ecosystems, one that can be compared about the same
 * vulnerability stands for one that cannot (Node.js's own for NVD's, NVD's for a record of commits).
 */
export function unsettled(unknown: readonly Statement[], all: readonly Statement[]): readonly Statement[] {
  const ecosystems = new Set(all.map(({ group }) => group.target.ecosystem));
  if (unknown.length === 0 || ecosystems.size < 2) return unknown;
  const settled = new Map<string, Set<string>>();
  for (const statement of all) {
    if (statement.verdict.kind === 'unknown') continue;
    const { ecosystem } = statement.group.target;
    for (const id of idsOf(statement)) settled.set(id, (settled.get(id) ?? new Set()).add(ecosystem));
  }
  return unknown.filter((statement) => {
    const { ecosystem } = statement.group.target;
    return !idsOf(statement).some((id) => [...(settled.get(id) ?? [])].some((other) => other !== ecosystem));
  });
}

function idsOf(statement: Statement): readonly string[] {
  return [statement.entry.advisory, ...statement.body().aliases];
}

/** Sorts statements into those that hold, veto or cannot be compared, by the rules that need more than one statement. */
export function weigh(all: readonly Statement[], target: Target): Statements {
  const statements = all.filter((statement) => countsFor(statement, all));
  const matched = statements.filter(({ verdict }) => verdict.kind === 'matched');
  const vetoed = statements.filter((statement) => statement.verdict.kind === 'vetoed' || isFixedInPocket(statement));
  const unknown = statements.filter(({ verdict }) => verdict.kind === 'unknown');
  if (target.scheme !== 'rpm' || matched.length === 0) return { matched, vetoed, unknown };
  const rebuilt = fixedElsewhere(statements);
  return {
    matched: matched.filter(({ source, entry }) => !rebuilt.has(`${source.record.id} ${entry.advisory}`)),
    vetoed,
    unknown,
  };
}

/** A version at or above the fix of an extended-support pocket is fixed, whatever the public archive says of the release. */
function isFixedInPocket({ verdict, entry }: Statement): boolean {
  return (
    verdict.kind === 'out' &&
    entry.qualifiers?.pocket !== undefined &&
    entry.ranges.some(({ events }) => events.some(({ fixed }) => fixed !== undefined && fixed !== '0'))
  );
}

/** An erratum for an rpm module names one build per minor release: a package at or above one of them has the fix. */
function fixedElsewhere(statements: readonly Statement[]): Set<string> {
  return new Set(
    statements
      .filter(({ verdict, entry }) => verdict.kind === 'out' && isModuleBuild(entry))
      .map(({ source, entry }) => `${source.record.id} ${entry.advisory}`),
  );
}

function isModuleBuild(entry: AffectedEntry): boolean {
  return entry.ranges.some(({ events }) => events.some(({ fixed }) => /[.+]module[_+]el/.test(fixed ?? '')));
}

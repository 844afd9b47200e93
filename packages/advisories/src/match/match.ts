// Matches an inventory with the shards of its ecosystems: findings, what could not be compared, and what was taken away again.
import { by, sortedUnique } from '@plombe/kit';
import type { Cause, Clock, Finding, MatchResult, ShardStatus, Suppressed, Unassessed } from '@plombe/model';
import type { ShardRecord } from '../database/manifest.ts';
import type { AdvisorySource, EcosystemSources, ShardSet } from '../database/open.ts';
import { commits, ecosystemBase } from '../normal/ecosystems.ts';
import { groupByVulnerability, preferredId, vulnerabilitiesOf, type VulnerabilityGroup } from './closure.ts';
import { cause, isSystemPackage } from './comparison.ts';
import { SchemeMemory } from './evaluate.ts';
import { toFinding } from './finding.ts';
import { spareReason } from './spared.ts';
import { allStatements, unsettled, weigh, type Statement } from './statements.ts';
import { ecosystemsOf, expectAdvisories, expectSubjects, isDataOf, sourcesOfSubject } from './sources.ts';
import { supportEnds } from './support-end.ts';
import { subjectsOf, UnassessedPackages, type MatchInput, type Subject } from './targets.ts';

/** Returns what the database knows of an inventory. Pure but for reading shards; the clock decides ages only. */
export function matchInventory(input: MatchInput, shards: ShardSet, clock: Clock): MatchResult {
  const run = new MatchRun(shards);
  const subjects = [...subjectsOf(input, run.unassessed).values()];
  expectSubjects(subjects, shards);
  for (const subject of subjects) run.match(subject);
  run.conclude();
  return {
    findings: run.findings.sort(
      by(
        ({ priority }) => -priority,
        ({ vulnerability }) => vulnerability,
        ({ packages }) => packages[0] as string,
      ),
    ),
    unassessed: run.notCompared(),
    suppressed: run.suppressed.sort(
      by(
        ({ vulnerability }) => vulnerability,
        ({ packages }) => packages[0] as string,
      ),
    ),
    shards: run.statuses(),
    endOfLife: supportEnds(input.packages, input.distribution, shards.facts(), clock),
  };
}

/** Versions that a cause names: as many as one can look at. */
const maxNamedVersions = 3;

/** Ecosystems that shards were asked about, without release, and how many packages are compared there. */
interface Asked {
  readonly bases: readonly string[];
  packages: number;
}

/** Statements that are concluded together: what is asked of the shards about them is asked at once. */
const maxPending = 1000;

/** A subject of which statements hold. */
interface Pending {
  readonly subject: Subject;
  readonly sources: readonly AdvisorySource[];
  readonly matched: readonly Statement[];
  readonly vetoed: readonly Statement[];
}

class MatchRun {
  readonly findings: Finding[] = [];
  readonly suppressed: Suppressed[] = [];
  readonly unassessed = new UnassessedPackages();
  readonly #schemes = new SchemeMemory();
  /** Subjects of one ecosystem share their sources. */
  readonly #asked = new Map<EcosystemSources, Asked>();
  readonly #missing = new Map<string, number>();
  readonly #unknown = new Map<string, { readonly texts: Set<string>; readonly packages: Set<string> }>();
  /** The same of advisories that name commits alone. */
  readonly #commits = new Map<string, { readonly texts: Set<string>; readonly packages: Set<string> }>();
  readonly #shards: ShardSet;
  #pending: Pending[] = [];
  #pendingStatements = 0;

  constructor(shards: ShardSet) {
    this.#shards = shards;
  }

  match(subject: Subject): void {
    const known = sourcesOfSubject(subject, this.#shards);
    const { sources } = known;
    const asked = this.#asked.get(known) ?? { bases: ecosystemsOf(subject).map(ecosystemBase), packages: 0 };
    for (const { packages } of subject.groups) asked.packages += packages.length;
    this.#asked.set(known, asked);
    if (!known.covered && known.coveredNames.size > 0)
      this.unassessed.add(unnamedCause(subject.ecosystem), packagesOf(subject));
    else if (!known.covered) this.#addUncovered(subject, known, packagesOf(subject));
    if (sources.length > 0) this.#compare(subject, sources);
  }

  #addUncovered(subject: Subject, known: EcosystemSources, ids: readonly string[]): void {
    const { ecosystem } = subject;
    const { damaged, fragments } = known;
    if (damaged.length > 0) {
      const message = `The advisory data for ${ecosystem} is damaged.`;
      this.unassessed.add(cause('database/damaged', message, ecosystem), ids);
      return;
    }
    this.#missing.set(ecosystem, (this.#missing.get(ecosystem) ?? 0) + ids.length);
    const [fragment] = fragments;
    const message =
      fragment === undefined
        ? missingText(subject, known)
        : `The advisory data ${fragment.record.id} knows only ${countText(fragment.packages)} of ${ecosystem}, but ${fragment.largest} of another release.`;
    this.unassessed.add(cause('feed/missing', message, ecosystem), ids);
  }

  #compare(subject: Subject, sources: readonly AdvisorySource[]): void {
    const matched: Statement[] = [];
    const vetoed: Statement[] = [];
    for (const group of subject.groups) {
      const all = allStatements(group, sources, this.#schemes);
      if (all.length === 0) continue;
      const weighed = weigh(all, group.target);
      matched.push(...weighed.matched);
      vetoed.push(...weighed.vetoed);
      this.#addUnknown(subject, group.packages, unsettled(weighed.unknown, all));
    }
    if (matched.length === 0) return;
    this.#pending.push({ subject, sources, matched, vetoed });
    this.#pendingStatements += matched.length + vetoed.length;
    if (this.#pendingStatements >= maxPending) this.conclude();
  }

  /** Makes findings of the statements that hold. */
  conclude(): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#pendingStatements = 0;
    expectAdvisories(pending.flatMap(({ matched, vetoed }) => [...matched, ...vetoed]));
    const grouped = pending.map((one) => {
      const { subject, sources, matched, vetoed } = one;
      const isSystem = isSystemPackage(subject);
      const vetoes = vetoesById(vetoed, sources, isSystem);
      return { subject, vetoes, groups: groupByVulnerability(matched, sources, isSystem) };
    });
    const ids = new Set(grouped.flatMap(({ groups }) => groups.flatMap((group) => [...group.ids])));
    for (const shard of ids.size === 0 ? [] : this.#shards.facts()) shard.expect(ids);
    for (const { subject, vetoes, groups } of grouped)
      for (const group of groups) this.#conclude(subject, group, vetoes);
  }

  #addUnknown(subject: Subject, packages: readonly { readonly id: string }[], statements: readonly Statement[]): void {
    const told = new Set<string>();
    for (const { entry, group } of statements) {
      const { ecosystem } = group.target;
      const isCommits = entry.ranges.every(({ scheme }) => scheme === commits);
      if (!isCommits && told.has(ecosystem)) continue;
      if (!isCommits) told.add(ecosystem);
      const all = isCommits ? this.#commits : this.#unknown;
      const known = all.get(ecosystem) ?? { texts: new Set<string>(), packages: new Set<string>() };
      all.set(ecosystem, known);
      known.texts.add(`${subject.name} ${subject.version} (${entry.advisory})`);
      for (const { id } of packages) known.packages.add(id);
    }
  }

  /** Everything that could not be compared: one cause for each ecosystem, with the first of the versions that were not. */
  notCompared(): Unassessed[] {
    for (const [ecosystem, { texts, packages }] of this.#unknown) {
      const message = `Versions in ${ecosystem} cannot be compared with advisories about them: ${someOf(texts)}.`;
      this.unassessed.add(cause('version/invalid', message, ecosystem), packages);
    }
    for (const [ecosystem, { texts, packages }] of this.#commits) {
      const message = `Advisories of ${ecosystem} name commits, not versions, and nothing else tells them: ${someOf(texts)}.`;
      this.unassessed.add(cause('feed/missing', message, ecosystem, toldByNvd), packages);
    }
    return this.unassessed.list();
  }

  #conclude(subject: Subject, group: VulnerabilityGroup, vetoes: ReadonlyMap<string, Statement>): void {
    const vulnerability = preferredId(group.ids);
    const all = sortedUnique(group.statements.flatMap((statement) => statement.group.packages.map(({ id }) => id)));
    const veto = [...group.ids].map((id) => vetoes.get(id)).find((statement) => statement !== undefined);
    if (veto !== undefined) {
      this.suppressed.push({ vulnerability, packages: all, reason: vetoReason(veto) });
      return;
    }
    const spared = sparedOf(subject, group);
    for (const [reason, ids] of spared) this.suppressed.push({ vulnerability, packages: sortedUnique(ids), reason });
    const packages = all.filter((id) => ![...spared.values()].some((ids) => ids.has(id)));
    if (packages.length === 0) return;
    this.findings.push(toFinding(subject, group, packages, this.#shards.facts(), this.#schemes));
  }

  /** The shards asked, facts included once there was something to decorate, and the missing ones; sorted by id. */
  statuses(): ShardStatus[] {
    const facts =
      this.#shards.facts().length > 0 ? this.#shards.manifest.shards.filter(({ role }) => role === 'facts') : [];
    const asked = [...countedRecords(this.#asked)].map(([record, packages]) => ({
      ...this.#shards.status(record),
      packages,
    }));
    const missing = [...this.#missing].map(([ecosystem, packages]) => missingShard(ecosystem, packages));
    return [...asked, ...facts.map((record) => this.#shards.status(record)), ...missing].sort(by(({ id }) => id));
  }
}

/** How many packages each shard is a statement of; zero for one that only adds to others. */
function countedRecords(asked: ReadonlyMap<EcosystemSources, Asked>): ReadonlyMap<ShardRecord, number> {
  const counts = new Map<ShardRecord, number>();
  for (const [{ sources, damaged, fragments }, { bases, packages }] of asked) {
    for (const record of [...sources.map((source) => source.record), ...damaged]) {
      const isFragment = fragments.some((fragment) => fragment.record === record);
      const counted = !isFragment && isDataOf(record, bases) ? packages : 0;
      counts.set(record, (counts.get(record) ?? 0) + counted);
    }
  }
  return counts;
}

/** Ids of the packages that the advisories do not mean, by the reason. */
function sparedOf(subject: Subject, group: VulnerabilityGroup): Map<string, Set<string>> {
  const spared = new Map<string, Set<string>>();
  for (const { target, packages } of new Set(group.statements.map((statement) => statement.group))) {
    for (const item of packages) {
      const reason = spareReason(subject.name, target.name, item);
      if (reason !== undefined) spared.set(reason, (spared.get(reason) ?? new Set()).add(item.id));
    }
  }
  return spared;
}

const toldByNvd =
  'Run `plombe db update`: NVD says their versions. Judge by hand, with `plombe explain`, what it does not have.';

/** The first of what cannot be compared, and how many more there are. */
function someOf(texts: ReadonlySet<string>): string {
  const some = [...texts].slice(0, maxNamedVersions).join(', ');
  return texts.size > maxNamedVersions ? `${some} and ${texts.size - maxNamedVersions} more` : some;
}

/** NVD is what software without a package manager is compared with besides: whoever scans an image has not named it. */
function missingText(subject: Subject, { sources }: EcosystemSources): string {
  const { ecosystem } = subject;
  if (ecosystem === 'NVD')
    return sources.length > 0
      ? 'Of NVD there are only corrections by others: what NVD itself knows of this software was not compared.'
      : 'There is no data of NVD, with which software is compared that no package manager knows.';
  const isAlso = ecosystemsOf(subject).includes('NVD');
  if (sources.length > 0) {
    const names = sortedUnique(sources.map(({ record }) => record.id)).join(', ');
    return `The advisory data for ${ecosystem} is not whole: ${names} only adds to it${isAlso ? ', and there is no NVD' : ''}.`;
  }
  return `There is no advisory data for ${ecosystem}${isAlso ? ', nor NVD' : ''}.`;
}

function unnamedCause(ecosystem: string): Cause {
  const message = `The data of ${ecosystem} is about the software that Plombe itself finds; CPEs of other products are not compared.`;
  return cause('feed/missing', message, ecosystem, 'An update changes nothing: look up by hand what is known of them.');
}

function countText(packages: number): string {
  return packages === 1 ? '1 package' : `${packages} packages`;
}

function packagesOf(subject: Subject): string[] {
  const ids: string[] = [];
  for (const { packages } of subject.groups) for (const { id } of packages) ids.push(id);
  return ids;
}

function missingShard(ecosystem: string, packages: number): ShardStatus {
  const id = ecosystem.toLowerCase().replaceAll(' ', '').replace(':', '-');
  return { id, feed: '', source: '', records: 0, kind: 'original', state: 'missing', role: 'advisories', packages };
}

function vetoesById(
  statements: readonly Statement[],
  sources: readonly AdvisorySource[],
  isSystem: boolean,
): ReadonlyMap<string, Statement> {
  const vetoes = new Map<string, Statement>();
  for (const statement of statements) {
    for (const ids of vulnerabilitiesOf(statement.body(), sources, isSystem)) {
      for (const id of ids) vetoes.set(id, statement);
    }
  }
  return vetoes;
}

function vetoReason({ entry, source, verdict }: Statement): string {
  const what =
    verdict.kind === 'out' ? `fixed in ${entry.qualifiers?.pocket ?? 'this version'}` : entry.status.replace('_', ' ');
  const note = entry.statusNote === undefined ? '' : ` (${entry.statusNote})`;
  return `${source.record.feed} says ${what}${note}: ${entry.advisory}`;
}

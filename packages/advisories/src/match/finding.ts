// Makes one finding of the statements about one vulnerability in one subject.
import { compareText, sortedUnique } from '@plombe/kit';
import type { ExploitPrediction, Finding, KnownExploited, MatchedAdvisory, VulnerabilityStatus } from '@plombe/model';
import type { FactShard, SeverityStatement } from '../database/fact-shard.ts';
import { advisoryUrl } from './advisory-url.ts';
import { preferredId, isCve, type VulnerabilityGroup } from './closure.ts';
import type { SchemeMemory } from './evaluate.ts';
import { isFromPocket } from './pocket.ts';
import { priorityOf } from './priority.ts';
import { chooseSeverity, type SaidSeverity } from './severity.ts';
import type { Statement } from './statements.ts';
import type { Subject } from './targets.ts';

/** References of a finding: those of its advisories, the first of each. */
const maxReferences = 10;

/** The status shown where statements differ: the one that asks for most. */
const statusOrder: readonly VulnerabilityStatus[] = [
  'affected',
  'will_not_fix',
  'under_investigation',
  'fixed',
  'not_affected',
];

/** Returns the finding, with its packages limited to those given. */
export function toFinding(
  subject: Subject,
  group: VulnerabilityGroup,
  packages: readonly string[],
  facts: readonly FactShard[],
  schemes: SchemeMemory,
): Finding {
  const { statements, ids } = group;
  const vulnerability = preferredId(ids);
  const bodies = statements.map((statement) => statement.body());
  const known = factsOf(ids, facts);
  const severity = chooseSeverity([...severitiesOf(statements), ...known.severities]);
  const leading = [...statements].sort(
    (a, b) => statusOrder.indexOf(a.entry.status) - statusOrder.indexOf(b.entry.status),
  )[0] as Statement;
  const note = noteOf(leading, subject.version);
  const summary = bodies.find((body) => body.summary !== undefined)?.summary ?? known.statement?.summary;
  const publishedAt =
    bodies.find((body) => body.publishedAt !== undefined)?.publishedAt ?? known.statement?.publishedAt;
  const disputed = bodies.some((body) => body.disputed === true) || known.statement?.disputed === true;
  const finding: Omit<Finding, 'priority'> = {
    vulnerability,
    aliases: sortedUnique(ids).filter((id) => id !== vulnerability),
    packages,
    packageName: subject.name,
    packageVersion: subject.version,
    status: leading.entry.status,
    ...(note === undefined ? {} : { statusNote: note }),
    severity: severity.shown,
    severities: severity.all,
    fixedVersions: fixesOf(statements, schemes),
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(known.exploited === undefined ? {} : { knownExploited: known.exploited }),
    ...(known.prediction === undefined ? {} : { epss: known.prediction }),
    ...(disputed ? { disputed } : {}),
    confidence: statements.some(({ entry }) => isInPart(entry)) ? 'module' : 'exact',
    advisories: advisoriesOf(statements),
    references: [...new Set(bodies.flatMap((body) => body.references))].slice(0, maxReferences),
  };
  return { ...finding, priority: priorityOf(finding) };
}

/** The advisory is about a part of the package, or about it beside other software: whether that is so is not known. */
function isInPart({ qualifiers }: Statement['entry']): boolean {
  return qualifiers?.symbols !== undefined || qualifiers?.configuration !== undefined;
}

function severitiesOf(statements: readonly Statement[]): SaidSeverity[] {
  return statements.flatMap((statement) => [
    ...(statement.entry.severity === undefined ? [] : [{ severity: statement.entry.severity, by: 'package' as const }]),
    ...statement.body().severities.map((severity) => ({ severity, by: 'advisory' as const })),
  ]);
}

interface Known {
  readonly severities: readonly SaidSeverity[];
  readonly statement?: SeverityStatement;
  readonly exploited?: KnownExploited;
  readonly prediction?: ExploitPrediction;
}

/** Asks every source of facts for the ids of a vulnerability. Of several CVEs the likelier exploited one counts. */
function factsOf(ids: ReadonlySet<string>, facts: readonly FactShard[]): Known {
  let exploited: KnownExploited | undefined;
  let prediction: ExploitPrediction | undefined;
  const statements: SeverityStatement[] = [];
  for (const id of sortedUnique(ids)) {
    for (const shard of facts) {
      const statement = shard.severity(id);
      if (statement !== undefined) statements.push(statement);
      if (!isCve(id)) continue;
      const exploit = shard.knownExploited(id);
      if (exploit !== undefined && (exploited === undefined || exploit.ransomware)) exploited = exploit;
      const score = shard.prediction(id);
      if (score !== undefined && score.score > (prediction?.score ?? -1)) prediction = score;
    }
  }
  const statement = statements[0];
  return {
    severities: statements.flatMap(({ severities }) =>
      severities.map((severity) => ({ severity, by: 'facts' as const })),
    ),
    ...(statement === undefined ? {} : { statement }),
    ...(exploited === undefined ? {} : { exploited }),
    ...(prediction === undefined ? {} : { prediction }),
  };
}

function noteOf({ entry }: Statement, version: string): string | undefined {
  const pocket = entry.qualifiers?.pocket;
  if (pocket === undefined || isFromPocket(version, pocket)) return entry.statusNote;
  const text = `the fix is only in ${pocket}`;
  return entry.statusNote === undefined ? text : `${entry.statusNote}; ${text}`;
}

function fixOf({ entry, verdict, group }: Statement): string | undefined {
  if (verdict.kind !== 'matched') return undefined;
  const pocket = entry.qualifiers?.pocket;
  if (pocket !== undefined && !isFromPocket(group.target.version, pocket)) return undefined;
  return verdict.fixedVersion;
}

function fixesOf(statements: readonly Statement[], schemes: SchemeMemory): string[] {
  const fixes = sortedUnique(statements.map(fixOf).filter((fix) => fix !== undefined));
  const scheme = schemes.get((statements[0] as Statement).group.target.scheme);
  if (scheme === undefined) return fixes;
  return fixes.sort((a, b) => scheme.compare(scheme.parse(a), scheme.parse(b)) || compareText(a, b));
}

function advisoriesOf(statements: readonly Statement[]): MatchedAdvisory[] {
  const distinct = new Map<string, MatchedAdvisory>();
  for (const statement of statements) {
    const { entry, source, verdict, group } = statement;
    if (verdict.kind !== 'matched') continue;
    const body = statement.body();
    const url = advisoryUrl(entry.advisory, source.record.feed, body.references);
    const fixedVersion = fixOf(statement);
    const advisory: MatchedAdvisory = {
      id: entry.advisory,
      feed: source.record.feed,
      ...(url === undefined ? {} : { url }),
      packageName: group.target.name,
      ecosystem: group.target.ecosystem,
      range: verdict.range,
      status: entry.status,
      ...(entry.statusNote === undefined ? {} : { statusNote: entry.statusNote }),
      ...(fixedVersion === undefined ? {} : { fixedVersion }),
    };
    distinct.set([advisory.id, advisory.feed, advisory.packageName, advisory.range].join('\n'), advisory);
  }
  return [...distinct].sort(([a], [b]) => compareText(a, b)).map(([, advisory]) => advisory);
}

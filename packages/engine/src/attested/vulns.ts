// A scan's result as the predicate `https://in-toto.io/attestation/vulns/v0.2`, with the state it is in (docs/predicates/scan.md).
import { inert, type JsonObject } from '@plombe/kit';
import type { Cause, DatabaseSummary, Finding, ScanResult, Severity, ShardStatus } from '@plombe/model';

/** URI of the predicate's type. */
export const vulnsPredicateType = 'https://in-toto.io/attestation/vulns/v0.2';
/** Who the scanner is, and whose database. */
export const scannerUri = 'https://plombe.dev/plombe';
const databaseUri = 'https://plombe.dev/database';

/** As many causes as a person reads, each of a few sentences; the report has all of them. */
const maxCauses = 20;
const maxCauseLength = 500;

/**
 * Returns the predicate. An empty `result` means "none found" to the specification, so `assessment` says beside it whether everything was
 * compared: only with the state `assessed` is an empty list a zero.
 */
export function vulnsPredicate(result: ScanResult, finishedAt: string): JsonObject {
  const { database, tool, match, scannedAt } = result;
  return {
    scanner: {
      uri: scannerUri,
      version: tool.version,
      db: databaseOf(database),
      result: heldFindings(result).map(vulnerabilityOf),
    },
    metadata: { scanStartedOn: scannedAt, scanFinishedOn: finishedAt },
    assessment: assessmentOf(result),
    database: { kind: database.kind, digest: database.digest, shards: match.shards.map(shardOf) },
  };
}

/** `scanner.db`: the digest over the shards that were used, and the date of the oldest data. */
export function databaseOf({ digest, oldestData }: DatabaseSummary): JsonObject {
  const dated = oldestData === undefined ? {} : { lastUpdate: instantOf(oldestData) };
  return { uri: databaseUri, version: digest, ...dated };
}

/** RFC 3339, as in-toto has times; a feed may tell the day alone. */
function instantOf(date: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(date) ? `${date}T00:00:00Z` : date;
}

/** Findings that are not known to be none: what attestations and records count. */
export function heldFindings({ match }: Pick<ScanResult, 'match'>): readonly Finding[] {
  return match.findings.filter(({ status }) => status !== 'not_affected' && status !== 'fixed');
}

/** State and causes as records and attestations carry them: inert, and bounded. */
export function assessmentOf({ assessment }: Pick<ScanResult, 'assessment'>, most = maxCauses): JsonObject {
  const { state, causes } = assessment;
  const more = causes.length - most;
  return { state, causes: causes.slice(0, most).map(causeOf), ...(more > 0 ? { moreCauses: more } : {}) };
}

function causeOf({ code, message, scope }: Cause): JsonObject {
  const about = scope === undefined ? {} : { scope: inert(scope.slice(0, maxCauseLength)) };
  return { code, message: inert(message.slice(0, maxCauseLength)), ...about };
}

/** What a statement says of a shard. */
export function shardOf({ id, source, state, dataDate, digest }: ShardStatus): JsonObject {
  return {
    id,
    source,
    state,
    ...(dataDate === undefined ? {} : { dataDate }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function vulnerabilityOf(finding: Finding): JsonObject {
  return { id: inert(finding.vulnerability), severity: severitiesOf(finding), annotations: [annotationOf(finding)] };
}

/** What is affected, and what is known of it beside its severity. */
export function annotationOf(finding: Finding): JsonObject & { readonly packages: readonly string[] } {
  const { aliases, packageName, packageVersion, packages, status, fixedVersions } = finding;
  return {
    package: inert(packageName),
    version: inert(packageVersion),
    packages: packages.map(inert),
    status,
    ...(aliases.length === 0 ? {} : { aliases: aliases.map(inert) }),
    ...(fixedVersions.length === 0 ? {} : { fixedVersions: fixedVersions.map(inert) }),
    ...(finding.knownExploited === undefined ? {} : { knownExploited: true }),
  };
}

/** The one shown as a word by its author, then every score by its kind. */
export function severitiesOf({ severity, severities }: Finding): readonly JsonObject[] {
  const scores = [severity, ...severities].flatMap((one) =>
    one.score === undefined ? [] : [{ method: methodOf(one), score: String(one.score) }],
  );
  const all = [{ method: inert(severity.author), score: severity.word }, ...scores];
  return [...new Map(all.map((one) => [`${one.method}\0${one.score}`, one])).values()];
}

/** `cvss:3.1` for a vector that says so. */
function methodOf({ vector = '' }: Severity): string {
  const version = /^CVSS:([0-9.]+)\//.exec(vector)?.[1];
  return version === undefined ? 'cvss' : `cvss:${version}`;
}

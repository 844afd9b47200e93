// Another scanner's report in Plombe's words, marked as what somebody else says: it is never mixed with Plombe's own matching.
import {
  inert,
  isObject,
  objectField,
  objectsField,
  PlombeError,
  textField,
  textsField,
  type JsonObject,
} from '@plombe/kit';
import { severityOrder, type Finding, type Severity, type SeverityWord } from '@plombe/model';

/** Who reported: what the adapter says of its scanner. */
export interface ReportingScanner {
  readonly name: string;
  readonly vendor: string;
  readonly version: string;
}

/** A finding that a scanner reported. It has no priority and no confidence: Plombe compared nothing itself. */
export interface ReportedFinding extends Omit<
  Finding,
  'priority' | 'confidence' | 'packages' | 'advisories' | 'knownExploited' | 'epss' | 'disputed'
> {
  /** `scanner:Trivy`; also the author of its severities. */
  readonly source: string;
}

export interface ScannerReport {
  readonly scanner: ReportingScanner;
  readonly generatedAt?: string;
  /** Sorted: worst severity first, then vulnerability, then package. */
  readonly findings: readonly ReportedFinding[];
  /** What the scanner says it could not compare; only Plombe's own adapter says so. Absent: unknown, not "nothing". */
  readonly incomplete?: { readonly state: string; readonly causes: readonly string[] };
}

/** 200,000 findings are 40 times the worst image known. */
const maxFindings = 200_000;
const maxText = 20_000;

/** Reads a report of either version. Throws `registry/invalid-answer` where it is none or is about another digest. */
export function readScannerReport(text: string, digest: string): ScannerReport {
  const fail = (reason: string): PlombeError =>
    new PlombeError('registry/invalid-answer', `The report of the scanner ${reason}.`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw fail('is no JSON');
  }
  if (!isObject(document) || !Array.isArray(document['vulnerabilities'] ?? []))
    throw fail('has no list of vulnerabilities');
  const about = textField(objectField(document, 'artifact') ?? {}, 'digest');
  if (about !== undefined && about !== digest)
    throw fail(`is about ${inert(about.slice(0, 100))}, not about ${digest}`);
  const entries = objectsField(document, 'vulnerabilities');
  if (entries.length > maxFindings) throw fail(`has more than ${maxFindings} entries`);
  const scanner = readScanner(objectField(document, 'scanner') ?? {});
  const source = `scanner:${scanner.name}`;
  const generatedAt = textField(document, 'generated_at');
  const incomplete = readIncomplete(objectField(document, 'plombe'));
  return {
    scanner,
    ...(generatedAt === undefined ? {} : { generatedAt }),
    findings: entries
      .filter((entry) => textField(entry, 'id') !== incompleteId)
      .map((entry) => findingOf(entry, source))
      .sort(worstFirst),
    ...(incomplete === undefined ? {} : { incomplete }),
  };
}

/** Plombe's own entry that says the rest is not all. */
const incompleteId = 'PLOMBE-INCOMPLETE';

function readIncomplete(own: JsonObject | undefined): ScannerReport['incomplete'] {
  const state = own === undefined ? undefined : textField(own, 'state');
  if (own === undefined || state === undefined || state === 'assessed') return undefined;
  const causes = objectsField(own, 'causes').flatMap((cause) => textField(cause, 'message') ?? []);
  return { state, causes };
}

/** Reads name, vendor and version; what is missing is empty. */
export function readScanner(scanner: JsonObject): ReportingScanner {
  const text = (key: string): string => (textField(scanner, key) ?? '').slice(0, 200);
  return { name: text('name') === '' ? 'unknown' : text('name'), vendor: text('vendor'), version: text('version') };
}

function findingOf(entry: JsonObject, source: string): ReportedFinding {
  const text = (key: string): string => (textField(entry, key) ?? '').slice(0, maxText);
  const severity = severityOf(entry, source);
  const fixedVersions = text('fix_version')
    .split(',')
    .map((version) => version.trim())
    .filter((version) => version !== '');
  const summary = text('description');
  return {
    source,
    vulnerability: text('id'),
    aliases: [],
    packageName: text('package'),
    packageVersion: text('version'),
    status: 'affected',
    severity,
    severities: [severity],
    fixedVersions,
    ...(summary === '' ? {} : { summary }),
    references: textsField(entry, 'links').filter((link) => /^https?:\/\//i.test(link)),
  };
}

function severityOf(entry: JsonObject, author: string): Severity {
  const said = (textField(entry, 'severity') ?? '').toLowerCase();
  const word: SeverityWord = severityOrder.find((known) => known === said) ?? 'unknown';
  const cvss = objectField(entry, 'preferred_cvss') ?? {};
  const number = (key: string): number | undefined => {
    const value = cvss[key];
    return typeof value === 'number' && value >= 0 && value <= 10 ? value : undefined;
  };
  const vector3 = textField(cvss, 'vector_v3') ?? '';
  const isThree = vector3 !== '' || number('score_v3') !== undefined;
  const score = isThree ? number('score_v3') : number('score_v2');
  const vector = isThree ? vector3 : (textField(cvss, 'vector_v2') ?? '');
  return { author, word, ...(score === undefined ? {} : { score }), ...(vector === '' ? {} : { vector }) };
}

function worstFirst(a: ReportedFinding, b: ReportedFinding): number {
  const rank = ({ severity }: ReportedFinding): number => severityOrder.indexOf(severity.word);
  const keyOf = ({ vulnerability, packageName }: ReportedFinding): string => `${vulnerability} ${packageName}`;
  return rank(a) - rank(b) || (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0);
}

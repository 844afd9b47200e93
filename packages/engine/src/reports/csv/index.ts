// CSV by RFC 4180: a row for the subject with its state, one per cause, one per finding; no cell is a formula.
import type { ScanResult } from '@plombe/model';
import { csvCell } from '../escaping/csv.ts';
import { placedFindings, type PlacedFinding } from '../placed/placed.ts';
import { sparedFindings, type SparedFinding } from '../placed/spared.ts';
import type { RenderOptions, ReportFormat } from '../report.ts';

/** Columns never change their order; new ones come at the end. */
const columns = [
  'record',
  'state',
  'severity',
  'score',
  'vulnerability',
  'aliases',
  'package',
  'installed',
  'fixed',
  'status',
  'known_exploited',
  'epss',
  'priority',
  'type',
  'layer',
  'path',
  'purl',
  'summary',
  'line',
] as const;

type Row = Partial<Readonly<Record<(typeof columns)[number], string | number>>>;

/** For spreadsheets; `record` is `subject`, `cause`, `finding`, or on request `suppressed`, whose summary is the reason. */
export const csv: ReportFormat = {
  id: 'csv',
  title: 'CSV (RFC 4180)',
  mediaType: 'text/csv; charset=utf-8; header=present',
  *render(result: ScanResult, { suppressed = false }: RenderOptions): Iterable<string> {
    const { state, causes } = result.assessment;
    const { subject } = result.inventory;
    yield `${columns.join(',')}\r\n`;
    const name = subject.reference ?? subject.name;
    yield line({ record: 'subject', state, package: name, installed: subject.digest ?? '', summary: result.scannedAt });
    for (const { code, message, scope = '' } of causes)
      yield line({ record: 'cause', state, vulnerability: code, package: scope, summary: message });
    for (const placed of placedFindings(result)) yield line(rowOf(placed, state));
    if (suppressed) for (const spared of sparedFindings(result)) yield line(sparedRow(spared, state));
  },
};

function rowOf({ finding, found, place, fixedVersion }: PlacedFinding, state: string): Row {
  return {
    record: 'finding',
    state,
    severity: finding.severity.word,
    score: finding.severity.score ?? '',
    vulnerability: finding.vulnerability,
    aliases: finding.aliases.join(' '),
    package: finding.packageName,
    installed: finding.packageVersion,
    fixed: fixedVersion ?? '',
    status: finding.status,
    known_exploited: finding.knownExploited === undefined ? '' : 'yes',
    epss: finding.epss?.score ?? '',
    priority: finding.priority,
    type: found?.type ?? '',
    layer: place?.layerIndex ?? '',
    path: place === undefined ? '' : `/${place.path}`,
    purl: found?.purl ?? '',
    summary: finding.summary ?? '',
    line: place?.line ?? '',
  };
}

function sparedRow({ suppressed, found, name, version, severity }: SparedFinding, state: string): Row {
  const { vulnerability, reason, finding, vex } = suppressed;
  const place = found?.evidence[0];
  return {
    record: 'suppressed',
    state,
    severity: severity ?? '',
    vulnerability,
    aliases: finding?.aliases.join(' ') ?? '',
    package: name,
    installed: version,
    fixed: finding?.fixedVersions[0] ?? '',
    status: vex?.status ?? finding?.status ?? '',
    type: found?.type ?? '',
    layer: place?.layerIndex ?? '',
    path: place === undefined ? '' : `/${place.path}`,
    purl: found?.purl ?? '',
    summary: reason,
    line: place?.line ?? '',
  };
}

function line(row: Row): string {
  return `${columns.map((column) => csvCell(row[column] ?? '')).join(',')}\r\n`;
}

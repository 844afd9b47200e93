// Reads a saved JSON report back into the result that it was made of, so that every report format can render it again.
import { field, inert, isObject, messageOf, PlombeError, type JsonObject } from '@plombe/kit';
import type { ScanResult } from '@plombe/model';
import { reportShape } from './report-shape.ts';
import { isDeeperThan } from './shape.ts';

/** The version of docs/schemas/report-1.schema.json. */
const readVersion = 1;
/** Reports nest six levels deep; what is kept without being known may need some more. */
const maxLevels = 32;

/**
 * Returns the result. Members that this version does not know stay in it. `name` stands in messages. Throws `report/malformed` for what is no report of
 * schema version 1, with the place that is wrong.
 */
export function parseReport(document: string, name: string): ScanResult {
  const report = parseJson(document, name);
  const version = field(report, 'schemaVersion');
  if (version !== readVersion) throw malformed(name, versionProblem(report, version), versionRemedy(report, version));
  if (isDeeperThan(report, maxLevels)) throw malformed(name, `it is nested deeper than ${maxLevels} levels.`);
  const problem = reportShape(report);
  if (problem !== undefined) throw malformed(name, `${problem.at.join('.')} must be ${problem.expects}.`);
  return resultOf(report as unknown as SavedReport);
}

/** The document as `reportShape` leaves it. */
interface SavedReport extends Pick<ScanResult, 'tool' | 'scannedAt' | 'database' | 'actions'> {
  readonly subject: ScanResult['inventory']['subject'];
  readonly state: ScanResult['assessment']['state'];
  readonly causes: ScanResult['assessment']['causes'];
  readonly shards: ScanResult['match']['shards'];
  readonly distribution: ScanResult['inventory']['distribution'] | null;
  readonly config: ScanResult['inventory']['config'] | null;
  readonly complete: boolean;
  readonly layers: ScanResult['inventory']['layers'];
  readonly findings: ScanResult['match']['findings'];
  readonly unassessed: ScanResult['match']['unassessed'];
  readonly suppressed: ScanResult['match']['suppressed'];
  readonly endOfLife: ScanResult['match']['endOfLife'];
  readonly diagnostics: ScanResult['inventory']['diagnostics'];
  readonly packages: ScanResult['inventory']['packages'];
}

function resultOf(report: SavedReport): ScanResult {
  const { subject, layers, packages, diagnostics, complete, distribution, config } = report;
  const { findings, unassessed, suppressed, shards, endOfLife } = report;
  return {
    inventory: {
      subject,
      ...(config === null || config === undefined ? {} : { config }),
      ...(distribution === null || distribution === undefined ? {} : { distribution }),
      layers,
      packages,
      diagnostics,
      complete,
    },
    match: { findings, unassessed, suppressed, shards, endOfLife },
    assessment: { state: report.state, causes: report.causes },
    database: report.database,
    actions: report.actions,
    scannedAt: report.scannedAt,
    tool: report.tool,
  };
}

function parseJson(document: string, name: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(document.replace(/^\ufeff/, ''));
  } catch (thrown) {
    const several = /^\}\s*\{/m.test(document) ? ' It holds several reports: save each in a file of its own.' : '';
    throw malformed(name, `it is no JSON: ${messageOf(thrown).slice(0, 200)}.${several}`);
  }
  if (!isObject(value)) throw malformed(name, 'it is no JSON object.');
  return value;
}

/** Documents of others that people have at hand, by a member that each has. */
const others: Readonly<Record<string, string>> = {
  bomFormat: 'a CycloneDX document',
  spdxVersion: 'an SPDX document',
  runs: 'a SARIF log',
  SchemaVersion: "another scanner's report",
  matches: "another scanner's report",
};

function versionProblem(report: JsonObject, version: unknown): string {
  if (typeof version === 'number') {
    return `its schema version is ${version}, and this program reads version ${readVersion}.`;
  }
  const other = Object.keys(others).find((member) => Object.hasOwn(report, member));
  return `it has no schemaVersion${other === undefined ? '' : `; it looks like ${others[other]}`}.`;
}

function versionRemedy(report: JsonObject, version: unknown): string {
  if (Object.hasOwn(report, 'bomFormat') || Object.hasOwn(report, 'spdxVersion'))
    return 'Give an SBOM to `plombe scan sbom:FILE` or `plombe sbom sbom:FILE`.';
  return typeof version === 'number' && version > readVersion
    ? 'Use the plombe that wrote it, or a later one.'
    : 'Give it what `plombe scan -o json=FILE` wrote.';
}

function malformed(name: string, problem: string, remedy?: string): PlombeError {
  return new PlombeError(
    'report/malformed',
    `${inert(name)} is no report that can be read: ${problem}`,
    remedy === undefined ? {} : { remedy },
  );
}

// Plombe's own JSON report: the whole result, versioned; docs/schemas/report-1.schema.json describes every field.
import { jsonText } from '@plombe/kit';
import { countBySeverity, type ScanResult } from '@plombe/model';
import type { ReportFormat } from '../report.ts';

/** Raised when a field changes meaning or goes away; new fields do not raise it. */
const schemaVersion = 1;

/**
 * One JSON document, arrays in the order of the result, one element a line. Names that are no UTF-8 keep their lone surrogates
 * as `\udcXX` escapes, so that they stay distinct; so do marks of direction, so that no viewer obeys them.
 */
export const json: ReportFormat = {
  id: 'json',
  title: 'Plombe JSON',
  mediaType: 'application/vnd.plombe.report.v1+json',
  *render(result: ScanResult): Iterable<string> {
    const { inventory, match, assessment } = result;
    const { findings } = match;
    yield `{\n"schemaVersion": ${schemaVersion},\n`;
    yield* property('tool', result.tool);
    yield* property('scannedAt', result.scannedAt);
    yield* property('subject', inventory.subject);
    yield* property('state', assessment.state);
    yield* property('causes', assessment.causes);
    yield* property('summary', {
      packages: inventory.packages.length,
      findings: findings.length,
      severities: countBySeverity(findings),
      knownExploited: findings.filter((finding) => finding.knownExploited !== undefined).length,
      fixable: findings.filter((finding) => finding.fixedVersions.length > 0).length,
    });
    yield* property('database', result.database);
    yield* list('shards', match.shards);
    yield* property('distribution', inventory.distribution ?? null);
    yield* property('config', inventory.config ?? null);
    yield* property('complete', inventory.complete);
    yield* list('layers', inventory.layers);
    yield* list('actions', result.actions);
    yield* list('findings', findings);
    yield* list('unassessed', match.unassessed);
    yield* list('suppressed', match.suppressed);
    yield* list('endOfLife', match.endOfLife);
    yield* list('diagnostics', inventory.diagnostics);
    yield* list('packages', inventory.packages, '\n');
    yield '}\n';
  },
};

function* property(name: string, value: unknown): Iterable<string> {
  yield `${jsonText(name)}: ${jsonText(value)},\n`;
}

function* list(name: string, values: readonly unknown[], end = ',\n'): Iterable<string> {
  if (values.length === 0) {
    yield `${jsonText(name)}: []${end}`;
    return;
  }
  yield `${jsonText(name)}: [\n`;
  for (const [index, value] of values.entries()) yield `${jsonText(value)}${index < values.length - 1 ? ',' : ''}\n`;
  yield `]${end}`;
}

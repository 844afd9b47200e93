// JUnit XML as Jenkins, Surefire, GitLab and Azure Pipelines read it: a test case per finding, and what could not be assessed as errors.
import type { Cause, ScanResult } from '@plombe/model';
import { escapeMarkup } from '../escaping/markup.ts';
import { findingLine, placedFindings, shownPath, type PlacedFinding } from '../placed/placed.ts';
import { sparedFindings, sparedLine, type SparedFinding } from '../placed/spared.ts';
import type { RenderOptions, ReportFormat } from '../report.ts';

/** Views cut longer messages themselves. */
const maxMessage = 500;

/**
 * One suite. A finding is a failure, one whose vendor says that it is not affected or fixed is skipped, a cause is an error; a subject that is assessed and has nothing is one
 * case that passes. What does not count is skipped too, where it is asked for.
 */
export const junit: ReportFormat = {
  id: 'junit',
  title: 'JUnit XML',
  mediaType: 'application/xml',
  *render(result: ScanResult, { suppressed = false }: RenderOptions): Iterable<string> {
    const { inventory, assessment, scannedAt, tool } = result;
    const placed = placedFindings(result);
    const spared = suppressed ? sparedFindings(result) : [];
    const failed = placed.filter(({ counts }) => counts).length;
    const skipped = placed.length - failed + spared.length;
    const clean = assessment.state === 'assessed' ? 1 : 0;
    const errors = Math.max(assessment.causes.length, 1 - clean);
    const totals = [
      `tests="${placed.length + spared.length + errors + clean}"`,
      `failures="${failed}"`,
      `errors="${errors}"`,
    ].join(' ');
    const name = attribute(inventory.subject.reference ?? inventory.subject.name);
    yield '<?xml version="1.0" encoding="UTF-8"?>\n';
    yield `<testsuites name="plombe" ${totals} time="0">\n`;
    yield `<testsuite name="${name}" ${totals} skipped="${skipped}" time="0" timestamp="${scannedAt.slice(0, 19)}">\n`;
    yield '<properties>\n';
    const properties = {
      state: assessment.state,
      digest: inventory.subject.digest ?? '',
      database: result.database.digest,
      plombe: tool.version,
    };
    for (const [key, value] of Object.entries(properties))
      yield `<property name="${key}" value="${attribute(value)}"/>\n`;
    yield '</properties>\n';
    yield* assessmentCases(result);
    for (const entry of placed) yield findingCase(entry);
    for (const entry of spared) yield sparedCase(entry);
    yield '</testsuite>\n</testsuites>\n';
  },
};

function* assessmentCases({ assessment: { state, causes } }: ScanResult): Iterable<string> {
  if (state === 'assessed') {
    yield '<testcase classname="plombe" name="assessed" time="0"/>\n';
    return;
  }
  const told: readonly Cause[] =
    causes.length > 0 ? causes : [{ code: state, message: `not fully assessed: ${state}` }];
  for (const { code, message, scope, remedy } of told) {
    yield `<testcase classname="plombe.assessment" name="${attribute(scope === undefined ? code : `${code} ${scope}`)}" time="0">`;
    yield `<error message="${attribute(message)}" type="${attribute(code)}">${escapeMarkup(remedy ?? message)}</error></testcase>\n`;
  }
}

function findingCase(placed: PlacedFinding): string {
  const { finding, found, place, counts } = placed;
  // Both are split at dots and slashes by some views.
  const group = `${found?.type ?? 'package'}.${finding.packageName}`;
  const name = `${finding.vulnerability} ${finding.packageName} ${finding.packageVersion}`;
  const head = `<testcase classname="${attribute(group)}" name="${attribute(name)}" time="0">`;
  const line = findingLine(placed);
  if (!counts) return `${head}<skipped message="${attribute(line)}"/></testcase>\n`;
  const details = [
    line,
    ...(finding.summary === undefined ? [] : [finding.summary]),
    ...(place === undefined ? [] : [shownPath(place)]),
    ...finding.advisories.slice(0, 5).map(({ id, feed, range }) => `${id} (${feed}): ${range}`),
  ];
  const body = details.map(escapeMarkup).join('\n');
  return `${head}<failure message="${attribute(line)}" type="${finding.severity.word}">${body}</failure></testcase>\n`;
}

function sparedCase(spared: SparedFinding): string {
  const { suppressed, found, name, version } = spared;
  const group = `${found?.type ?? 'package'}.${name}`;
  const title = `${suppressed.vulnerability} ${name} ${version}`;
  return `<testcase classname="${attribute(group)}" name="${attribute(title)}" time="0"><skipped message="${attribute(sparedLine(spared))}"/></testcase>\n`;
}

function attribute(text: string): string {
  return escapeMarkup(text.length > maxMessage ? `${text.slice(0, maxMessage - 1)}…` : text);
}

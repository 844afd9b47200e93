// Logging commands of Azure Pipelines on standard output, escaped by the agent's own rules.
import { inert } from '@plombe/kit';
import type { ScanResult, SeverityWord } from '@plombe/model';
import { findingLine, placedFindings, sourceFile } from '../placed/placed.ts';
import { sparedFindings, sparedLine } from '../placed/spared.ts';
import type { RenderOptions, ReportFormat } from '../report.ts';

const isError: Readonly<Record<SeverityWord, boolean>> = {
  critical: true,
  high: true,
  medium: false,
  unknown: false,
  low: false,
  negligible: false,
};

/** The summary of a run shows so many of each kind per task; more only bury them. */
const maxPerKind = 10;

/** State and causes, then the findings of highest priority as issues, and all findings as lines of a group. The result of the task is left to the exit code. */
export const azureDevops: ReportFormat = {
  id: 'azure-devops',
  title: 'Azure DevOps logging commands',
  mediaType: 'text/plain',
  *render(result: ScanResult, { suppressed = false }: RenderOptions): Iterable<string> {
    const { assessment, inventory } = result;
    const placed = placedFindings(result);
    const subject = inventory.subject.reference ?? inventory.subject.name;
    const left = { error: maxPerKind, warning: maxPerKind };
    if (assessment.state !== 'assessed') {
      left.warning -= 1;
      const causes = assessment.causes.map(({ code, message }) => `${message} [${code}]`).join('; ');
      const code = assessment.causes[0]?.code ?? assessment.state;
      yield issue('warning', code, `${subject}: not fully assessed (${assessment.state}). ${causes}`);
    }
    let shown = 0;
    for (const entry of placed.filter(({ counts }) => counts)) {
      const kind = isError[entry.finding.severity.word] ? 'error' : 'warning';
      if (left[kind] === 0) continue;
      left[kind] -= 1;
      shown += 1;
      const file = sourceFile(result, entry);
      yield issue(kind, entry.finding.vulnerability, findingLine(entry), file, entry.place?.line);
    }
    yield `##[group]${inert(`${subject}: ${placed.length} findings, ${assessment.state}`)}\n`;
    for (const entry of placed) yield `  ${inert(findingLine(entry))}\n`;
    if (suppressed) for (const entry of sparedFindings(result)) yield `  ${inert(sparedLine(entry))}\n`;
    yield '##[endgroup]\n';
    if (placed.length > shown) yield `${placed.length - shown} of ${placed.length} findings are in the group only.\n`;
  },
};

function issue(type: 'error' | 'warning', code: string, message: string, file?: string, line?: number): string {
  const place =
    file === undefined ? '' : `sourcepath=${property(file)};${line === undefined ? '' : `linenumber=${line};`}`;
  return `##vso[task.logissue type=${type};${place}code=${property(code)};]${data(message)}\n`;
}

/** The message of a command. `%AZP25` is the agent's own escape of the percent sign. */
function data(text: string): string {
  return inert(text.slice(0, 4000)).replaceAll('%', '%AZP25');
}

/** A property ends at a semicolon or bracket besides. */
function property(text: string): string {
  return data(text.slice(0, 200)).replaceAll(']', '%5D').replaceAll(';', '%3B');
}

// Annotations of GitHub Actions: workflow commands on standard output, escaped by the runner's own rules.
import { inert } from '@plombe/kit';
import type { ScanResult, SeverityWord } from '@plombe/model';
import { findingLine, placedFindings, sourceFile } from '../placed/placed.ts';
import { sparedFindings, sparedLine } from '../placed/spared.ts';
import type { RenderOptions, ReportFormat } from '../report.ts';

type Level = 'error' | 'warning' | 'notice';

const levels: Readonly<Record<SeverityWord, Level>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  unknown: 'warning',
  low: 'notice',
  negligible: 'notice',
};

/** GitHub keeps so many annotations of each level per step, and drops the rest in silence. */
const maxPerLevel = 10;

/** State and causes, then the findings of highest priority as annotations, and all findings as lines of a group. */
export const github: ReportFormat = {
  id: 'github',
  title: 'GitHub Actions annotations',
  mediaType: 'text/plain',
  *render(result: ScanResult, { suppressed = false }: RenderOptions): Iterable<string> {
    const { assessment, inventory } = result;
    const placed = placedFindings(result);
    const subject = inventory.subject.reference ?? inventory.subject.name;
    const left: Record<Level, number> = { error: maxPerLevel, warning: maxPerLevel, notice: maxPerLevel };
    if (assessment.state !== 'assessed') {
      left.warning -= 1;
      const causes = assessment.causes.map(({ code, message }) => `${message} [${code}]`).join('\n');
      yield command('warning', `${subject}: not fully assessed (${assessment.state})`, causes);
    }
    // Room for the one that says how many there are.
    left.notice -= 1;
    let shown = 0;
    for (const entry of placed.filter(({ counts }) => counts)) {
      const level = levels[entry.finding.severity.word];
      if (left[level] === 0) continue;
      left[level] -= 1;
      shown += 1;
      const { vulnerability, packageName, summary } = entry.finding;
      const text = [findingLine(entry), summary ?? ''].join('\n').trim();
      yield command(level, `${vulnerability} in ${packageName}`, text, sourceFile(result, entry), entry.place?.line);
    }
    yield `::group::${data(`${subject}: ${placed.length} findings`)}\n`;
    for (const entry of placed) yield `${plainLine(findingLine(entry))}\n`;
    if (suppressed) for (const entry of sparedFindings(result)) yield `${plainLine(sparedLine(entry))}\n`;
    yield '::endgroup::\n';
    const more = placed.length - shown;
    const all = `${placed.length} findings, ${assessment.state}${more > 0 ? `; ${more} are in the log only` : ''}`;
    yield command('notice', subject, all);
  },
};

function command(level: Level, title: string, message: string, file?: string, line?: number): string {
  const place = file === undefined ? '' : `file=${property(file)},${line === undefined ? '' : `line=${line},`}`;
  return `::${level} ${place}title=${property(title)}::${data(message)}\n`;
}

/** The message of a command: percent signs and line ends are escaped; of other characters only lines are made, never terminal codes. */
function data(text: string): string {
  return text
    .split(/\r\n|\n|\r/)
    .map((line) => inert(line).replaceAll('%', '%25'))
    .join('%0A');
}

/** A property ends at a comma or colon besides. */
function property(text: string): string {
  return inert(text.slice(0, 200)).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** A line that the runner takes for no command: it reads `::` at the beginning of a line, blanks apart. The older `##[` is inert. */
function plainLine(text: string): string {
  return `- ${inert(text)}`;
}

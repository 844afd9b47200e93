// Markdown for a comment of a pull request: the summary, what to do, and as many findings as fit, with a word about the rest.
import { inert } from '@plombe/kit';
import {
  countBySeverity,
  formatPlatform,
  severityOrder,
  type Cause,
  type Finding,
  type ScanResult,
} from '@plombe/model';
import { escapeMarkdown, markdownCode } from '../escaping/markdown.ts';
import { canonicalPage, pageOf } from '../placed/page.ts';
import { sparedFindings } from '../placed/spared.ts';
import { hasLayers, placedFindings, shownPath, type PlacedFinding } from '../placed/placed.ts';
import type { Language, RenderOptions, ReportFormat } from '../report.ts';
import { instruction } from '../table/actions.ts';
import { meaningIn, remedyIn } from '../texts/codes-de.ts';
import { remedyText } from '../texts/remedy.ts';
import { reportTexts, type ReportTexts } from '../texts/texts.ts';

/** GitHub takes comments of at most 65,536 characters; Azure DevOps 150,000, GitLab a million. */
const maxLength = 65_536;
/** For the line that says what is left out. */
const closingRoom = 400;
/** Kinds of causes, and of each kind. */
const maxCauses = 8;
const maxCausesOfKind = 2;

/** GitHub-flavoured Markdown of at most 65,536 characters. */
export const markdown: ReportFormat = {
  id: 'markdown',
  title: 'Markdown for a pull request',
  mediaType: 'text/markdown; charset=utf-8; variant=GFM',
  *render(result: ScanResult, { language = 'en', suppressed = false }: RenderOptions): Iterable<string> {
    const texts = reportTexts[language];
    let length = 0;
    for (const block of [
      heading(result, texts),
      assessment(result, texts, language),
      counts(result, texts),
      actions(result, texts, language),
    ]) {
      length += block.length;
      yield block;
    }
    const rows = placedFindings(result);
    const spared = suppressed ? doesNotCount(result, texts) : '';
    if (rows.length === 0) {
      yield spared;
      return;
    }
    length += spared.length;
    const { columns } = texts;
    const layered = hasLayers(result);
    const titles = [
      columns.severity,
      columns.vulnerability,
      columns.package,
      columns.installed,
      columns.fixed,
      layered ? columns.layer : columns.file,
    ];
    const title = `### ${texts.findings}\n\n| ${titles.join(' | ')} |\n|---|---|---|---|---|${layered ? '--:' : '---'}|\n`;
    length += title.length;
    yield title;
    for (const [index, placed] of rows.entries()) {
      const row = rowOf(placed, layered, texts);
      if (length + row.length + closingRoom > maxLength) {
        yield leftOut(rows.slice(index), texts);
        return;
      }
      length += row.length;
      yield row;
    }
    if (spared !== '') yield `\n${spared}`;
  },
};

/** Of what does not count; the JSON report has all. */
const maxSpared = 50;

function doesNotCount(result: ScanResult, texts: ReportTexts): string {
  const all = sparedFindings(result);
  if (all.length === 0) return '';
  const lines = all.slice(0, maxSpared).map(({ suppressed, name, version }) => {
    const what = [name, version].filter((text) => text !== '').join(' ');
    return `- ${markdownCode(cut(suppressed.vulnerability, 60))} ${markdownCode(cut(what, 120))}: ${shown(suppressed.reason, 300)}\n`;
  });
  const more = all.length > maxSpared ? `- … ${texts.more(all.length - maxSpared)}\n` : '';
  return `### ${texts.doesNotCount}\n\n${lines.join('')}${more}`;
}

function heading({ inventory, scannedAt, database }: ScanResult, texts: ReportTexts): string {
  const { subject, distribution, packages, layers } = inventory;
  const parts = [
    ...(subject.digest === undefined ? [] : [markdownCode(subject.digest)]),
    ...(subject.platform === undefined ? [] : [shown(formatPlatform(subject.platform), 60)]),
    ...(distribution === undefined ? [] : [shown(distribution.name ?? distribution.id, 80)]),
    texts.packages(packages.length),
    ...(layers.length > 1 ? [texts.layers(layers.length)] : []),
  ];
  const data = database.kind === 'none' ? texts.noData : database.kind === 'starter' ? texts.starter : '';
  const oldest = database.oldestData === undefined ? '' : `${texts.oldest} ${cut(database.oldestData, 10)}`;
  const age = escapeMarkdown([data, oldest].filter((text) => text !== '').join(', '));
  return [
    `## Plombe: ${shown(subject.reference ?? subject.name, 300)}\n`,
    `${parts.join(' · ')}  \n${texts.scanned} ${scannedAt.slice(0, 16).replace('T', ' ')} UTC · ${texts.data}: ${age || '–'}\n\n`,
  ].join('\n');
}

function assessment({ assessment: { state, causes } }: ScanResult, texts: ReportTexts, language: Language): string {
  if (state === 'assessed') return `✅ ${texts.assessed}\n\n`;
  const groups = [...Map.groupBy(causes, ({ code, remedy }) => `${code}\0${remedy ?? ''}`).values()];
  const lines = groups.slice(0, maxCauses).flatMap((group) => causeLines(group, texts, language));
  const more = groups.slice(maxCauses).flat().length;
  if (more > 0) lines.push(`> - … ${texts.more(more)}`);
  return `> [!WARNING]\n> **${texts.notAssessed}: ${texts.state[state]}**\n${lines.map((line) => `${line}\n`).join('')}\n`;
}

/** Causes of one code and remedy: the first, how many more, and the remedy once. */
function causeLines(group: readonly Cause[], texts: ReportTexts, language: Language): string[] {
  const { code = '', remedy: said } = group[0] ?? {};
  const remedy = remedyIn(language, code, said);
  const meaning = meaningIn(language, code);
  const lines = group
    .slice(0, maxCausesOfKind)
    .map(({ message }) => `> - ${shown(message, 300)} ${markdownCode(cut(code, 60))}`);
  const more = group.length - lines.length;
  if (more > 0) lines.push(`> - … ${texts.more(more)}: ${markdownCode(cut(code, 60))}`);
  if (meaning !== undefined) lines.push(`>   <br>${shown(meaning, 300)}`);
  if (remedy !== undefined) lines.push(`>   <br>${shown(remedy, 300)}`);
  return lines;
}

function counts({ match: { findings, suppressed }, assessment: { state } }: ScanResult, texts: ReportTexts): string {
  const left = suppressed.length === 0 ? '' : ` · ${texts.leftOut(suppressed.length)}`;
  if (findings.length === 0) return `${texts.noFindings[state]}${left}\n\n`;
  const bySeverity = countBySeverity(findings);
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |\n`;
  const fixable = findings.filter(({ fixedVersions }) => fixedVersions.length > 0).length;
  const exploited = findings.filter(({ knownExploited }) => knownExploited !== undefined).length;
  return [
    row(severityOrder.map((word) => texts.severity[word])),
    row(severityOrder.map(() => '--:')),
    row(severityOrder.map((word) => bySeverity[word])),
    `\n${texts.counts(findings.length, fixable, exploited)}${left}\n\n`,
  ].join('');
}

function actions(result: ScanResult, texts: ReportTexts, language: Language): string {
  const { actions: all } = result;
  if (all.length === 0) return '';
  const layered = hasLayers(result);
  const lines = all.slice(0, 10).map((action, index) => {
    const { layerIndex, createdBy, path, places = 1, findings, knownExploited } = action;
    const made = createdBy === undefined ? '' : ` (${markdownCode(cut(instruction(createdBy), 80))})`;
    const layer = layerIndex === undefined || !layered ? '' : ` ${texts.inLayer} ${layerIndex}${made}`;
    const file =
      layered || path === undefined
        ? ''
        : ` ${texts.inFile} ${markdownCode(cut(`/${path}`, 120))}${places > 1 ? ` ${texts.morePlaces(places - 1)}` : ''}`;
    const what = remedyText(
      action,
      { name: (text) => markdownCode(cut(text, 80)), version: (text) => markdownCode(cut(text, 60)) },
      language,
    );
    return `${index + 1}. ${what}${layer}${file}: ${texts.removes(findings, knownExploited)}\n`;
  });
  return `### ${texts.doFirst}\n\n${lines.join('')}\n`;
}

function rowOf({ finding, place, fixedVersion }: PlacedFinding, layered: boolean, texts: ReportTexts): string {
  const { severity, packageName, packageVersion, status, knownExploited } = finding;
  const exploited = knownExploited === undefined ? '' : ` **${texts.knownExploited}**`;
  const said = status === 'affected' ? '' : ` (${texts.status[status]})`;
  const cells = [
    texts.severity[severity.word] + exploited,
    linked(finding),
    markdownCode(cut(packageName, 80)),
    markdownCode(cut(packageVersion, 60)),
    fixedVersion === undefined ? `–${said}` : `${markdownCode(cut(fixedVersion, 60))}${said}`,
    place === undefined ? '–' : layered ? String(place.layerIndex) : markdownCode(cut(shownPath(place), 120)),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

/** The id as a link, where an advisory has a short address that ends no link and no cell. */
function linked(finding: Finding): string {
  const address = [pageOf(finding), canonicalPage([finding.vulnerability, ...finding.aliases])].find(
    (one) => one !== undefined && one.length <= 200 && !/[<>()|\\`\s[\]*_~&]/.test(one),
  );
  const code = markdownCode(cut(finding.vulnerability, 60));
  if (address === undefined) return code;
  return `[${code}](${inert(address)})`;
}

function leftOut(rows: readonly PlacedFinding[], texts: ReportTexts): string {
  const bySeverity = countBySeverity(rows.map(({ finding }) => finding));
  const words = severityOrder
    .filter((word) => bySeverity[word] > 0)
    .map((word) => `${bySeverity[word]} ${texts.severity[word]}`);
  return `\n**… ${texts.more(rows.length)}** (${words.join(', ')}). ${texts.commentIsFull}\n`;
}

/** Cut before it is escaped, which makes a character up to six, and after it is inert, which does too. */
function shown(text: string, length: number): string {
  return escapeMarkdown(cut(inert(text), length));
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

// The terminal report: the summary, then one row per source package and vulnerability.
import { inert } from '@plombe/kit';
import {
  asInstalled,
  type Evidence,
  type Finding,
  type Package,
  type ScanResult,
  type Suppressed,
} from '@plombe/model';
import { shownPath, treeFolder } from '../placed/placed.ts';
import type { RenderOptions, ReportFormat } from '../report.ts';
import { cut, cutMiddle, layoutTable, type Column } from './layout.ts';
import { paletteFor, type Palette } from './palette.ts';
import { instruction } from './actions.ts';
import { renderOrigins } from './origins.ts';
import { renderClosing, renderSummary } from './summary.ts';

/** Width where the output is no terminal: fits the log views of the CI systems in use. */
const logWidth = 120;

/** What a person reads first; colours only where asked for. */
export const table: ReportFormat = {
  id: 'table',
  title: 'terminal report',
  mediaType: 'text/plain',
  *render(result: ScanResult, options: RenderOptions): Iterable<string> {
    const palette = paletteFor(options.colour);
    const width = Math.max(60, options.width ?? logWidth);
    yield `${renderSummary(result, palette, width).join('\n')}\n`;
    if (result.match.findings.length > 0) yield* findingRows(result, palette, width, options.evidence);
    if (options.origins === true) yield `\n${renderOrigins(result, palette, width).join('\n')}\n`;
    if (options.suppressed === true) yield* suppressedRows(result, palette, width);
    if (result.match.findings.length > screenful) yield `\n${renderClosing(result, palette)}\n`;
  },
};

/** Rows that push the summary off most screens. */
const screenful = 20;

/** A row per source package and vulnerability. */
function* findingRows(result: ScanResult, palette: Palette, width: number, withEvidence: boolean): Iterable<string> {
  yield '\n';
  const packages = new Map(result.inventory.packages.map((found) => [found.id, found]));
  const rows = result.match.findings.map((finding) => ({ finding, first: packages.get(finding.packages[0] ?? '') }));
  const layered = result.inventory.layers.length > 1;
  const inFiles = treeFolder(result.inventory) !== undefined;
  const [title = '', ...lines] = layoutTable(columns(rows, allColumns(palette, { layered, inFiles })), rows, width);
  yield `${palette.bold(title)}\n`;
  for (const [index, line] of lines.entries()) {
    yield `${line}\n`;
    if (withEvidence)
      yield* evidence(rows[index]?.finding, packages, palette, width, result.inventory.layers.length > 0);
  }
}

/** What does not count, and why: what flags left out, and what vendors say. */
function* suppressedRows({ match: { suppressed } }: ScanResult, palette: Palette, width: number): Iterable<string> {
  if (suppressed.length === 0) return;
  const [title = '', ...lines] = layoutTable(suppressedColumns, suppressed, width);
  yield `\n${palette.bold('Does not count')}\n${palette.bold(title)}\n`;
  for (const line of lines) yield `${line}\n`;
}

const suppressedColumns: readonly Column<Suppressed>[] = [
  {
    title: 'VULNERABILITY',
    text: ({ vulnerability }) => inert(vulnerability),
    dropOrder: 0,
    whole: true,
    maxWidth: 30,
  },
  {
    title: 'PACKAGE',
    text: ({ packages: [first = '', ...more] }) => inert(shortId(first)) + (more.length > 0 ? ` +${more.length}` : ''),
    dropOrder: 0,
    maxWidth: 50,
  },
  { title: 'WHY', text: ({ reason }) => inert(reason), dropOrder: 0 },
];

/** `npm/lodash@4.17.4` of a package URL: what qualifiers say is seldom asked for. */
function shortId(id: string): string {
  return id.replace(/^pkg:/, '').replace(/[?#].*$/, '');
}

interface Row {
  readonly finding: Finding;
  readonly first: Package | undefined;
}

/** The columns that say anything in this report. */
function columns(rows: readonly Row[], all: readonly Column<Row>[]): readonly Column<Row>[] {
  return all.filter((column) => rows.some((row) => column.text(row) !== ''));
}

interface Shown {
  /** There are layers to tell apart. */
  readonly layered: boolean;
  /** The subject is a source tree: what is upgraded is named by a file. */
  readonly inFiles: boolean;
}

function allColumns(palette: Palette, { layered, inFiles }: Shown): readonly Column<Row>[] {
  return [
    {
      title: 'SEVERITY',
      text: ({ finding }) => finding.severity.word,
      paint: ({ finding }, cell) => palette.severity(finding.severity.word, cell),
      dropOrder: 0,
    },
    {
      title: 'KEV',
      text: ({ finding }) => (finding.knownExploited === undefined ? '' : 'yes'),
      paint: (_, cell) => palette.severity('critical', cell),
      dropOrder: 0,
    },
    {
      title: 'VULNERABILITY',
      text: ({ finding }) => inert(finding.vulnerability),
      dropOrder: 0,
      whole: true,
      maxWidth: 30,
    },
    { title: 'FOR', text: ({ finding }) => scopeText(finding), dropOrder: 1 },
    { title: 'PACKAGE', text: ({ finding }) => inert(finding.packageName), dropOrder: 0, maxWidth: 40 },
    { title: 'INSTALLED', text: ({ finding }) => inert(finding.packageVersion), dropOrder: 0, maxWidth: 30 },
    {
      title: 'FIXED IN',
      text: ({ finding }) => inert(fixText(finding)),
      paint: ({ finding }, cell) => (finding.fixedVersions.length > 0 ? palette.good(cell) : cell),
      dropOrder: 0,
      maxWidth: 30,
    },
    { title: 'EPSS', text: ({ finding }) => epssText(finding), dropOrder: 4, alignRight: true },
    {
      title: 'LAYER',
      text: ({ first }) => (layered ? String(first?.evidence[0]?.layerIndex ?? '-') : ''),
      dropOrder: 0,
      alignRight: true,
    },
    {
      title: 'FILE',
      text: ({ first }) => (inFiles && first !== undefined ? filesText(first) : ''),
      dropOrder: 2,
      maxWidth: 36,
      cutStart: true,
    },
    { title: 'STATUS', text: ({ finding }) => statusText(finding), dropOrder: 3, maxWidth: 24 },
    {
      title: 'SUMMARY',
      text: ({ finding }) => inert(finding.summary ?? ''),
      dropOrder: 5,
      elastic: true,
      maxWidth: 80,
    },
  ];
}

/** The first, and how many more. */
function filesText({ evidence: [first, ...more] }: Package): string {
  if (first === undefined) return '';
  return `${inert(shownPath(first))}${more.length > 0 ? ` +${more.length}` : ''}`;
}

/** Empty for what runs. */
function scopeText({ scope }: Finding): string {
  return scope === undefined ? '' : scope === 'development' ? 'dev' : scope;
}

/** The version to upgrade to; where there is none, whether the vendor says so. */
function fixText({ fixedVersions: [fixed], packageVersion, status }: Finding): string {
  if (fixed !== undefined) return asInstalled(fixed, packageVersion);
  return status === 'will_not_fix' ? "won't fix" : '-';
}

/** Empty where a row says it already: that it is affected, or that it will not be fixed. */
function statusText({ status, confidence, fixedVersions }: Finding): string {
  const said = status === 'affected' || (status === 'will_not_fix' && fixedVersions.length === 0);
  const words = said ? '' : status.replaceAll('_', ' ');
  return [words, confidence === 'module' ? 'module only' : ''].filter((text) => text !== '').join(', ');
}

function epssText(finding: Finding): string {
  return finding.epss === undefined ? '' : `${(finding.epss.score * 100).toFixed(1)}%`;
}

/** Under its row: each package with the file that proves it, and each advisory that says so. */
function* evidence(
  finding: Finding | undefined,
  packages: ReadonlyMap<string, Package>,
  palette: Palette,
  width: number,
  hasLayers: boolean,
): Iterable<string> {
  const line = (indent: number, text: string): string =>
    palette.dim(`${' '.repeat(indent)}${cutMiddle(text, width - indent)}\n`);
  for (const id of finding?.packages ?? []) {
    const first = packages.get(id)?.evidence[0];
    yield line(4, inert(id));
    if (first !== undefined) yield line(6, hasLayers ? placeText(first, width - 6) : `/${inert(first.path)}`);
  }
  for (const { id, feed, packageName, range } of finding?.advisories ?? [])
    yield line(4, `${inert(id)} (${feed}): ${inert(packageName)} ${inert(range)}`);
}

/** The path whole; the instruction that made its layer as far as it fits. */
function placeText({ path, layerIndex, createdBy }: Evidence, width: number): string {
  const place = `/${inert(path)} (layer ${layerIndex}`;
  const room = width - place.length - 3;
  return createdBy === undefined || room < 12 ? `${place})` : `${place}, ${cut(instruction(createdBy), room)})`;
}

// The layers of a result: what each was made by, what it brought, and what is known of that.
import { inert } from '@plombe/kit';
import {
  countBySeverity,
  severityOrder,
  type Finding,
  type LayerSummary,
  type Package,
  type ScanResult,
  type SeverityWord,
} from '@plombe/model';
import { byPlace, comparePlaces, placeGroups } from '../placed/groups.ts';
import { hasLayers, placedFindings, type PlacedFinding } from '../placed/placed.ts';
import { instruction, plural } from '../table/actions.ts';
import { layoutTable, wrap, type Column } from '../table/layout.ts';
import { paletteFor, type Palette } from '../table/palette.ts';
import { renderAssessment } from '../table/summary.ts';

/** A layer with what it introduced: a package belongs to the layer of its first evidence. */
export interface LayerView {
  /** Absent: packages that no layer is known of. */
  readonly layer?: LayerSummary;
  readonly packages: readonly Package[];
  readonly findings: readonly PlacedFinding[];
}

/** Every layer in order, and one entry without a layer where there are packages of none. */
export function layerViews(result: ScanResult): readonly LayerView[] {
  const { layers, packages } = result.inventory;
  const known = new Set(layers.map(({ index }) => index));
  const layerOf = (index: number | undefined): number => (index !== undefined && known.has(index) ? index : -1);
  const brought = Map.groupBy(packages, ({ evidence }) => layerOf(evidence[0]?.layerIndex));
  const found = Map.groupBy(placedFindings(result), ({ place }) => layerOf(place?.layerIndex));
  const views = layers.map((layer) => ({
    layer,
    packages: brought.get(layer.index) ?? [],
    findings: found.get(layer.index) ?? [],
  }));
  const rest = { packages: brought.get(-1) ?? [], findings: found.get(-1) ?? [] };
  return rest.packages.length + rest.findings.length > 0 ? [...views, rest] : views;
}

/** The JSON of `plombe layers`: docs/cli.md. `only`: the index of the one layer that is wanted. */
export function layersDocument(result: ScanResult, only?: number): object {
  const { inventory, assessment } = result;
  return {
    schemaVersion: 1,
    subject: inventory.subject,
    state: assessment.state,
    causes: assessment.causes,
    layers: wanted(result, only).map(({ layer, packages, findings }) => ({
      ...(layer ?? { index: null }),
      packages: packages.map(({ id, type, name, version }) => ({ id, type, name, version })),
      findings: findings.map(({ finding, fixedVersion }) => ({
        vulnerability: finding.vulnerability,
        packageName: finding.packageName,
        packageVersion: finding.packageVersion,
        severity: finding.severity.word,
        status: finding.status,
        ...(fixedVersion === undefined ? {} : { fixedVersion }),
        ...(finding.knownExploited === undefined ? {} : { knownExploited: true }),
      })),
    })),
  };
}

/** The text of `plombe layers`: a row per layer, of a folder per file; with `only` that layer's packages and findings below it. */
export function renderLayers(
  result: ScanResult,
  { colour, width }: { readonly colour: boolean; readonly width: number },
  only?: number,
): string {
  const palette = paletteFor(colour);
  const { subject } = result.inventory;
  const views = wanted(result, only);
  const lines = [palette.bold(inert(subject.reference ?? subject.name)), ''];
  if (result.assessment.state !== 'assessed') lines.push(...renderAssessment(result, palette, width));
  if (subject.source === 'dir' && !hasLayers(result) && only === undefined)
    return `${[...lines, ...fileLines(result, palette, width)].join('\n')}\n`;
  if (views.length === 0) return `${[...lines, 'It has no layers.'].join('\n')}\n`;
  const [title = '', ...rows] = layoutTable(columns, views, width);
  lines.push(palette.bold(title), ...rows);
  if (only !== undefined) for (const view of views) lines.push(...detailsOf(view, width));
  return `${lines.join('\n')}\n`;
}

interface FileView extends Pick<LayerView, 'packages' | 'findings'> {
  readonly path: string;
}

/** A folder has no layers: what lies in it is told by its files, and by the folders around them where there are many. */
function fileLines(result: ScanResult, palette: Palette, width: number): string[] {
  const groups = placeGroups(result);
  const brought = byPlace(result.inventory.packages, groups, ({ evidence }) => evidence);
  const found = byPlace(placedFindings(result), groups, ({ places }) => places);
  const views = [...brought.keys()].sort(comparePlaces(groups)).map((path): FileView => ({
    path,
    packages: brought.get(path) ?? [],
    findings: found.get(path) ?? [],
  }));
  if (views.length === 0) return ['No package was found.'];
  const [title = '', ...rows] = layoutTable(fileColumns, views, width);
  return [palette.bold(title), ...rows];
}

const fileColumns: readonly Column<FileView>[] = [
  { title: 'PACKAGES', text: ({ packages }) => String(packages.length), dropOrder: 0, alignRight: true },
  { title: 'FINDINGS', text: ({ findings }) => findingsText(findings.map(({ finding }) => finding)), dropOrder: 0 },
  {
    title: 'FILE',
    text: ({ path }) => (path === '' ? '-' : `/${inert(path)}`),
    dropOrder: 0,
    elastic: true,
    cutStart: true,
  },
];

function wanted(result: ScanResult, only: number | undefined): readonly LayerView[] {
  const views = layerViews(result);
  return only === undefined ? views : views.filter(({ layer }) => layer?.index === only);
}

const columns: readonly Column<LayerView>[] = [
  { title: 'LAYER', text: ({ layer }) => String(layer?.index ?? '-'), dropOrder: 0, alignRight: true },
  { title: 'SIZE', text: ({ layer }) => sizeText(layer?.sizeBytes), dropOrder: 1, alignRight: true },
  { title: 'PACKAGES', text: ({ packages }) => String(packages.length), dropOrder: 0, alignRight: true },
  { title: 'FINDINGS', text: ({ findings }) => findingsText(findings.map(({ finding }) => finding)), dropOrder: 0 },
  {
    title: 'INSTRUCTION',
    text: ({ layer }) => {
      const made = layer?.createdBy === undefined ? '-' : instruction(layer.createdBy);
      return layer?.complete === false ? `(not read whole) ${made}` : made;
    },
    dropOrder: 2,
    elastic: true,
  },
];

/** `3 (1 critical, 2 high)`: the two worst severities. */
function findingsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return '0';
  const bySeverity: Readonly<Record<SeverityWord, number>> = countBySeverity(findings);
  const worst = severityOrder.filter((word) => bySeverity[word] > 0).slice(0, 2);
  return `${findings.length} (${worst.map((word) => `${bySeverity[word]} ${word}`).join(', ')})`;
}

function detailsOf({ layer, packages, findings }: LayerView, width: number): string[] {
  const made = layer?.createdBy === undefined ? [] : ['', ...wrap(instruction(layer.createdBy), width)];
  const digests = [layer?.diffID, layer?.digest].flatMap((digest) => digest ?? []);
  const list = packages.map(({ name, version, type }) => `  ${inert(`${name} ${version} (${type})`)}`);
  const found = layoutTable(findingColumns, findings, width);
  return [
    ...made,
    ...digests,
    '',
    plural(packages.length, 'package'),
    ...list,
    '',
    plural(findings.length, 'finding'),
    ...(findings.length === 0 ? [] : found),
  ];
}

const findingColumns: readonly Column<PlacedFinding>[] = [
  { title: 'SEVERITY', text: ({ finding }) => finding.severity.word, dropOrder: 0 },
  {
    title: 'VULNERABILITY',
    text: ({ finding }) => inert(finding.vulnerability),
    dropOrder: 0,
    whole: true,
    maxWidth: 30,
  },
  { title: 'PACKAGE', text: ({ finding }) => inert(finding.packageName), dropOrder: 0, maxWidth: 40 },
  { title: 'INSTALLED', text: ({ finding }) => inert(finding.packageVersion), dropOrder: 0, maxWidth: 30 },
  { title: 'FIXED IN', text: ({ fixedVersion }) => inert(fixedVersion ?? '-'), dropOrder: 0, maxWidth: 30 },
];

/** Decimal units, as registries show sizes. */
function sizeText(bytes: number | undefined): string {
  if (bytes === undefined) return '-';
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return bytes >= 1e3 ? `${(bytes / 1e3).toFixed(1)} kB` : `${bytes} B`;
}

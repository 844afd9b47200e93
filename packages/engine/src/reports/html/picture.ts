// Where the risk sits: a treemap of packages within their layers, and a bar per layer. Geometry is in attributes, since the page's policy allows no style on elements.
import { inert } from '@plombe/kit';
import { severityOrder, type LayerSummary, type SeverityWord } from '@plombe/model';
import { escapeMarkup } from '../escaping/markup.ts';
import type { PlacedFinding } from '../placed/placed.ts';
import type { Texts } from './texts.ts';
import { treemap, type Rectangle } from './treemap.ts';

/** Tiles beyond these would be specks; the rest of a layer is one tile. */
const maxTiles = 60;
const width = 900;
const height = 420;
const titleHeight = 16;
/** Of a character of the tiles' text, in the picture's units. */
const characterWidth = 7;

interface RiskyPackage {
  readonly name: string;
  /** Absent: the sum of the small ones. */
  readonly chooses: boolean;
  readonly weight: number;
  readonly count: number;
  readonly worst: SeverityWord;
}

/** Doubles every eight points of priority, as the weight of an action does. */
function weightOf({ finding }: PlacedFinding): number {
  return 2 ** (finding.priority / 8);
}

/** Yields the picture; nothing where no finding counts. */
export function renderPicture(placed: readonly PlacedFinding[], texts: Texts): string {
  const counting = placed.filter(({ counts }) => counts);
  if (counting.length === 0) return '';
  const total = counting.reduce((sum, entry) => sum + weightOf(entry), 0);
  const layers = [...Map.groupBy(counting, ({ place }) => place?.layerIndex ?? -1)].map(([index, entries]) => ({
    index,
    weight: entries.reduce((sum, entry) => sum + weightOf(entry), 0),
    packages: riskyPackages(
      entries,
      Math.max(4, Math.round((maxTiles * entries.reduce((sum, entry) => sum + weightOf(entry), 0)) / total)),
      texts,
    ),
  }));
  const areas = treemap(layers, ({ weight }) => weight, { x: 0, y: 0, width, height });
  const titled = layers.length > 1;
  const groups = areas.map(({ item, ...area }) => {
    const room = titled && area.height > 3 * titleHeight && area.width > 50;
    const inner = room ? { ...area, y: area.y + titleHeight, height: area.height - titleHeight } : area;
    const name = item.index < 0 ? texts.noPlace : `${texts.columns.layer} ${item.index}`;
    const label = room
      ? `<text class="group" x="${round(area.x + 3)}" y="${round(area.y + 12)}">${escapeMarkup(name)}</text>`
      : '';
    return label + tilesOf(item.packages, inner, item.index, texts);
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(texts.risk)}">${groups.join('')}</svg>`;
}

/** The packages of a layer by their weight, at most `most`, the last of which are the others. */
function riskyPackages(entries: readonly PlacedFinding[], most: number, texts: Texts): readonly RiskyPackage[] {
  const all = [...Map.groupBy(entries, ({ finding }) => finding.packageName)]
    .map(([name, own]) => riskOf(name, own))
    .sort((a, b) => b.weight - a.weight);
  if (all.length <= most) return all;
  const rest = all.slice(most - 1);
  const worst = severityOrder.find((word) => rest.some((one) => one.worst === word)) ?? 'unknown';
  const sum = (of: (one: RiskyPackage) => number): number => rest.reduce((total, one) => total + of(one), 0);
  const others = {
    name: texts.others(rest.length),
    chooses: false,
    weight: sum((one) => one.weight),
    count: sum((one) => one.count),
    worst,
  };
  return [...all.slice(0, most - 1), others];
}

function riskOf(name: string, own: readonly PlacedFinding[]): RiskyPackage {
  const worst = severityOrder.find((word) => own.some(({ finding }) => finding.severity.word === word)) ?? 'unknown';
  return {
    name,
    chooses: true,
    weight: own.reduce((sum, entry) => sum + weightOf(entry), 0),
    count: own.length,
    worst,
  };
}

function tilesOf(packages: readonly RiskyPackage[], area: Rectangle, layer: number, texts: Texts): string {
  return treemap(packages, ({ weight }) => weight, area)
    .map(({ item, x, y, width: wide, height: high }) => {
      const chooses = item.chooses ? ` data-p="${escapeMarkup(item.name)}" data-l="${layer}"` : '';
      const about = `${item.name}: ${item.count} (${texts.severity[item.worst]})`;
      const characters = Math.floor((wide - 10) / characterWidth);
      const label = high >= 18 && characters >= 4 ? labelOf(item, x, y, high, characters) : '';
      const shape = `<rect x="${round(x)}" y="${round(y)}" width="${round(wide)}" height="${round(high)}" rx="3"/>`;
      return `<g class="area ${item.worst}"${chooses}><title>${escapeMarkup(about)}</title>${shape}${label}</g>`;
    })
    .join('');
}

function labelOf({ name, count }: RiskyPackage, x: number, y: number, high: number, characters: number): string {
  const shown = inert(name);
  const text = shown.length <= characters ? shown : shortened(shown, characters);
  const number = high >= 34 ? `<text class="count" x="${round(x + 6)}" y="${round(y + 29)}">${count}</text>` : '';
  return `<text x="${round(x + 6)}" y="${round(y + 15)}">${escapeMarkup(text)}</text>${number}`;
}

/** The end of a path says most, of other names the beginning. */
function shortened(name: string, characters: number): string {
  return name.includes('/') ? `…${name.slice(1 - characters)}` : `${name.slice(0, characters - 1)}…`;
}

/** A bar per layer with findings: its parts are severities, its length the count. */
export function renderBars(placed: readonly PlacedFinding[], layers: readonly LayerSummary[], texts: Texts): string {
  const counting = placed.filter(({ counts }) => counts);
  const byLayer = Map.groupBy(counting, ({ place }) => place?.layerIndex ?? -1);
  const most = Math.max(1, ...[...byLayer.values()].map((entries) => entries.length));
  const known = new Map(layers.map((layer) => [layer.index, layer]));
  return [...byLayer]
    .sort(([a], [b]) => a - b)
    .map(([index, entries]) => {
      const name = index < 0 ? '–' : `${index}`;
      return `<div class="bar"><span title="${escapeMarkup(known.get(index)?.createdBy ?? '')}">${escapeMarkup(texts.columns.layer)} ${name}</span>${bar(entries, most)}<span>${entries.length}</span></div>`;
    })
    .join('');
}

/** Widths are shares of 100. */
function bar(entries: readonly PlacedFinding[], most: number): string {
  let x = 0;
  const parts = severityOrder.map((word) => {
    const share = (100 * entries.filter(({ finding }) => finding.severity.word === word).length) / most;
    const part = share === 0 ? '' : `<rect class="${word}" x="${round(x)}" y="0" width="${round(share)}" height="10"/>`;
    x += share;
    return part;
  });
  return `<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${parts.join('')}</svg>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

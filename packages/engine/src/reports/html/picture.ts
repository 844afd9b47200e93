// Where the risk sits: a treemap of packages within their layers, and a bar per layer. Geometry is in attributes, since the page's policy allows no style on elements.
import { inert } from '@plombe/kit';
import { severityOrder, type LayerSummary, type SeverityWord } from '@plombe/model';
import { escapeMarkup } from '../escaping/markup.ts';
import { byPlace, comparePlaces, type PlaceGroups } from '../placed/groups.ts';
import type { PlacedFinding } from '../placed/placed.ts';
import type { Texts } from './texts.ts';
import { treemap, type Rectangle } from './treemap.ts';

interface Frame {
  readonly width: number;
  readonly height: number;
  /** Tiles beyond these would be specks; the rest of a place is one tile. */
  readonly maxTiles: number;
}

/** For a screen, and for one that is held upright in a hand: letters shrink with a picture. */
const wide: Frame = { width: 900, height: 420, maxTiles: 60 };
const narrow: Frame = { width: 340, height: 420, maxTiles: 24 };
/** Bars of files; layers are all shown. */
const maxBars = 16;
const barCharacters = 30;
const titleHeight = 16;
/** Of a character of the tiles' text, in the picture's units. */
const characterWidth = 7;
const titleCharacterWidth = 7.4;

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

/** Returns the picture twice, for wide and narrow screens; nothing where no finding counts. */
export function renderPicture(placed: readonly PlacedFinding[], groups: PlaceGroups, texts: Texts): string {
  const counting = placed.filter(({ counts }) => counts);
  if (counting.length === 0) return '';
  return `<div class="at-wide">${pictureOf(counting, groups, wide, texts)}</div><div class="at-narrow">${pictureOf(counting, groups, narrow, texts)}</div>`;
}

function pictureOf(
  counting: readonly PlacedFinding[],
  groups: PlaceGroups,
  { width, height, maxTiles }: Frame,
  texts: Texts,
): string {
  const total = counting.reduce((sum, entry) => sum + weightOf(entry), 0);
  const places = [...Map.groupBy(counting, ({ place }) => groups.keyOf(place))].map(([key, entries]) => {
    const weight = entries.reduce((sum, entry) => sum + weightOf(entry), 0);
    return {
      key,
      weight,
      packages: riskyPackages(entries, Math.max(4, Math.round((maxTiles * weight) / total)), texts),
    };
  });
  const areas = treemap(places, ({ weight }) => weight, { x: 0, y: 0, width, height });
  const titled = places.length > 1;
  const tiles = areas.map(({ item, ...area }) => {
    const room = titled && area.height > 3 * titleHeight && area.width > 50;
    const inner = room ? { ...area, y: area.y + titleHeight, height: area.height - titleHeight } : area;
    const name = fitting(placeName(item.key, groups, texts), Math.floor((area.width - 6) / titleCharacterWidth));
    const label = room
      ? `<text class="group" x="${round(area.x + 3)}" y="${round(area.y + 12)}">${escapeMarkup(name)}</text>`
      : '';
    return label + tilesOf(item.packages, inner, item.key, texts);
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(texts.risk)}">${tiles.join('')}</svg>`;
}

/** `Layer 3`, `/web/yarn.lock`. */
export function placeName(key: string, { kind }: PlaceGroups, texts: Texts): string {
  if (kind === 'file') return key === '' ? texts.noFile : `/${key}`;
  return key === '-1' ? texts.noPlace : `${texts.columns.layer} ${key}`;
}

/** The key of a place as a value within a list that bars divide. */
export function placeValue(key: string): string {
  return escapeMarkup(key.replaceAll('|', '¦'));
}

/** The packages of a place by their weight, at most `most`, the last of which are the others. */
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

function tilesOf(packages: readonly RiskyPackage[], area: Rectangle, key: string, texts: Texts): string {
  return treemap(packages, ({ weight }) => weight, area)
    .map(({ item, x, y, width: wide, height: high }) => {
      const chooses = item.chooses ? ` data-p="${escapeMarkup(item.name)}" data-l="${placeValue(key)}"` : '';
      const about = `${item.name}: ${item.count} (${texts.severity[item.worst]})`;
      const characters = Math.floor((wide - 10) / characterWidth);
      const label = high >= 18 && characters >= 4 ? labelOf(item, x, y, high, characters) : '';
      const shape = `<rect x="${round(x)}" y="${round(y)}" width="${round(wide)}" height="${round(high)}" rx="3"/>`;
      return `<g class="area ${item.worst}"${chooses}><title>${escapeMarkup(about)}</title>${shape}${label}</g>`;
    })
    .join('');
}

function labelOf({ name, count }: RiskyPackage, x: number, y: number, high: number, characters: number): string {
  const text = fitting(name, characters);
  const number = high >= 34 ? `<text class="count" x="${round(x + 6)}" y="${round(y + 29)}">${count}</text>` : '';
  return `<text x="${round(x + 6)}" y="${round(y + 15)}">${escapeMarkup(text)}</text>${number}`;
}

/** The end of a path says most, of other names the beginning. */
function fitting(text: string, characters: number): string {
  const name = inert(text);
  if (name.length <= characters) return name;
  return name.includes('/') ? `…${name.slice(1 - characters)}` : `${name.slice(0, characters - 1)}…`;
}

/** A bar per place with findings: its parts are severities, its length the count. Layers come in their order, files by how many there are. */
export function renderBars(
  placed: readonly PlacedFinding[],
  groups: PlaceGroups,
  layers: readonly LayerSummary[],
  texts: Texts,
): string {
  const found = byPlace(
    placed.filter(({ counts }) => counts),
    groups,
    ({ places }) => places,
  );
  const most = Math.max(1, ...[...found.values()].map((entries) => entries.length));
  const order = comparePlaces(groups);
  const made = new Map(layers.map((layer) => [String(layer.index), layer.createdBy]));
  const isFile = groups.kind === 'file';
  const sorted = [...found].sort(([a, x], [b, y]) => (isFile ? y.length - x.length || order(a, b) : order(a, b)));
  const shown = isFile ? sorted.slice(0, maxBars) : sorted;
  const bars = shown.map(([key, entries]) => {
    const name = placeName(key, groups, texts);
    const title = isFile ? name : (made.get(key) ?? '');
    return `<div class="bar${isFile ? ' file' : ''}"><span title="${escapeMarkup(title)}">${escapeMarkup(isFile ? fitting(name, barCharacters) : name)}</span>${bar(entries, most)}<span>${entries.length}</span></div>`;
  });
  const more = sorted.length - shown.length;
  return bars.join('') + (more > 0 ? `<p class="note">${escapeMarkup(texts.others(more))}</p>` : '');
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

// What each layer of an image, or each file of a tree, brought, and what is known of that.
import { countBySeverity, severityOrder, type ScanResult } from '@plombe/model';
import { escapeMarkup as html } from '../escaping/markup.ts';
import { byPlace, comparePlaces, type PlaceGroups } from '../placed/groups.ts';
import type { PlacedFinding } from '../placed/placed.ts';
import type { Language } from '../report.ts';
import { instruction } from '../table/actions.ts';
import { placeName } from './picture.ts';
import type { Texts } from './texts.ts';

/** A row per layer, or per file: its instruction and size, what it brought and what is known of that. Nothing where no place is known. */
export function placesOf(
  result: ScanResult,
  placed: readonly PlacedFinding[],
  groups: PlaceGroups,
  texts: Texts,
  language: Language,
): string {
  const brought = byPlace(result.inventory.packages, groups, ({ evidence }) => evidence);
  const found = byPlace(placed, groups, ({ places }) => places);
  const keys =
    groups.kind === 'layer' ? [] : [...new Set([...brought.keys(), ...found.keys()])].sort(comparePlaces(groups));
  const counts = (key: string): string => {
    const many = brought.get(key)?.length ?? 0;
    const told = `<span class="bare">${many}</span><span class="label">${html(texts.packages(many))}</span>`;
    return `<td class="number">${told}</td><td>${badges(found.get(key) ?? [], texts)}</td></tr>\n`;
  };
  const count = `<th class="number">${html(texts.packagesTitle)}</th><th>${html(texts.findings)}</th>`;
  if (groups.kind === 'file') {
    if (keys.every((key) => key === '')) return '';
    const rows = keys.map(
      (key) => `<tr><td class="about"><code>${html(placeName(key, groups, texts))}</code></td>${counts(key)}`,
    );
    return section(texts.filesTitle, `<th>${html(texts.columns.file)}</th>${count}`, rows);
  }
  const rows = result.inventory.layers.map(({ index, createdBy, sizeBytes, complete }) => {
    const unread = complete ? '' : ` <b>(${html(texts.unread)})</b>`;
    const size = sizeBytes === undefined ? '–' : sizeText(sizeBytes, language);
    return `<tr><td class="number"><span class="label">${html(texts.columns.layer)} </span>${index}</td><td class="about"><code>${html(createdBy === undefined ? '–' : instruction(createdBy))}</code>${unread}</td><td class="number">${size}</td>${counts(String(index))}`;
  });
  const titles = `<th class="number">${html(texts.columns.layer)}</th><th>${html(texts.instruction)}</th><th class="number">${html(texts.size)}</th>${count}`;
  return rows.length === 0 ? '' : section(texts.layersTitle, titles, rows);
}

function section(title: string, titles: string, rows: readonly string[]): string {
  return `<section class="long"><h2>${html(title)}</h2><div class="wide"><table class="cards"><thead><tr>${titles}</tr></thead><tbody>\n${rows.join('')}</tbody></table></div></section>\n`;
}

function badges(own: readonly PlacedFinding[], texts: Texts): string {
  const bySeverity = countBySeverity(own.map(({ finding }) => finding));
  return (
    severityOrder
      .filter((word) => bySeverity[word] > 0)
      .map((word) => `<span class="badge ${word}" title="${html(texts.severity[word])}">${bySeverity[word]}</span>`)
      .join(' &nbsp;') || '–'
  );
}

/** Decimal units, as registries show sizes. */
function sizeText(bytes: number, language: Language): string {
  const [value, unit] =
    bytes >= 1e9
      ? [bytes / 1e9, 'GB']
      : bytes >= 1e6
        ? [bytes / 1e6, 'MB']
        : bytes >= 1e3
          ? [bytes / 1e3, 'kB']
          : [bytes, 'B'];
  const text = unit === 'B' ? String(value) : value.toFixed(1);
  return `${language === 'de' ? text.replace('.', ',') : text} ${unit}`;
}

// The parts of the page above and below the findings, each as HTML with every text escaped.
import { countBySeverity, formatPlatform, severityOrder, type Cause, type ScanResult } from '@plombe/model';
import { escapeMarkup as html } from '../escaping/markup.ts';
import type { PlaceGroups } from '../placed/groups.ts';
import { hasLayers, type PlacedFinding } from '../placed/placed.ts';
import type { Language } from '../report.ts';
import { instruction } from '../table/actions.ts';
import { meaningIn, remedyIn } from '../texts/codes-de.ts';
import { remedyText } from '../texts/remedy.ts';
import { renderBars, renderPicture } from './picture.ts';
import type { Texts } from './texts.ts';

/** Name, digest, and what else says which subject of which time this is. */
export function headerOf({ inventory, database, scannedAt }: ScanResult, texts: Texts): string {
  const { subject, distribution, packages, layers } = inventory;
  const digest = subject.digest ?? subject.configDigest;
  const name = subject.reference ?? subject.name;
  const kind = { none: texts.noData, starter: texts.starter, built: '' }[database.kind];
  const oldest = database.oldestData === undefined ? '' : `${texts.oldest} ${database.oldestData.slice(0, 10)}`;
  const data = [kind, oldest].filter((text) => text !== '').join(', ');
  const parts = [
    ...(subject.platform === undefined ? [] : [`<b>${html(formatPlatform(subject.platform))}</b>`]),
    ...(distribution === undefined ? [] : [`<b>${html(distribution.name ?? distribution.id)}</b>`]),
    `<b>${html(texts.packages(packages.length))}</b>`,
    ...(layers.length > 1 ? [`<b>${html(texts.layers(layers.length))}</b>`] : []),
    `${html(texts.scanned)} <b>${html(scannedAt.slice(0, 16).replace('T', ' '))} UTC</b>`,
    ...(data === '' ? [] : [`${html(texts.data)}: <b>${html(data)}</b>`]),
  ];
  return `<header><div><div class="brand">Plombe · ${html(texts.title)}</div><h1>${html(name)}</h1>
<ul class="meta">${digest === undefined || name.includes(digest) ? '' : `<li><code>${html(digest)}</code></li>`}${parts.map((part) => `<li>${part}</li>`).join('')}</ul></div></header>
`;
}

/** The state and its causes: the first thing below the name. */
export function stateOf(
  { assessment: { state, causes }, match }: ScanResult,
  texts: Texts,
  language: Language,
): string {
  const ended = match.endOfLife.filter((entry) => entry.ended);
  const ends = ended.map(
    ({ product, release, date }) => `${html(product)} ${html(release)} (${html(date.slice(0, 10))})`,
  );
  const support = ends.length === 0 ? '' : `<p>${html(texts.endOfLife)}: ${ends.join(', ')}</p>`;
  if (state === 'assessed')
    return `<section class="state${support === '' ? '' : ' not'}"><p>${html(texts.assessed)}</p>${support}</section>\n`;
  const groups = [...Map.groupBy(causes, ({ code, remedy }) => `${code}\0${remedy ?? ''}`).values()];
  const lines = groups.map((group) => causesOf(group, texts, language));
  return `<section class="state not"><p>${html(texts.notAssessed)}: ${html(texts.state[state])}</p>${lines.length > 0 ? `<ul>${lines.join('')}</ul>` : ''}${support}</section>\n`;
}

/** Causes of one code that are shown before the rest is folded away. */
const maxCausesShown = 3;

/** Causes of one code and remedy as one entry: the remedy is said once. */
function causesOf(group: readonly Cause[], texts: Texts, language: Language): string {
  const lines = group.map(({ message }) => html(message));
  const [first, ...rest] = lines.slice(0, maxCausesShown);
  const more = lines.slice(maxCausesShown);
  const folded =
    more.length === 0
      ? ''
      : `<details><summary>${html(texts.others(more.length))}</summary>${more.join('<br>')}</details>`;
  const { code = '', remedy: said } = group[0] ?? {};
  const remedy = remedyIn(language, code, said);
  const meaning = meaningIn(language, code);
  const means = meaning === undefined ? '' : `${html(meaning)}<br>`;
  const advice = remedy === undefined ? '' : `${folded === '' ? '<br>' : ''}<small>${html(remedy)}</small>`;
  return `<li>${means}${first ?? ''} <code>${html(code)}</code>${rest.map((line) => `<br>${line}`).join('')}${folded}${advice}</li>`;
}

/** How many of each severity, with a fix, and known exploited. */
export function tilesOf({ match: { findings } }: ScanResult, texts: Texts): string {
  const bySeverity = countBySeverity(findings);
  const tile = (count: number, text: string, word = ''): string =>
    `<div class="tile ${word}${count === 0 ? ' zero' : ''}"><b>${count}</b><span>${html(text)}</span></div>`;
  return `<div class="tiles">${severityOrder
    .map((word) => tile(bySeverity[word], texts.severity[word], word))
    .join('')}${tile(findings.filter(({ fixedVersions }) => fixedVersions.length > 0).length, texts.fixable)}${tile(
    findings.filter(({ knownExploited }) => knownExploited !== undefined).length,
    texts.knownExploited,
  )}</div>\n`;
}

/** The treemap and the bars; nothing where no finding counts. */
export function riskOf(
  result: ScanResult,
  placed: readonly PlacedFinding[],
  groups: PlaceGroups,
  texts: Texts,
): string {
  const picture = renderPicture(placed, groups, texts);
  if (picture === '') return '';
  return `<section><h2>${html(texts.risk)}</h2><div class="picture"><div>${picture}<p class="note">${html(texts.riskAbout)}</p></div><div><h3>${html(groups.kind === 'layer' ? texts.riskByLayer : texts.riskByFile)}</h3>${renderBars(placed, groups, result.inventory.layers, texts)}</div></div></section>\n`;
}

/** What to do first, each with what it removes. */
export function actionsOf(result: ScanResult, texts: Texts, language: Language): string {
  const { actions } = result;
  if (actions.length === 0) return '';
  const layered = hasLayers(result);
  const lines = actions.map((action) => {
    const { layerIndex, createdBy, path, places = 1, findings, knownExploited } = action;
    const layer = layerIndex === undefined || !layered ? '' : ` ${html(texts.inLayer)} ${layerIndex}`;
    const details = [
      createdBy === undefined ? '' : instruction(createdBy),
      path === undefined ? '' : `/${path}${places > 1 ? ` ${texts.morePlaces(places - 1)}` : ''}`,
    ].filter((text) => text !== '');
    const made = details.length === 0 ? '' : `<span class="made"><code>${html(details.join(' · '))}</code></span>`;
    const marks = {
      name: (text: string) => `<b>${html(text)}</b>`,
      version: (text: string) => `<code>${html(text)}</code>`,
    };
    return `<li>${remedyText(action, marks, language)}${layer} <span class="removes">– ${html(texts.removes(findings, knownExploited))}</span>${made}</li>`;
  });
  return `<section><h2>${html(texts.doFirst)}</h2><ol class="actions">${lines.join('')}</ol></section>\n`;
}

/** What does not count, and why: what flags left out, and what vendors say. */
export function suppressedOf({ match: { suppressed } }: ScanResult, texts: Texts): string {
  if (suppressed.length === 0) return '';
  const lines = suppressed
    .slice(0, maxListed)
    .map(
      ({ vulnerability, packages: [first = ''], reason }) =>
        `<li><code>${html(vulnerability)}</code> ${html(reason)} <code class="dim">${html(first)}</code></li>`,
    );
  return folded(texts.doesNotCount, suppressed.length, lines, texts);
}

const maxListed = 200;

function folded(title: string, count: number, lines: readonly string[], texts: Texts): string {
  const more = count > lines.length ? `<li>… ${html(texts.more(count - lines.length))}</li>` : '';
  return `<section><details><summary><b>${html(title)}</b> (${count})</summary><ul>${lines.join('')}${more}</ul></details></section>\n`;
}

/** What could not be read, and what else was noted. */
export function diagnosticsOf({ inventory: { diagnostics } }: ScanResult, texts: Texts): string {
  if (diagnostics.length === 0) return '';
  const lines = diagnostics.slice(0, maxListed).map(({ code, message, path }) => {
    const where = path === undefined ? '' : ` <code>${html(path)}</code>`;
    return `<li>${html(message)}${where} <code class="dim">${html(code)}</code></li>`;
  });
  return folded(texts.diagnostics, diagnostics.length, lines, texts);
}

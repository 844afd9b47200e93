// The findings of the page as a table with filters; without its script the table is whole and has none.
import { severityOrder, type LayerSummary } from '@plombe/model';
import { escapeMarkup as html } from '../escaping/markup.ts';
import { comparePlaces, type PlaceGroups } from '../placed/groups.ts';
import { pageOf } from '../placed/page.ts';
import { shownPath, type PlacedFinding } from '../placed/placed.ts';
import { instruction } from '../table/actions.ts';
import { placeName, placeValue } from './picture.ts';
import type { Texts } from './texts.ts';

/** Shown of each finding; the JSON report has all. */
const maxPlaces = 10;
const maxAdvisories = 10;
const maxFiles = 4;

/** Yields the section, a row at a time. */
export function* renderFindings(
  placed: readonly PlacedFinding[],
  groups: PlaceGroups,
  layers: readonly LayerSummary[],
  texts: Texts,
  noFindings: string,
): Iterable<string> {
  yield `<section class="long"><h2>${html(texts.findings)}</h2>\n`;
  if (placed.length === 0) {
    yield `<p>${html(noFindings)}</p></section>\n`;
    return;
  }
  yield filters(placed, groups, layers, texts);
  const { columns } = texts;
  const titles = [columns.severity, columns.vulnerability, columns.package, columns.installed, columns.fixed]
    .map((title) => `<th>${html(title)}</th>`)
    .join('');
  const layered = groups.kind === 'layer';
  const layer = layered ? `<th class="number">${html(columns.layer)}</th>` : '';
  const score = `<th class="number">${html(columns.epss)}</th>`;
  yield `<div class="wide"><table id="findings" class="cards"><thead><tr>${titles}${layer}${score}<th>${html(columns.summary)}</th></tr></thead><tbody>\n`;
  for (const entry of placed) yield rowOf(entry, groups, texts);
  yield `</tbody></table></div><p id="none" hidden>${html(texts.noneShown)}</p></section>\n`;
}

function filters(
  placed: readonly PlacedFinding[],
  groups: PlaceGroups,
  layers: readonly LayerSummary[],
  texts: Texts,
): string {
  const present = severityOrder.filter((word) => placed.some(({ finding }) => finding.severity.word === word));
  const boxes = present.map(
    (word) =>
      `<label><input type="checkbox" name="severity" value="${word}" checked><span class="badge ${word}">${html(texts.severity[word])}</span></label>`,
  );
  const made = new Map(layers.map(({ index, createdBy }) => [String(index), instruction(createdBy ?? '')]));
  const used = [...new Set(placed.flatMap(({ places }) => groups.keysOf(places)))].sort(comparePlaces(groups));
  const options = used.map((key) => {
    const by = groups.kind === 'layer' ? made.get(key) : undefined;
    const name = `${placeName(key, groups, texts)}${by ? `: ${by.slice(0, 60)}` : ''}`;
    return `<option value="${placeValue(key)}">${html(name)}</option>`;
  });
  const [all, title] =
    groups.kind === 'layer' ? [texts.allLayers, texts.columns.layer] : [texts.allFiles, texts.columns.file];
  const places = `<select name="${groups.kind}" aria-label="${html(title)}"><option value="*">${html(all)}</option>${options.join('')}</select>`;
  return `<form id="filters" hidden aria-label="${html(texts.filter)}"><input type="search" name="search" placeholder="${html(texts.search)}" aria-label="${html(texts.search)}">${boxes.join('')}${places}<label><input type="checkbox" name="fixable">${html(texts.fixableOnly)}</label><label><input type="checkbox" name="exploited">${html(texts.exploitedOnly)}</label><button type="reset">${html(texts.reset)}</button><span id="shown" role="status" data-of="${html(texts.of)}" data-shown="${html(texts.shown)}"></span></form>\n`;
}

function rowOf(
  { finding, found, place, places, fixedVersion }: PlacedFinding,
  groups: PlaceGroups,
  texts: Texts,
): string {
  const { severity, vulnerability, packageName, packageVersion, status, knownExploited, epss } = finding;
  const exploited = knownExploited === undefined ? '' : ` <span class="kev">${html(texts.knownExploited)}</span>`;
  const address = pageOf(finding);
  const id = html(vulnerability);
  const linked =
    address === undefined ? id : `<a href="${html(address)}" rel="noreferrer noopener" target="_blank">${id}</a>`;
  const said = status === 'affected' ? '' : `<br><span class="dim">${html(texts.status[status])}</span>`;
  const fixed =
    fixedVersion === undefined ? '<span class="dim">–</span>' : `<span class="fix">${html(fixedVersion)}</span>`;
  const data = [
    `data-s="${severity.word}"`,
    `data-l="${groups.keysOf(places).map(placeValue).join('|')}"`,
    `data-p="${html(packageName)}"`,
    `data-f="${fixedVersion === undefined ? 0 : 1}"`,
    `data-k="${knownExploited === undefined ? 0 : 1}"`,
  ].join(' ');
  const score =
    severity.score === undefined ? '' : ` title="${html(`${texts.score} ${severity.score} (${severity.author})`)}"`;
  const layered = groups.kind === 'layer';
  const layer = layered
    ? `<td class="number"><span class="label">${html(texts.columns.layer)} </span>${place?.layerIndex ?? '–'}</td>`
    : '';
  const files = layered ? [] : [...new Set(places.map(shownPath))];
  const more =
    files.length > maxFiles ? `<br><span class="dim">… ${html(texts.others(files.length - maxFiles))}</span>` : '';
  const file =
    files
      .slice(0, maxFiles)
      .map((path) => `<br><code class="dim">${html(path)}</code>`)
      .join('') + more;
  const exploitable =
    epss === undefined
      ? '<td class="number"></td>'
      : `<td class="number"><span class="label">${html(texts.columns.epss)} </span>${(epss.score * 100).toFixed(1)}%</td>`;
  return `<tr ${data}><td><span class="badge ${severity.word}"${score}>${html(texts.severity[severity.word])}</span>${exploited}</td><td class="id${vulnerability.length > 24 ? '' : ' whole'}">${linked}</td><td class="name"><b>${html(packageName)}</b>${file}</td><td class="id">${html(packageVersion)}</td><td class="id to">${fixed}${said}</td>${layer}${exploitable}<td class="about">${aboutOf(finding, place, found?.facts?.['via'], texts)}</td></tr>\n`;
}

/** What an advisory says in one line; below it, when it is opened, places and advisories. */
function aboutOf(
  finding: PlacedFinding['finding'],
  place: PlacedFinding['place'],
  via: string | undefined,
  texts: Texts,
): string {
  const { summary, aliases, packages, advisories, severities } = finding;
  const others = aliases.length > 0 ? `<p>${aliases.map((alias) => `<code>${html(alias)}</code>`).join(', ')}</p>` : '';
  const path = place === undefined ? '' : ` <code>${html(shownPath(place))}</code>`;
  const way = via === undefined ? '' : `<p>${html(texts.via)} <code>${html(via)}</code></p>`;
  const places = packages.slice(0, maxPlaces).map((id) => `<li><code>${html(id)}</code></li>`);
  const more = packages.length > maxPlaces ? `<li>… ${html(texts.more(packages.length - maxPlaces))}</li>` : '';
  const told = advisories
    .slice(0, maxAdvisories)
    .map(
      ({ id, feed, packageName, range }) =>
        `<li><code>${html(id)}</code> (${html(feed)}): ${html(packageName)} <code>${html(range)}</code></li>`,
    );
  const scores = severities.map(
    ({ author, word, score }) =>
      `${html(author)}: ${html(texts.severity[word])}${score === undefined ? '' : ` ${score}`}`,
  );
  return `<details><summary>${summary === undefined ? `<span class="dim">${html(texts.details)}</span>` : html(summary)}</summary>${others}<p>${html(texts.places)}${path}</p><ul>${places.join('')}${more}</ul>${way}<p>${html(texts.advisories)}</p><ul>${told.join('')}</ul><p class="dim">${scores.join(' · ')}</p></details>`;
}

// The findings of the page as a table with filters; without its script the table is whole and has none.
import { severityOrder, type LayerSummary } from '@plombe/model';
import { escapeMarkup as html, safeAddress } from '../escaping/markup.ts';
import { shownPath, type PlacedFinding } from '../placed/placed.ts';
import { instruction } from '../table/actions.ts';
import type { Texts } from './texts.ts';

/** Shown of each finding; the JSON report has all. */
const maxPlaces = 10;
const maxAdvisories = 10;

/** Yields the section, a row at a time. */
export function* renderFindings(
  placed: readonly PlacedFinding[],
  layers: readonly LayerSummary[],
  texts: Texts,
  noFindings: string,
): Iterable<string> {
  yield `<section class="long"><h2>${html(texts.findings)}</h2>\n`;
  if (placed.length === 0) {
    yield `<p>${html(noFindings)}</p></section>\n`;
    return;
  }
  yield filters(placed, layers, texts);
  const { columns } = texts;
  const titles = [columns.severity, columns.vulnerability, columns.package, columns.installed, columns.fixed]
    .map((title) => `<th>${html(title)}</th>`)
    .join('');
  const numbers = [columns.layer, columns.epss].map((title) => `<th class="number">${html(title)}</th>`).join('');
  yield `<div class="wide"><table id="findings"><thead><tr>${titles}${numbers}<th>${html(columns.summary)}</th></tr></thead><tbody>\n`;
  for (const entry of placed) yield rowOf(entry, texts);
  yield `</tbody></table></div><p id="none" hidden>${html(texts.noneShown)}</p></section>\n`;
}

function filters(placed: readonly PlacedFinding[], layers: readonly LayerSummary[], texts: Texts): string {
  const present = severityOrder.filter((word) => placed.some(({ finding }) => finding.severity.word === word));
  const boxes = present.map(
    (word) =>
      `<label><input type="checkbox" name="severity" value="${word}" checked><span class="badge ${word}">${html(texts.severity[word])}</span></label>`,
  );
  const used = [...new Set(placed.map(({ place }) => place?.layerIndex ?? -1))].sort((a, b) => a - b);
  const known = new Map(layers.map((layer) => [layer.index, layer.createdBy]));
  const options = used.map((index) => {
    const made = instruction(known.get(index) ?? '');
    const name =
      index < 0 ? texts.noPlace : `${texts.columns.layer} ${index}${made === '' ? '' : `: ${made.slice(0, 60)}`}`;
    return `<option value="${index}">${html(name)}</option>`;
  });
  return `<form id="filters" hidden aria-label="${html(texts.filter)}"><input type="search" name="search" placeholder="${html(texts.search)}" aria-label="${html(texts.search)}">${boxes.join('')}<select name="layer" aria-label="${html(texts.columns.layer)}"><option value="">${html(texts.allLayers)}</option>${options.join('')}</select><label><input type="checkbox" name="fixable">${html(texts.fixableOnly)}</label><label><input type="checkbox" name="exploited">${html(texts.exploitedOnly)}</label><button type="reset">${html(texts.reset)}</button><span id="shown" role="status" data-of="${html(texts.of)}" data-shown="${html(texts.shown)}"></span></form>\n`;
}

function rowOf({ finding, place, fixedVersion }: PlacedFinding, texts: Texts): string {
  const { severity, vulnerability, packageName, packageVersion, status, knownExploited, epss, references } = finding;
  const exploited = knownExploited === undefined ? '' : ` <span class="kev">${html(texts.knownExploited)}</span>`;
  const address = references.map(safeAddress).find((one) => one !== undefined);
  const id = html(vulnerability);
  const linked =
    address === undefined ? id : `<a href="${html(address)}" rel="noreferrer noopener" target="_blank">${id}</a>`;
  const said = status === 'affected' ? '' : `<br><span class="dim">${html(texts.status[status])}</span>`;
  const fixed =
    fixedVersion === undefined ? '<span class="dim">–</span>' : `<span class="fix">${html(fixedVersion)}</span>`;
  const data = [
    `data-s="${severity.word}"`,
    `data-l="${place?.layerIndex ?? -1}"`,
    `data-p="${html(packageName)}"`,
    `data-f="${fixedVersion === undefined ? 0 : 1}"`,
    `data-k="${knownExploited === undefined ? 0 : 1}"`,
  ].join(' ');
  const score =
    severity.score === undefined ? '' : ` title="${html(`${texts.score} ${severity.score} (${severity.author})`)}"`;
  return `<tr ${data}><td><span class="badge ${severity.word}"${score}>${html(texts.severity[severity.word])}</span>${exploited}</td><td class="id${vulnerability.length > 24 ? '' : ' whole'}">${linked}</td><td><b>${html(packageName)}</b></td><td class="id">${html(packageVersion)}</td><td class="id">${fixed}${said}</td><td class="number">${place?.layerIndex ?? '–'}</td><td class="number">${epss === undefined ? '' : `${(epss.score * 100).toFixed(1)}%`}</td><td class="about">${aboutOf(finding, place, texts)}</td></tr>\n`;
}

/** What an advisory says in one line; below it, when it is opened, places and advisories. */
function aboutOf(finding: PlacedFinding['finding'], place: PlacedFinding['place'], texts: Texts): string {
  const { summary, aliases, packages, advisories, severities } = finding;
  const others = aliases.length > 0 ? `<p>${aliases.map((alias) => `<code>${html(alias)}</code>`).join(', ')}</p>` : '';
  const path = place === undefined ? '' : ` <code>${html(shownPath(place))}</code>`;
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
  return `<details><summary>${html(summary ?? finding.vulnerability)}</summary>${others}<p>${html(texts.places)}${path}</p><ul>${places.join('')}${more}</ul><p>${html(texts.advisories)}</p><ul>${told.join('')}</ul><p class="dim">${scores.join(' · ')}</p></details>`;
}

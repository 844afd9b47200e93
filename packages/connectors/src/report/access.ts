// Who may do what, as a document for programs and as a page for people.
import type { AccessPath, EffectiveAccess } from '../access/effective.ts';
import { groupAccess } from '../access/group.ts';
import type { AccessReport } from '../access/report.ts';
import type { Language } from '../posture/check.ts';
import { escapeHtml, htmlPage } from './html.ts';
import { reportTexts, type ReportTexts } from './texts.ts';

/** The JSON document: one entry per repository and principal. */
export function accessDocument(report: AccessReport): object {
  return {
    schemaVersion: 1,
    registry: report.registry,
    kind: report.kind,
    at: report.at,
    state: report.causes.length === 0 ? 'assessed' : 'partial',
    causes: report.causes,
    access: report.access.map(({ repository, principal, permissions, granted, paths }) => {
      const { members: _, ...who } = principal;
      return { repository, principal: who, permissions, granted, paths };
    }),
  };
}

/** The page: a table per repository, and what is missing above it. */
export function accessPage(report: AccessReport, language: Language): string {
  const texts = reportTexts[language];
  const title = `${texts.access}: ${report.registry}`;
  const missing = report.causes.map((cause) => `<li>${escapeHtml(cause)}</li>`).join('');
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="dim">${escapeHtml(report.kind)} · ${texts.asOf} ${escapeHtml(report.at)}</p>`,
    ...(missing === '' ? [] : [`<p class="unknown">${texts.notAll}</p><ul>${missing}</ul>`]),
    ...groupAccess(report.access).map(
      ({ repositories, rows }) => `${placesHtml(repositories, texts)}${tableHtml(rows, texts)}`,
    ),
  ];
  return htmlPage({ language, title, body: body.join('\n') });
}

/** One repository as a heading; of several all names, folded. */
function placesHtml(repositories: readonly string[], texts: ReportTexts): string {
  const [first = '', ...more] = repositories;
  if (more.length === 0) return `<h2 class="id">${escapeHtml(first)}</h2>`;
  const names = repositories.map((name) => `<li class="id">${escapeHtml(name)}</li>`).join('');
  const head = `<h2><span class="id">${escapeHtml(first)}</span> ${texts.andMore(more.length)}</h2>`;
  return `${head}<details><summary class="dim">${texts.alike}</summary><ul>${names}</ul></details>`;
}

function tableHtml(rows: readonly EffectiveAccess[], texts: ReportTexts): string {
  const { principal, kind, state, permissions, by } = texts.columns;
  const head = [principal, kind, state, permissions, by].map((text) => `<th>${escapeHtml(text)}</th>`).join('');
  const body = rows.map((row) => {
    const may =
      row.permissions.length === 0 ? `<span class="dim">${texts.none}</span>` : escapeHtml(row.permissions.join(', '));
    const who = `<td><span class="id">${escapeHtml(row.principal.id)}</span><br>${escapeHtml(row.principal.name)}</td>`;
    const words = [row.principal.kind, row.principal.state].map((text) => `<td>${escapeHtml(text)}</td>`).join('');
    return `<tr>${who}${words}<td>${may}</td><td>${row.paths.map((path) => escapeHtml(pathText(path, texts))).join('<br>')}</td></tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

/** `team access read-write on engineering/app through group:engineering/dev`. */
export function pathText({ source, repositories, via, condition }: AccessPath, texts: ReportTexts): string {
  const way = via.length === 0 ? '' : ` ${texts.via} ${via.join(', ')}`;
  const only = condition === undefined ? '' : ` (${texts.condition}: ${condition})`;
  return `${source} (${repositories})${way}${only}`;
}

// The posture of a registry as a document for programs and as a page for people.
import { shown, type Language, type PostureCheck } from '../posture/check.ts';
import type { PostureFinding, PostureReport } from '../posture/judge.ts';
import type { PostureFacts } from '../registries/connector.ts';
import { escapeHtml, htmlPage, linkTo } from './html.ts';
import { reportTexts, type ReportTexts } from './texts.ts';

/** How many checks have each outcome. */
export function countOutcomes(report: PostureReport): Readonly<Record<PostureFinding['outcome'], number>> {
  const count = (wanted: PostureFinding['outcome']): number =>
    report.findings.filter(({ outcome }) => outcome === wanted).length;
  return { fail: count('fail'), unknown: count('unknown'), pass: count('pass') };
}

/** The JSON document; docs/posture.md describes it. Texts are in one language, ids and words are not translated. */
export function postureDocument(report: PostureReport, language: Language): object {
  return {
    schemaVersion: 1,
    registry: report.registry,
    kind: report.kind,
    at: report.at,
    language,
    summary: countOutcomes(report),
    findings: report.findings.map(({ check, outcome, evidence }) => ({
      id: check.id,
      severity: check.severity,
      outcome,
      title: check.title[language],
      description: check.description[language],
      fix: check.fix[language],
      evidence,
      facts: check.facts,
      controls: check.controls,
      references: check.references,
    })),
    facts: Object.fromEntries(
      Object.entries(report.facts).map(([name, fact]) => [
        name,
        fact.kind === 'unknown'
          ? { unknown: fact.reason }
          : { value: fact.value, ...(fact.incomplete === undefined ? {} : { incomplete: fact.incomplete }) },
      ]),
    ),
  };
}

/** The page: what fails first, each check folded to one line. */
export function posturePage(report: PostureReport, language: Language): string {
  const texts = reportTexts[language];
  const { fail, unknown, pass } = countOutcomes(report);
  const title = `${texts.posture}: ${report.registry}`;
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="dim">${escapeHtml(report.kind)} · ${texts.asOf} ${escapeHtml(report.at)}</p>`,
    `<p>${escapeHtml(texts.summary(fail, unknown, pass))}</p>`,
    ...report.findings.map((finding) => findingHtml(finding, language, texts)),
    factsHtml(report.facts, texts),
  ];
  return htmlPage({ language, title, body: body.join('\n') });
}

function findingHtml({ check, outcome, evidence }: PostureFinding, language: Language, texts: ReportTexts): string {
  const open = outcome === 'fail' ? ' open' : '';
  const list = (entries: readonly string[]): string =>
    `<ul>${entries.map((entry) => `<li>${entry}</li>`).join('')}</ul>`;
  const parts: readonly (readonly [string, string])[] = [
    [texts.risk, escapeHtml(check.description[language])],
    ...(outcome === 'pass' ? [] : [[texts.fix, escapeHtml(check.fix[language])] as const]),
    [outcome === 'unknown' ? texts.missing : texts.evidence, list(evidence.map((text) => escapeHtml(text)))],
    [texts.controls, escapeHtml(controlsOf(check).join(' · '))],
    [texts.references, list(check.references.map(linkTo))],
  ];
  const details = parts.map(([term, text]) => `<dt>${escapeHtml(term)}</dt><dd>${text}</dd>`).join('');
  const head = `<span class="${outcome}">${texts.outcome[outcome]}</span> · ${texts.severity[check.severity]} · ${escapeHtml(check.title[language])}`;
  return `<details${open}><summary>${head} <span class="dim id">${escapeHtml(check.id)}</span></summary><dl>${details}</dl></details>`;
}

/** Each fact with its value, or with what is missing to read it: `repositories ← hub` and the like that no check judges stand here alone. */
export function factLines(
  facts: PostureFacts,
): readonly { readonly name: string; readonly text: string; readonly known: boolean }[] {
  return Object.entries(facts)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, fact]) =>
      fact.kind === 'unknown'
        ? { name, text: fact.reason, known: false }
        : { name, text: [shown(fact.value) || 'none', ...(fact.incomplete ?? [])].join(' · '), known: true },
    );
}

function factsHtml(facts: PostureFacts, texts: ReportTexts): string {
  const rows = factLines(facts).map(({ name, text, known }) => {
    const word = known ? '' : `<span class="unknown">${texts.outcome.unknown}</span> `;
    return `<tr><td class="id">${escapeHtml(name)}</td><td>${word}${escapeHtml(text)}</td></tr>`;
  });
  return `<h2>${texts.facts}</h2><table><tbody>${rows.join('')}</tbody></table>`;
}

/** `NIST SP 800-190 4.2.3` … */
export function controlsOf(check: PostureCheck): readonly string[] {
  return check.controls.map(({ standard, id }) => `${standard} ${id}`);
}

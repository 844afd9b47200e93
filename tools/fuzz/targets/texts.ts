// What people write and keep: conditions, tests of policies, saved reports, templates, lists, licences, and the manifest of a database.
import { inert, licenceExpression } from '@plombe/kit';
import type { ScanResult } from '@plombe/model';
import { parseManifest as parseDatabaseManifest } from '../../../packages/advisories/src/database/manifest.ts';
import { parsePurlList } from '../../../packages/engine/src/purls/parse.ts';
import { openReportFormat, reportFormats } from '../../../packages/engine/src/reports/reports.ts';
import { parseReport } from '../../../packages/engine/src/reports/saved/parse.ts';
import { openTemplate } from '../../../packages/engine/src/reports/template/index.ts';
import { findingOf, packageOf, resultOf } from '../../../packages/engine/src/testing/results.ts';
import { parsePolicyTest, runPolicyTest } from '../../../packages/policy/src/cases/run.ts';
import { Budget, decisionSteps } from '../../../packages/policy/src/cel/budget.ts';
import { compileCel } from '../../../packages/policy/src/cel/cel.ts';
import { CelError, typeName } from '../../../packages/policy/src/cel/value.ts';
import { decide } from '../../../packages/policy/src/decide.ts';
import { parsePolicy, type Policy } from '../../../packages/policy/src/policy.ts';
import { evidence, finding, scan } from '../../../packages/policy/src/testing/policies.ts';
import { policyVariableNames, policyVariables } from '../../../packages/policy/src/variables.ts';
import { formatScope, parseScope } from '../../../packages/trust/src/approval/scope.ts';
import type { FuzzInput } from '../input.ts';
import { checkDiagnostics, type FuzzTarget, must, mustEqual, plombeRefusal, roughly, textOf } from '../target.ts';

const nowMs = Date.UTC(2026, 0, 1);

/** An image with a finding and a label. */
const about = evidence({
  ...scan({ findings: [finding()], packages: [] }),
  config: { labels: { a: 'b' }, user: '0' } as never,
});
const variables = policyVariables(about, nowMs);

function judged(policies: readonly Policy[]): string {
  const { decision, reasons } = decide(policies, about, { nowMs });
  for (const { message, remedy, lookedAt, check } of reasons)
    for (const text of [message, remedy, lookedAt, check])
      must(text === inert(text), `a reason is not inert: ${JSON.stringify(text)}`);
  return `${decision} ${reasons.map(({ outcome }) => outcome.slice(0, 1)).join('')}`;
}

function checkExpression(source: string): string {
  const compiled = compileCel(source, policyVariableNames);
  if (compiled.kind === 'invalid') return compiled.message.slice(0, 30);
  const evaluated = [0, 1].map(() => compiled.program.evaluate(variables, new Budget(decisionSteps)));
  mustEqual(evaluated[1], evaluated[0], 'it gives another value the second time');
  const [value] = evaluated;
  return value instanceof CelError ? value.message.slice(0, 30) : typeName(value ?? null);
}

const sample = [packageOf('openssl')] as const;
const result = resultOf(sample, [findingOf('CVE-2026-0001', sample[0])]);

/** Formats that people read; in those of JSON a program reads the text as it was. */
const forPeople: ReadonlySet<string> = new Set(['table', 'html', 'markdown', 'csv', 'junit', 'github', 'azure-devops']);

/** Characters that do something to a terminal or turn the text around; what a format may write of controls are line ends, returns and tabs. */
const harmful = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

async function rendered(report: ScanResult): Promise<void> {
  for (const { id } of reportFormats) {
    const format = await openReportFormat(id);
    const text = [...format.render(report, { colour: false, evidence: true, width: 80 })].join('');
    const found = forPeople.has(id) ? harmful.exec(text) : null;
    must(found === null, `${id} writes ${JSON.stringify(text.slice(found?.index ?? 0).slice(0, 40))}`);
  }
}

/** Texts of people, and what this program wrote itself and somebody may have changed since. */
export const textTargets: readonly FuzzTarget[] = [
  { name: 'policy', run: (input) => plombeRefusal(() => judged([parsePolicy(textOf(input))])) },
  { name: 'policy-test', run: (input) => plombeRefusal(() => checkPolicyTest(input)) },
  { name: 'condition', run: (input) => checkExpression(textOf(input)) },
  {
    name: 'report',
    run: (input) =>
      plombeRefusal(async () => {
        const report = parseReport(textOf(input), 'report.json');
        await rendered(report);
        return `${report.assessment.state} ${roughly(report.match.findings.length)} ${roughly(report.inventory.packages.length)}`;
      }),
  },
  {
    name: 'template',
    run: (input) =>
      plombeRefusal(() =>
        roughly([...openTemplate(textOf(input), 'a.html').render(result, undefined as never)].join('').length / 100),
      ),
  },
  {
    name: 'purl-list',
    run: (input) =>
      plombeRefusal(() => {
        const { packages, diagnostics } = parsePurlList(textOf(input), 'fuzz');
        checkDiagnostics(diagnostics);
        return `${roughly(packages.length)} ${roughly(diagnostics.length)}`;
      }),
  },
  {
    name: 'licence',
    run(input) {
      const expression = licenceExpression(textOf(input));
      if (expression === undefined) return 'none';
      must(/^[\x20-\x7e]+$/.test(expression), `it is no expression: ${JSON.stringify(expression)}`);
      must(licenceExpression(expression) === expression, `it is read otherwise: ${expression}`);
      return expression.replaceAll(/[A-Za-z0-9.-]+/g, 'x').slice(0, 40);
    },
  },
  {
    name: 'database-manifest',
    run: (input) => plombeRefusal(() => roughly(parseDatabaseManifest(textOf(input), 'manifest.json').shards.length)),
  },
  {
    name: 'approval-scope',
    run(input) {
      const scope = parseScope(textOf(input));
      if (scope === undefined) return 'none';
      mustEqual(parseScope(formatScope(scope)), scope, 'what is written is read otherwise');
      return Object.keys(scope).join();
    },
  },
];

/** `policy` is the policy that the other part is about. */
function checkPolicyTest(input: FuzzInput): string {
  const text = (path: string): string =>
    new TextDecoder().decode(input.find((part) => part.path === path)?.bytes ?? new Uint8Array());
  const { document, policy } = parsePolicyTest(text('test'), () => parsePolicy(text('policy')));
  const results = runPolicyTest(document, policy, () => about.subject, nowMs);
  for (const { name } of results) must(name === inert(name), `a name is not inert: ${JSON.stringify(name)}`);
  return results.map(({ decision }) => decision.decision).join();
}

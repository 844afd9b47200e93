// `plombe policy test`: cases of subject, evidence and the decision expected.
import { policySubject, readPolicyTest } from '@plombe/engine';
import { parseReference } from '@plombe/oci';
import { runPolicyTest, type CaseResult } from '@plombe/policy';
import { openSession } from '../compose/context.ts';
import { textOrJson } from '../compose/output.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

interface FileResult {
  readonly file: string;
  readonly cases: readonly CaseResult[];
}

/** Returns 0 where every case came out as expected, else 1. Throws `policy/invalid`, `source/…` and `reference/invalid`. */
export function policyTestCommand(files: readonly string[], loaded: LoadedSettings): Promise<number> {
  const output = textOrJson(loaded);
  const { ctx } = openSession(loaded.values);
  const results = files.map((file): FileResult => {
    const { path, policy, document } = readPolicyTest(file);
    const subjectOf = (reference: string) => policySubject(parseReference(reference));
    return { file: path, cases: runPolicyTest(document, policy, subjectOf, ctx.clock.nowMs()) };
  });
  const cases = results.flatMap((result) => result.cases);
  const failed = cases.filter(({ passed }) => !passed).length;
  const passed = cases.length - failed;
  output({ json: { files: results, passed, failed }, text: () => textOf(results, passed, failed) });
  return Promise.resolve(failed === 0 ? exitCodes.fine : exitCodes.findings);
}

/** A line for each case, below those that failed the reasons, and the counts at the end. */
function textOf(results: readonly FileResult[], passed: number, failed: number): string {
  const lines = results.flatMap(({ file, cases }) => [
    file,
    ...cases.flatMap(({ name, passed: good, expected, decision }) => [
      good ? `  ok    ${name}` : `  FAIL  ${name}: expected ${expected}, got ${decision.decision}`,
      ...(good
        ? []
        : decision.reasons
            .filter(({ outcome }) => outcome !== 'pass' || expected !== 'allow')
            .map(({ check, outcome, message }) => `          ${outcome} ${check}: ${message}`)),
    ]),
  ]);
  return `${[...lines, `${passed} passed, ${failed} failed`].join('\n')}\n`;
}

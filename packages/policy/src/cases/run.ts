// Policy tests: reads a file of cases, decides each, and says which came out otherwise.
import { inert } from '@plombe/kit';
import { decide, type Decision } from '../decide.ts';
import { caseSchema, type CaseDocument, type PolicyCase } from '../document/case-schema.ts';
import { readDocument } from '../document/read.ts';
import type { PolicySubject } from '../evidence.ts';
import type { Policy } from '../policy.ts';
import { instantMs } from '../schema/format.ts';
import { evidenceOfCase } from './evidence.ts';

/** Reads a policy test. Throws `policy/invalid`. */
export function parsePolicyTest(text: string, path?: string): CaseDocument {
  return readDocument<CaseDocument>(text, caseSchema, inert(path ?? 'The policy test')).data;
}

/** How a case came out. */
export interface CaseResult {
  readonly name: string;
  readonly passed: boolean;
  readonly expected: PolicyCase['expect'];
  readonly decision: Decision;
}

/** Decides every case. `subjectOf` parses a reference and throws `reference/invalid`; `nowMs` holds where a case names no time. */
export function runPolicyTest(
  { cases }: CaseDocument,
  policy: Policy,
  subjectOf: (reference: string) => PolicySubject,
  nowMs: number,
): readonly CaseResult[] {
  return cases.map(({ name, subject, evidence = {}, expect }) => {
    const at = evidence.now === undefined ? undefined : instantMs(evidence.now);
    const decision = decide([policy], evidenceOfCase(evidence, subjectOf(subject), policy), { nowMs: at ?? nowMs });
    return { name: inert(name), passed: decision.decision === expect, expected: expect, decision };
  });
}

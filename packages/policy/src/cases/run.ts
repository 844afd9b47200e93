// Policy tests: reads a file of cases, decides each, and says which came out otherwise.
import { inert } from '@plombe/kit';
import { decide, type Decision } from '../decide.ts';
import { caseSchema, type CaseDocument, type PolicyCase } from '../document/case-schema.ts';
import { readDocument } from '../document/read.ts';
import type { PolicySubject } from '../evidence.ts';
import type { Policy } from '../policy.ts';
import { instantMs } from '../schema/format.ts';
import { evidenceOfCase } from './evidence.ts';

/** A policy test with the policy it is about. */
export interface PolicyTest {
  readonly document: CaseDocument;
  readonly policy: Policy;
}

/**
 * Reads a policy test; `policyOf` reads the policy that it names. Throws `policy/invalid`, also for an anchor that the policy does not have:
 * no evidence could come from it, and the case would show nothing.
 */
export function parsePolicyTest(text: string, policyOf: (name: string) => Policy, path?: string): PolicyTest {
  const { data: document, fail } = readDocument<CaseDocument>(text, caseSchema, inert(path ?? 'The policy test'));
  const policy = policyOf(document.policy);
  const anchors = { signatures: policy.anchors, attestations: policy.attestations.map(({ anchor }) => anchor) };
  for (const [at, { evidence = {} }] of document.cases.entries()) {
    for (const kind of ['signatures', 'attestations'] as const) {
      const labels = [...new Set(anchors[kind].map(({ label }) => label))];
      for (const [index, { anchor }] of (evidence[kind] ?? []).entries()) {
        if (anchor === undefined || anchors[kind].some(({ label, id }) => [label, id].includes(anchor))) continue;
        const known = labels.length === 0 ? 'which has none' : `which has ${inert(labels.join(', '))}`;
        fail(
          ['cases', at, 'evidence', kind, index, 'anchor'],
          `names no anchor that the policy has for ${kind}, ${known}`,
        );
      }
    }
  }
  return { document, policy };
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

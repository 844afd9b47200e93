// A decision as in-toto's simple verification result (in-toto attestation, spec/predicates/svr.md, version 0.2).
import { inert, sortedUnique, type JsonObject } from '@plombe/kit';
import {
  decisionDetails,
  decisionField,
  decisionVerifier,
  policyDescriptors,
  type DecisionParts,
  type JudgedDecision,
} from './decision.ts';

/** URI of the predicate's type. */
export const svrPredicateType = 'https://in-toto.io/attestation/svr/v0.2';

/** Returns the predicate. A result has no word for "failed": a denied subject has no property `PLOMBE_DECISION_…`. */
export function svrPredicate(parts: DecisionParts): JsonObject {
  const { judged, decidedAtMs } = parts;
  return {
    verifier: { id: decisionVerifier, policies: policyDescriptors(judged.policies) },
    timeCreated: new Date(decidedAtMs).toISOString(),
    properties: propertiesOf(judged),
    [decisionField]: decisionDetails(parts),
  };
}

/**
 * `PLOMBE_PASSED_<check>` where the check passes in every policy that has it, `PLOMBE_EXCEPTED_<check>` where one of them needs an
 * exception for it, and `PLOMBE_DECISION_ALLOW` or `_WARN`. The check's id stays as it is, so no two checks share a property.
 */
function propertiesOf({ decision, reasons }: JudgedDecision): readonly string[] {
  const passed = decision === 'allow' || decision === 'warn' ? [`PLOMBE_DECISION_${decision.toUpperCase()}`] : [];
  const checks = Map.groupBy(reasons, ({ check }) => check);
  const properties = [...checks].flatMap(([check, all]) => {
    if (all.some(({ outcome }) => outcome !== 'pass')) return [];
    const excepted = all.some(({ exceptions = [] }) => exceptions.length > 0);
    return [`PLOMBE_${excepted ? 'EXCEPTED' : 'PASSED'}_${inert(check)}`];
  });
  return sortedUnique([...passed, ...properties]);
}

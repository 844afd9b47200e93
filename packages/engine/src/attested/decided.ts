// What a custody record says of a decision (docs/predicates/custody.md): the word, what each policy said, and the database it was made with.
import { inert, type JsonObject } from '@plombe/kit';
import type { DecisionWord, PolicyAnswer } from '@plombe/policy';

/** A decision, as the record has it. */
export interface RecordedDecision {
  readonly decision: DecisionWord;
  readonly policies: readonly PolicyAnswer[];
  readonly databaseDigest?: string;
}

/** Returns `decision`, `policies` with name, digest and decision, and `database` where one was asked. */
export function decisionRecord({ decision, policies, databaseDigest }: RecordedDecision): JsonObject {
  return {
    decision,
    policies: policies.map((policy) => ({
      name: inert(policy.name),
      digest: policy.digest,
      decision: policy.decision,
    })),
    ...(databaseDigest === undefined ? {} : { database: databaseDigest }),
  };
}

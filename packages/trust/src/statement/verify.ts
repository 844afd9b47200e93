// Compares a signed statement with what is expected of it: payload type, subject, predicate type (T42).
import type { JsonObject } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { inTotoPayloadType, type Envelope } from '../dsse/envelope.ts';
import type { Checks } from '../verify/checks.ts';
import { cosignSignPredicateType, isPredicateType } from './predicate-types.ts';
import { parseStatement, subjectWithDigest } from './statement.ts';

/**
 * What a verifier asks for. An attestation is no signature: it says something about a digest and approves nothing, so each is
 * accepted only where it was asked for. `any` is for files, whose caller looks at the result.
 */
export type Expectation =
  | { readonly kind: 'signature' }
  | { readonly kind: 'any' }
  | { readonly kind: 'attestation'; readonly predicateType?: string };

/** What became known of the statement. */
export interface StatementFacts {
  readonly predicateType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly json?: JsonObject;
}

/** Checks an envelope's payload. Each check is noted; what cannot be parsed is rejected. */
export function verifyStatement(
  envelope: Envelope,
  digest: Digest,
  expect: Expectation,
  checks: Checks,
): StatementFacts {
  if (envelope.payloadType !== inTotoPayloadType) {
    checks.fail('predicate-type', `The envelope holds ${envelope.payloadType}, not an in-toto statement.`);
    return {};
  }
  const read = parseStatement(envelope.payload);
  if (read.kind !== 'parsed') {
    checks.refuse('format', read);
    return {};
  }
  const { value: statement } = read;
  const subject = subjectWithDigest(statement, digest);
  if (subject === undefined) checks.fail('subject', `The statement is not about ${digest}.`);
  else checks.pass('subject', `The statement is about ${digest}.`);
  verifyPredicateType(statement.predicateType, expect, checks);
  return {
    predicateType: statement.predicateType,
    json: statement.json,
    annotations: subject?.annotations ?? {},
  };
}

function verifyPredicateType(actual: string, expect: Expectation, checks: Checks): void {
  if (expect.kind === 'any') {
    checks.skip('predicate-type', `The statement has the predicate type ${actual}; any is accepted.`);
    return;
  }
  const fits =
    expect.kind === 'signature'
      ? actual === cosignSignPredicateType
      : actual !== cosignSignPredicateType &&
        (expect.predicateType === undefined || isPredicateType(actual, expect.predicateType));
  const wanted =
    expect.kind === 'signature'
      ? `a signature (${cosignSignPredicateType})`
      : (expect.predicateType ?? 'an attestation');
  if (fits) checks.pass('predicate-type', `The statement has the predicate type ${actual}.`);
  else checks.fail('predicate-type', `The statement has the predicate type ${actual}, not ${wanted}.`);
}

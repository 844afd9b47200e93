// Steps three and four: the signature was made while its certificates were valid, and has not expired.
import type { Certificate } from '@plombe/pki';
import { isoTime, nameOf, validityProblem } from '../certificates/requirements.ts';
import { judgeTimestamp } from '../certificates/timestamp.ts';
import type { Envelope } from '../envelope/envelope.ts';
import type { TrustPolicyStatement } from '../trust-policy/policy.ts';
import type { TrustStore } from '../trust-store/store.ts';
import { rootsOf } from './authenticity.ts';
import { fail, pass, type StepResult } from './checks.ts';

/** Compares the expiry with now; the moment itself is expired (signature-specification, "Expiry"). */
export function checkExpiry(expiryMs: number | undefined, nowMs: number): StepResult {
  if (expiryMs === undefined) return pass('the signature does not expire');
  return nowMs < expiryMs
    ? pass(`the signature expires at ${isoTime(expiryMs)}`)
    : fail(`the signature expired at ${isoTime(expiryMs)}`);
}

/** How the moment of signing was proved. */
export interface TimestampResult {
  readonly step: StepResult;
  /** Present where a time is proved: the moment by which the signature was surely made. */
  readonly signedAtMs?: number;
  /** Chain of the time stamp's signer, whose revocation is still to be asked. */
  readonly authority?: readonly Certificate[];
}

/** Everything the step looks at. */
export interface TimeInput {
  readonly envelope: Envelope;
  readonly chain: readonly Certificate[];
  readonly statement: TrustPolicyStatement;
  readonly trustStore: TrustStore;
  readonly nowMs: number;
}

/** Verifies the time of signing (trust-store-trust-policy, "Validate Authentic Timestamp"). */
export function checkTimestamp(input: TimeInput): TimestampResult {
  const { envelope, chain, nowMs } = input;
  const authentic = envelope.attributes.authenticSigningTimeMs;
  if (authentic !== undefined) {
    const problem = validityProblem(chain, authentic);
    if (problem !== undefined) return { step: fail(`${problem}; the signing authority says ${isoTime(authentic)}`) };
    return { step: pass(`signed at ${isoTime(authentic)}, says the signing authority`), signedAtMs: authentic };
  }
  const now = validityProblem(chain, nowMs);
  const wanted = timestampWanted(input, now !== undefined);
  if (wanted) return checkCountersignature(input);
  if (now === undefined) return { step: pass('every certificate is valid now; no time stamp was needed') };
  return { step: fail(`${now}; the trust policy lets no time stamp prove an earlier moment${hint(input.statement)}`) };
}

function hint({ trustStores }: TrustPolicyStatement): string {
  return trustStores.some((one) => one.type === 'tsa') ? '' : ', it names no trust store of type tsa';
}

/** The conditions of "Timestamp Countersignature Verification details"; `expired`: some certificate is not valid now. */
function timestampWanted({ statement, chain, nowMs }: TimeInput, expired: boolean): boolean {
  if (!statement.trustStores.some((one) => one.type === 'tsa')) return false;
  if (statement.verifyTimestamp === 'always') return true;
  return expired && chain.some((one) => nowMs >= one.notAfterMs + 1000);
}

function checkCountersignature({ envelope, chain, statement, trustStore }: TimeInput): TimestampResult {
  const { timestamp, signature } = envelope;
  if (timestamp === undefined || timestamp.length === 0) return { step: fail('the signature holds no time stamp') };
  const roots = rootsOf(statement, trustStore, 'tsa');
  if (roots.kind === 'none') return { step: fail(roots.message) };
  const stamp = judgeTimestamp(timestamp, { signature, roots: roots.certificates });
  if (stamp.kind === 'refused') return { step: fail(`the time stamp does not hold: ${stamp.message}`) };
  const { fromMs, toMs } = stamp;
  const outside = validityProblem(chain, fromMs, toMs);
  if (outside !== undefined)
    return { step: fail(`${outside}; the time stamp says ${isoTime(fromMs)} to ${isoTime(toMs)}`) };
  return {
    step: pass(`signed no later than ${isoTime(toMs)}, says ${nameOf(stamp.chain[0] as Certificate)}`),
    signedAtMs: toMs,
    authority: stamp.chain,
  };
}

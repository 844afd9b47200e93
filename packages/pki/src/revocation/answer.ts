// What asking about revocation answers, from a list or from a responder.
import type { VerificationCheck } from '@plombe/model';
import type { Certificate } from '../x509/certificate.ts';

/** RFC 5280, 5.3.1, by number; 7 is not used. */
export const revocationReasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'unused',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

export type RevocationReason = (typeof revocationReasons)[number];

/**
 * `unknown` is no answer: a gate treats it as a refusal. `revoked` also for a certificate on hold. Whether a revocation after a
 * proved signing time counts is for the caller (`atMs`, `invalidityMs`, `reason`).
 */
export type RevocationAnswer =
  | {
      readonly kind: 'good';
      readonly source: 'crl' | 'ocsp';
      readonly thisUpdateMs: number;
      readonly nextUpdateMs?: number;
      /** The certificate of a delegated OCSP responder. */
      readonly responder?: Certificate;
      readonly checks: readonly VerificationCheck[];
    }
  | {
      readonly kind: 'revoked';
      readonly source: 'crl' | 'ocsp';
      readonly atMs: number;
      readonly reason?: RevocationReason;
      /** Since when the key is known or suspected to be lost, where the list says so (RFC 5280, 5.3.2). */
      readonly invalidityMs?: number;
      readonly responder?: Certificate;
      readonly checks: readonly VerificationCheck[];
    }
  | { readonly kind: 'unknown'; readonly cause: string; readonly checks: readonly VerificationCheck[] };

/** Five minutes: how far clocks of responders and ours may differ. */
export const clockSkewMs = 300_000;

/** An `unknown` answer; `cause` is inert. */
export function unknownAnswer(cause: string): RevocationAnswer {
  return { kind: 'unknown', cause, checks: [check('warn', `the revocation state is not known: ${cause}`)] };
}

/** The check that an answer carries. */
export function check(outcome: 'pass' | 'fail' | 'warn', message: string): VerificationCheck {
  return { id: 'revocation', outcome, message };
}

/** Why an answer is not current at a moment, as a clause; without `nextUpdateMs` it is for a day. */
export function currencyProblem(
  times: { readonly thisUpdateMs: number; readonly nextUpdateMs?: number },
  atMs: number,
): string | undefined {
  const { thisUpdateMs, nextUpdateMs = thisUpdateMs + 86_400_000 } = times;
  if (!Number.isFinite(atMs)) return 'the moment to judge it at is not known';
  if (nextUpdateMs < thisUpdateMs) return 'it ends before it begins';
  if (atMs < thisUpdateMs - clockSkewMs) return `it begins only at ${new Date(thisUpdateMs).toISOString()}`;
  if (atMs > nextUpdateMs) return `it ended at ${new Date(nextUpdateMs).toISOString()}`;
  return undefined;
}

/** The reason with this number. */
export function reasonOf(number: number): RevocationReason | undefined {
  return revocationReasons[number];
}

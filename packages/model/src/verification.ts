// What verifying a signature or attestation answers: never a bare boolean, always what was checked.
import type { Digest } from './digest.ts';

/** One step of a verification. `skip`: not asked for or not applicable; `warn`: failed, and the policy only logs it. */
export interface VerificationCheck {
  /** Stable name of the step: `signature`, `certificate-chain`, `log-inclusion`, `timestamp`, `identity`, `subject` … */
  readonly id: string;
  readonly outcome: 'pass' | 'fail' | 'warn' | 'skip';
  /** What was compared with what; on failure also what to do. Inert text. */
  readonly message: string;
}

/** `undecidable`: a limit was reached, a revocation state is unknown, or evidence is missing. For a gate it counts as a refusal. */
export type Verdict = 'verified' | 'rejected' | 'undecidable';

/** The verdict on several subjects that must all hold: that of the worst. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return (['rejected', 'undecidable'] as const).find((worse) => verdicts.includes(worse)) ?? 'verified';
}

/** Where and how a signature is kept: Sigstore bundle, cosign's legacy tag, or a Notary Project envelope. */
export type SignatureFormat = 'bundle' | 'tag' | 'jws' | 'cose';

/** One signature that was found for a subject, and what became of it. */
export interface SignatureResult {
  readonly format: SignatureFormat;
  /** Digest of the manifest that carries the signature; absent for one in a file. */
  readonly digest?: Digest;
  readonly verdict: Verdict;
  /** Who signed, for people: a key's fingerprint, a certificate's subject, or identity and issuer. */
  readonly signer?: string;
  /** Stable id by which distinct signers are counted: `key:sha256:…` of the SPKI, or `identity:ISSUER:SUBJECT`. */
  readonly signerId?: string;
  /** `key:sha256:…` of the certificate's key, where `signerId` names its subject: the same key under two names is one signer. */
  readonly keyId?: string;
  /** Signed annotations, never those of the manifest. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly checks: readonly VerificationCheck[];
}

/** A verified in-toto statement about a subject. */
export interface AttestationResult extends SignatureResult {
  readonly predicateType: string;
  /** The statement as parsed from the signed bytes; absent where it was rejected before it could be parsed. */
  readonly statement?: Readonly<Record<string, unknown>>;
  /** When it was signed, by a verified time stamp or log entry, in milliseconds since 1970. */
  readonly signedAtMs?: number;
  /** Of scan evidence of an index, as policies see it: the statement cut down to each of its images. What is demanded must hold for the whole and for each. */
  readonly parts?: readonly Readonly<Record<string, unknown>>[];
}

/** The whole answer for a subject. */
export interface VerificationReport {
  readonly verdict: Verdict;
  readonly subject: { readonly reference?: string; readonly digest: Digest };
  readonly signatures: readonly SignatureResult[];
  readonly attestations: readonly AttestationResult[];
  /** Why the verdict is what it is, most important first. */
  readonly reasons: readonly string[];
}

/**
 * How many distinct signers there are (T44). Results of one id are of one signer, and so are those of one key, whatever names it: as a bare
 * key or in a certificate. Results without an id cannot be told apart and count as one.
 */
export function countSigners(results: readonly Pick<SignatureResult, 'signerId' | 'keyId'>[]): number {
  let signers: readonly ReadonlySet<string>[] = [];
  for (const { signerId = '', keyId = signerId } of results) {
    const same = signers.filter((names) => names.has(signerId) || names.has(keyId));
    signers = [
      ...signers.filter((names) => !same.includes(names)),
      new Set([signerId, keyId, ...same.flatMap((names) => [...names])]),
    ];
  }
  return signers.length;
}

// What a verification is given: one signature, what it should be for, and whom to trust.
import type { Digest } from '@plombe/model';
import type { EnvelopeFormat } from '../envelope/envelope.ts';
import type { VerificationPlugin } from '../plugin/verification.ts';
import type { TrustPolicyStatement } from '../trust-policy/policy.ts';
import type { TrustStore } from '../trust-store/store.ts';
import type { RevocationSource } from './revocation-source.ts';

/** The artifact that is at hand. Media type and size are compared where they are known. */
export interface VerifiedSubject {
  /** Digest of the manifest; of a file by the hash that `algorithmOfKey` names for the signing key. */
  readonly digest: string;
  readonly mediaType?: string;
  readonly sizeBytes?: number;
}

/** Everything a verdict depends on; the same input gives the same verdict, save for what revocation sources and plugins answer. */
export interface VerificationInput {
  readonly format: EnvelopeFormat;
  readonly envelope: Uint8Array;
  /** Digest of the manifest that carries the envelope, for the result. */
  readonly manifestDigest?: Digest;
  readonly subject: VerifiedSubject;
  /** The statement that applies to the subject: `selectOciStatement` or `selectBlobStatement`. */
  readonly statement: TrustPolicyStatement;
  readonly trustStore: TrustStore;
  readonly nowMs: number;
  /** Signed annotations that must be there with these values. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Absent: every revocation state that would have to be asked for is unknown. */
  readonly revocation?: RevocationSource;
  /** Finds an installed plugin; absent or undefined: signatures that demand one are rejected. */
  readonly plugin?: (name: string) => Promise<VerificationPlugin | undefined>;
}

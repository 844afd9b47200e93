// What a verifier believes: who may sign, which trusted root counts, and how many logs and time stamps are asked for.
import type { IdentityRule } from '../identity/rule.ts';
import type { PublicKey } from '../keys/public-key.ts';
import type { TrustedRoot } from '../root/trusted-root.ts';

/** Any of these keys, or a certificate whose identity any of these rules allows. */
export type SignerAnchor =
  | { readonly kind: 'keys'; readonly keys: readonly PublicKey[] }
  | { readonly kind: 'identities'; readonly rules: readonly IdentityRule[] };

/** The terms under which a signature is verified. */
export interface Trust {
  readonly anchor: SignerAnchor;
  /** Needed for identities; with keys it makes logs and time stamps count. */
  readonly trustedRoot?: TrustedRoot;
  /** How many distinct logs must vouch. Unless given: one for identities where the root knows any log, else none (T44). */
  readonly requireLogs?: number;
  /** How many distinct time stamp authorities must vouch; none unless given. */
  readonly requireTimestamps?: number;
}

/** What became known of the signer. */
export interface SignerFacts {
  /** For people. */
  readonly signer?: string;
  /** `key:sha256:…`, or `identity:ISSUER:SUBJECT`. */
  readonly signerId?: string;
  /** `key:sha256:…` of a certificate's key. */
  readonly keyId?: string;
  /** The earliest proved time, in milliseconds since 1970: it was signed then or before. */
  readonly signedAtMs?: number;
}

// A Notary Project signature envelope as values, whichever of the two encodings it came in (signature-specification, "Signature Envelope").
import type { NotaryAlgorithm } from './algorithm.ts';

export type EnvelopeFormat = 'jws' | 'cose';

/** `notary.x509`: the user signs. `notary.x509.signingAuthority`: a service signs for the user and vouches for the time (signing-scheme). */
export type SigningScheme = 'notary.x509' | 'notary.x509.signingAuthority';

/** A signed attribute that the specification does not define. */
export interface ExtendedAttribute {
  readonly name: string;
  /** As decoded; whoever reads it checks its type. */
  readonly value: unknown;
  /** True where a verifier that does not know it must reject the signature. */
  readonly critical: boolean;
}

/** What is signed beside the payload. Times are milliseconds since 1970, whole seconds. */
export interface SignedAttributes {
  readonly scheme: SigningScheme;
  /** Claimed by the signer and proved by nothing; present for `notary.x509` only. */
  readonly signingTimeMs?: number;
  /** Vouched for by the signing authority; present for `notary.x509.signingAuthority` only. */
  readonly authenticSigningTimeMs?: number;
  readonly expiryMs?: number;
  readonly verificationPlugin?: string;
  readonly verificationPluginMinVersion?: string;
  readonly extended: readonly ExtendedAttribute[];
}

/** A parsed envelope; nothing in it is verified yet. */
export interface Envelope {
  readonly format: EnvelopeFormat;
  readonly algorithm: NotaryAlgorithm;
  readonly attributes: SignedAttributes;
  readonly payload: Uint8Array;
  /** Exactly the bytes the signature is over. */
  readonly signedBytes: Uint8Array;
  /** PSS signature, or r and s of ECDSA at fixed width. */
  readonly signature: Uint8Array;
  /** Certificates as DER, the signing one first. */
  readonly chain: readonly Uint8Array[];
  /** RFC 3161 TimeStampToken over the signature. */
  readonly timestamp?: Uint8Array;
  /** Unsigned, for diagnosis only. */
  readonly signingAgent?: string;
}

/** What parsing an envelope answers. */
export type ParsedEnvelope =
  | { readonly kind: 'parsed'; readonly envelope: Envelope }
  /** `limit`: larger or deeper than is read, which says nothing about the signature. */
  | { readonly kind: 'malformed' | 'limit'; readonly message: string };

/** What goes in before it is signed. */
export interface EnvelopeDraft {
  readonly algorithm: NotaryAlgorithm;
  readonly attributes: SignedAttributes;
  readonly payload: Uint8Array;
}

/** What is added after it is signed. */
export interface UnsignedParts {
  readonly signature: Uint8Array;
  readonly chain: readonly Uint8Array[];
  readonly timestamp?: Uint8Array;
  readonly signingAgent?: string;
}

/** A draft in one encoding: sign `signedBytes`, then `finish`. */
export interface EnvelopeBuilder {
  readonly signedBytes: Uint8Array;
  finish(parts: UnsignedParts): Uint8Array;
}

/** Media type of each encoding in an OCI manifest. */
export const envelopeMediaTypes = { jws: 'application/jose+json', cose: 'application/cose' } as const;

/** The only payload type there is. */
export const payloadMediaType = 'application/vnd.cncf.notary.payload.v1+json';

/**
 * Bytes of an envelope: ten certificates of 8 KiB, a time stamp with its chain and 64 KiB of annotations make 200 KiB with Base64 (T48).
 */
export const maxEnvelopeBytes = 1024 * 1024;

/** Certificates of a chain: public CAs use 3 or 4. */
export const maxChainLength = 10;

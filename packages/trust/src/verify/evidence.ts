// What every form of Sigstore signature comes down to before it is verified: content, signature, signer's material and proofs.
import type { Envelope } from '../dsse/envelope.ts';
import type { LogEntry } from '../log/entry.ts';

/** The hash functions that artifacts, signatures and log entries use. */
export type ContentHash = 'sha256' | 'sha384' | 'sha512';

/** What was signed: the bytes, or only their digest where nothing else is at hand. */
export type Content =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'digest'; readonly algorithm: ContentHash; readonly value: Uint8Array };

/** Who claims to have signed: a key known by its hint, or certificates, leaf first. */
export type Material =
  | { readonly kind: 'key'; readonly hint: string }
  | {
      readonly kind: 'certificates';
      readonly certificates: readonly Uint8Array[];
      /** Set for legacy signatures, whose chain ends with the root: it is left out. In bundles a root is a rejection. */
      readonly withRoot?: boolean;
    };

/** Everything that a bundle or a legacy layer brings along, in one form. */
export interface Signed {
  readonly content: Content;
  readonly signature: Uint8Array;
  readonly material: Material;
  readonly entries: readonly LogEntry[];
  readonly timestamps: readonly Uint8Array[];
  /** What the time stamps are over; the signature unless given. */
  readonly stamped?: Uint8Array;
  readonly envelope?: Envelope;
  /** The envelope's file as stored, where it is stored as such. */
  readonly envelopeBytes?: Uint8Array;
}

/** What a log entry is compared with: the same, once it is known which key or certificate signed. */
export interface Evidence {
  readonly signature: Uint8Array;
  /** Digest of the signed content; undefined where only another one is known. */
  contentDigest(algorithm: ContentHash): Uint8Array | undefined;
  readonly envelope?: Envelope;
  readonly envelopeBytes?: Uint8Array;
  /** The signer's certificate in DER; absent where a plain key signed. */
  readonly certificate?: Uint8Array;
  readonly spki: Uint8Array;
}

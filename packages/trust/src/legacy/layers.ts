// The layers, types and tags of cosign's older signatures and attestations, as a registry keeps them.
import type { Digest } from '@plombe/model';
import { envelopeToJson, type Envelope } from '../dsse/envelope.ts';
import { writeLegacyAnnotations, type LegacyExtras } from './annotations.ts';

/** A layer to append to the image that a legacy tag names. */
export interface LegacyLayer {
  readonly mediaType: string;
  readonly blob: Uint8Array;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Media types of layers. */
export const simpleSigningMediaType = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const envelopeMediaType = 'application/vnd.dsse.envelope.v1+json';

/** Returns the layer of a signature over a simple signing payload. */
export function signatureLayer(payload: Uint8Array, signature: Uint8Array, extras: LegacyExtras = {}): LegacyLayer {
  return { mediaType: simpleSigningMediaType, blob: payload, annotations: writeLegacyAnnotations(signature, extras) };
}

/** Returns the layer of an attestation; `predicateType` is a hint for whoever lists them. */
export function attestationLayer(envelope: Envelope, predicateType: string, extras: LegacyExtras = {}): LegacyLayer {
  return {
    mediaType: envelopeMediaType,
    blob: envelopeFile(envelope),
    annotations: { ...writeLegacyAnnotations(undefined, extras), predicateType },
  };
}

/** The bytes of an envelope's file; the same envelope gives the same bytes, also to be stamped and logged. */
export function envelopeFile(envelope: Envelope): Uint8Array {
  return Buffer.from(JSON.stringify(envelopeToJson(envelope)));
}

/** Returns `sha256-HEX.sig` or `sha256-HEX.att`, the tag under which cosign keeps what is about a digest. */
export function legacyTag(digest: Digest, kind: 'sig' | 'att'): string {
  return `${digest.replace(':', '-')}.${kind}`;
}

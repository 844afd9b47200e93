// DSSE envelopes: JSON in, payload and signatures out, and back (DSSE v1, envelope.md).
import type { JsonObject } from '@plombe/kit';
import { decodeEitherBase64, encodeBase64 } from '../parse/base64.ts';
import { objectsOf, onlyFields, optionalText, parseJsonObject, requiredText } from '../parse/fields.ts';
import { attempt, malformed, type Attempt } from '../parse/refused.ts';

/** One signature of an envelope. `keyid` is an unsigned hint and decides nothing. */
export interface EnvelopeSignature {
  readonly signature: Uint8Array;
  readonly keyid?: string;
}

/** A DSSE envelope with its payload decoded. */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly EnvelopeSignature[];
}

/** The payload type of in-toto statements (in-toto attestation specification v1, envelope.md). */
export const inTotoPayloadType = 'application/vnd.in-toto+json';

/** 10 signatures: Sigstore allows one; in-toto layouts that name thresholds use a handful (T48: 10^5 are refused). */
const maxSignatures = 10;

/** 32 MiB: the largest SBOM attestation known to us has 21 MB; a registry takes manifests of 4 MiB but blobs of any size. */
export const maxEnvelopeBytes = 32 * 1024 * 1024;

/** Parses an envelope file. Closed: an unknown field, no payload, or no signature is malformed. */
export function parseEnvelope(input: Uint8Array | string): Attempt<Envelope> {
  return attempt(() => readEnvelope(parseJsonObject(input, maxEnvelopeBytes, 'envelope')));
}

/** Reads an envelope out of parsed JSON; throws Refused. */
export function readEnvelope(object: JsonObject): Envelope {
  onlyFields(object, ['payloadType', 'payload', 'signatures'], 'envelope');
  const payloadType = requiredText(object, 'payloadType', 'envelope');
  const payload = decodeEitherBase64(requiredText(object, 'payload', 'envelope'), 'payload of the envelope');
  const signatures = objectsOf(object, 'signatures', maxSignatures, 'envelope').map(readSignature);
  if (signatures.length === 0) malformed('envelope has no signature');
  return { payloadType, payload, signatures };
}

function readSignature(object: JsonObject): EnvelopeSignature {
  onlyFields(object, ['sig', 'keyid'], 'signature of the envelope');
  const text = requiredText(object, 'sig', 'signature of the envelope');
  const signature = decodeEitherBase64(text, 'signature of the envelope');
  const keyid = optionalText(object, 'keyid', 'signature of the envelope');
  return keyid === undefined || keyid === '' ? { signature } : { signature, keyid };
}

/** Renders an envelope as the object that JSON of DSSE and of Sigstore bundles has; `keyid` only where there is one. */
export function envelopeToJson(envelope: Envelope): JsonObject {
  return {
    payload: encodeBase64(envelope.payload),
    payloadType: envelope.payloadType,
    signatures: envelope.signatures.map(({ signature, keyid }) => ({
      ...(keyid === undefined ? {} : { keyid }),
      sig: encodeBase64(signature),
    })),
  };
}

// Signs a payload as a DSSE envelope with one signature, as Sigstore bundles and cosign's attestations carry it.
import type { Signer } from '../keys/signer.ts';
import type { Envelope } from './envelope.ts';
import { inTotoPayloadType } from './envelope.ts';
import { preAuthEncoding } from './pae.ts';

/** Returns the signed envelope around a payload; in-toto's payload type unless another is given. No key id: it proves nothing. */
export async function signEnvelope(
  payload: Uint8Array,
  signer: Signer,
  payloadType: string = inTotoPayloadType,
): Promise<Envelope> {
  const signature = await signer.sign(preAuthEncoding(payloadType, payload));
  return { payloadType, payload, signatures: [{ signature }] };
}

// Numbers COSE and CBOR register, and the structure that is signed (RFC 9052 section 4.4).
import { encodeCbor } from '../cbor/encode.ts';

/** Header labels and tags, IANA COSE Header Parameters and CBOR Tags. */
export const labels = { alg: 1, crit: 2, contentType: 3, x5chain: 33, sign1: 18, epochTime: 1 } as const;

/** Returns the encoded Sig_structure of a COSE_Sign1 without external data. */
export function signedBytesOf(protectedBytes: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(['Signature1', protectedBytes, new Uint8Array(), payload]);
}

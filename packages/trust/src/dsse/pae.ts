// The bytes that a DSSE signature covers (DSSE v1, protocol.md "Signature Definition").

/** Returns `DSSEv1 LEN(type) type LEN(payload) payload`: lengths in bytes, in decimal, one space between. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `),
    payload,
  ]);
}

// The bytes that a DSSE signature covers (DSSE v1, protocol.md "Signature Definition").

/** Returns `DSSEv1 LEN(type) type LEN(payload) payload`: lengths in bytes, in decimal, one space between. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  const headBytes = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafe(headBytes + payload.length);
  bytes.write(head);
  bytes.set(payload, headBytes);
  return bytes;
}

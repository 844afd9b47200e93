// Base64 with one spelling per value: what decodes must encode to the same text again (RFC 4648, section 3.5).
import { malformed } from './refused.ts';

/** Decodes canonical standard base64 with padding; refuses anything else as malformed. `what` names it in the message. */
export function decodeBase64(text: string, what: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) malformed(`${what} is not canonical base64`);
  return bytes;
}

/** The same, also in the URL-safe alphabet and without padding, as DSSE's `sig` and `payload` may be (DSSE v1, envelope.md). */
export function decodeEitherBase64(text: string, what: string): Uint8Array {
  if (!/[-_]/.test(text) && text.length % 4 === 0) return decodeBase64(text, what);
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  return decodeBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='), what);
}

/** Encodes standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

// Base64 in envelopes, decoded only where it is written the one canonical way (RFC 4648 section 3.5).
import { demand } from '../malformed.ts';

/** Decodes Base64url without padding. Throws `Malformed` for any other spelling. */
export function decodeBase64Url(text: unknown, what: string): Uint8Array {
  demand(typeof text === 'string', `${what}: not a text`);
  const bytes = Buffer.from(text, 'base64url');
  demand(bytes.toString('base64url') === text, `${what}: not canonical Base64url`);
  return bytes;
}

/** Decodes Base64 with padding. Throws `Malformed` for any other spelling. */
export function decodeBase64(text: unknown, what: string): Uint8Array {
  demand(typeof text === 'string', `${what}: not a text`);
  const bytes = Buffer.from(text, 'base64');
  demand(bytes.toString('base64') === text, `${what}: not canonical Base64`);
  return bytes;
}

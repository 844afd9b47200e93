// What a webhook brought: its secret, compared in constant time, and its body.
import { createHash, timingSafeEqual } from 'node:crypto';
import { decodeText, isObject, type JsonObject } from '@plombe/kit';

/** Compares without telling by its time where two texts differ. */
export function sameText(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

/** Returns the JSON object that a webhook sent with this secret; undefined where either is another, the secret is empty or the body too large. */
export function readEventBody(
  body: Uint8Array,
  sent: string,
  secret: string,
  maxBytes: number,
): JsonObject | undefined {
  if (secret === '' || !sameText(sent, secret) || body.length > maxBytes) return undefined;
  try {
    const document: unknown = JSON.parse(decodeText(body));
    return isObject(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

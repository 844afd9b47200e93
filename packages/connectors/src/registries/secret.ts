// What a webhook brought: its secret, compared in constant time, and its body.
import { createHash, timingSafeEqual } from 'node:crypto';
import { decodeText, inert, isObject, type JsonObject } from '@plombe/kit';

/** Compares without telling by its time where two texts differ. */
export function sameText(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

/** Ids are UUIDs and digests; a longer one, which nobody has, is told by its sum, so that two stay two. */
const maxIdCharacters = 150;

/** Returns the id of an event as it may stand in a line for people: inert, of at most 200 characters. */
export function eventId(id: string): string {
  const shown = inert(id.slice(0, maxIdCharacters + 1));
  return shown.length <= maxIdCharacters ? shown : `sha256:${createHash('sha256').update(id).digest('hex')}`;
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

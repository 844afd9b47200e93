// JSON documents: small ones whole, large ones one member at a time.
import type { FeedDocument } from '../feed.ts';
import { PlombeError, decodeText, inert, mebibyte, readAll } from '@plombe/kit';

/** Returns the sentence that a document is not what its feed publishes, as an error of code `feed/malformed`. */
export function malformed(document: FeedDocument, what: string, cause?: unknown): PlombeError {
  return new PlombeError('feed/malformed', `${inert(`${document.name} (${document.origin}) ${what}`)}.`, { cause });
}

/** Reads a document whole. Throws `feed/malformed` where it is longer than `maxBytes` or empty. */
export async function readBytes(document: FeedDocument, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = await readAll(document.open({ signal }), maxBytes);
  if (bytes === undefined) throw malformed(document, `is larger than ${Math.round(maxBytes / mebibyte)} MiB`);
  if (bytes.length === 0) throw malformed(document, 'is empty');
  return bytes;
}

/** Reads and parses a JSON document. Throws `feed/malformed` where it is larger than `maxBytes` or not JSON. */
export async function readJson(document: FeedDocument, maxBytes: number, signal: AbortSignal): Promise<unknown> {
  const bytes = await readBytes(document, maxBytes, signal);
  try {
    return JSON.parse(decodeText(bytes)) as unknown;
  } catch (cause) {
    throw malformed(document, 'is not JSON', cause);
  }
}

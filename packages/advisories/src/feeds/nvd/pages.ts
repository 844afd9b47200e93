// Pages of NVD's CVE API 2.0 and its yearly files: `{ "vulnerabilities": [{ "cve": … }] }`, one record in memory at a time.
import { defaultLayerLimits, gibibyte, mebibyte } from '@plombe/kit';
import { decompress } from '@plombe/formats';
import { JsonStreamError, jsonMembers } from '../../documents/json-members.ts';
import { malformed } from '../../documents/json.ts';
import type { FeedDocument } from '../../feed.ts';

/** The longest record has about 3 MiB. */
const maxRecordBytes = 32 * mebibyte;

/** All of NVD has 1.5 GiB. */
const limits = { ...defaultLayerLimits, layerBytes: 8 * gibibyte };

/** True for the path of a page or a yearly file: `nvd/<name>.json`, with gzip or without. */
export function isNvdPage(path: string): boolean {
  return /(?:^|\/)nvd\/[^/]+\.json(?:\.gz)?$/.test(path);
}

/**
 * Yields the members of `vulnerabilities`, parsed; undefined for one that is no JSON. Throws `feed/malformed` where the page is cut off or of another
 * shape. A page without members is one: an update asks for what has changed, and nothing may have.
 */
export async function* nvdMembers(document: FeedDocument, signal: AbortSignal): AsyncGenerator<unknown> {
  const bytes = document.open({ signal });
  const source = document.name.endsWith('.gz') ? decompress(bytes, { signal, limits }) : bytes;
  try {
    for await (const { text } of jsonMembers(source, { path: ['vulnerabilities'], maxMemberBytes: maxRecordBytes })) {
      signal.throwIfAborted();
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        value = undefined;
      }
      yield value;
    }
  } catch (cause) {
    if (cause instanceof JsonStreamError) throw malformed(document, cause.message, cause);
    throw cause;
  }
}

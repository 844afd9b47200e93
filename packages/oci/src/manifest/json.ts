// Strict reading of JSON documents that are named by digest: one meaning only, whatever parser reads them (T26, T73).
import { PlombeError, decodeText, isObject, type JsonObject } from '@plombe/kit';

/**
 * Parses a JSON object. Throws `registry/manifest-invalid` where it is not one, is not UTF-8, or names a top-level key twice, also
 * in other letter case: parsers differ in which of the two they take, so the same digest would mean two things.
 */
export function parseDocument(bytes: Uint8Array, subject: string, maxBytes: number): JsonObject {
  const fail = (reason: string, cause?: unknown): PlombeError =>
    new PlombeError('registry/manifest-invalid', `${subject} ${reason}.`, { cause });
  if (bytes.length > maxBytes) throw fail(`is larger than the limit of ${maxBytes} bytes`);
  const text = decodeText(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fail('is not JSON', cause);
  }
  if (!isObject(value)) throw fail('is not a JSON object');
  const seen = new Set<string>();
  for (const key of topLevelKeys(text)) {
    const folded = key.toLowerCase();
    if (seen.has(folded)) throw fail('is ambiguous: a key appears twice at its top level');
    seen.add(folded);
  }
  return value;
}

/** Lists the keys of the outermost object as written, repeated ones too. The text is valid JSON. */
function topLevelKeys(text: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x7b || c === 0x5b) depth += 1;
    else if (c === 0x7d || c === 0x5d) depth -= 1;
    else if (c === 0x22) {
      const start = at;
      for (at += 1; text.charCodeAt(at) !== 0x22; at++) if (text.charCodeAt(at) === 0x5c) at += 1;
      if (depth === 1 && /^\s*:/.test(text.slice(at + 1, at + 33))) {
        keys.push(JSON.parse(text.slice(start, at + 1)) as string);
      }
    }
  }
  return keys;
}

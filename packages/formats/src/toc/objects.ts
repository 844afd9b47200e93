// The objects of a table of contents' `entries`, one by one: a layer may have a million, and as one value they would take a gigabyte.
import { isObject, PlombeError, type JsonObject } from '@plombe/kit';

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

/** Longest entry: name and link target of 4,096 bytes each, escaped, and extended attributes. */
const maxEntryBytes = 256 * 1024;

/**
 * Yields the objects in the array `entries` of a JSON document (RFC 8259). Throws `archive/corrupt` where the document is not of that form, has
 * `entries` twice, or anything around them that is not valid: readers of other languages would then see other entries.
 */
export function* tocObjects(document: Uint8Array): Generator<JsonObject> {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.length);
  const start = entriesStart(bytes);
  let at = start;
  for (let first = true; ; first = false) {
    at = skipSpace(bytes, at);
    if (bytes[at] === closeBracket) break;
    if (!first) {
      if (bytes[at] !== comma) throw malformed();
      at = skipSpace(bytes, at + 1);
    }
    if (bytes[at] !== openBrace) throw malformed();
    const end = objectEnd(bytes, at);
    const value = parse(bytes.toString('utf8', at, end));
    if (!isObject(value)) throw malformed();
    yield value;
    at = end;
  }
  // The document without its entries is small and has to be valid, with one `entries` in it.
  const frame = bytes.toString('utf8', 0, start) + bytes.toString('utf8', at);
  // Readers that fold case fold more than ASCII, and an escaped name is that name too.
  if (frame.length > maxEntryBytes || !/^[\t\n\r -[\]-~]*$/.test(frame)) throw malformed();
  const whole = parse(frame);
  if (
    !isObject(whole) ||
    !Array.isArray(whole['entries']) ||
    /"entries"/gi.exec(frame.replace('"entries"', '')) !== null
  ) {
    throw malformed();
  }
}

/** Position behind the bracket that opens the array of the member `entries`; what comes before it may not hold another. */
function entriesStart(bytes: Buffer): number {
  const name = bytes.indexOf('"entries"');
  if (name < 0 || name > maxEntryBytes) throw malformed();
  let at = skipSpace(bytes, name + 9);
  if (bytes[at] !== 0x3a) throw malformed();
  at = skipSpace(bytes, at + 1);
  if (bytes[at] !== openBracket) throw malformed();
  return at + 1;
}

function objectEnd(bytes: Buffer, from: number): number {
  let depth = 0;
  const limit = Math.min(bytes.length, from + maxEntryBytes);
  for (let at = from; at < limit; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      for (at += 1; at < limit && bytes[at] !== quote; at++) if (bytes[at] === backslash) at += 1;
    } else if (byte === openBrace) depth += 1;
    else if (byte === closeBrace) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  throw malformed();
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d) at += 1;
  return at;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(cause);
  }
}

function malformed(cause?: unknown): PlombeError {
  return new PlombeError('archive/corrupt', 'The table of contents of the layer is malformed.', { cause });
}

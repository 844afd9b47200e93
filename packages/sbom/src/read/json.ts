// JSON of unknown origin within bounds: size, depth and number of values are known before a value is made (T56).
import { decodeText, isObject, mebibyte, type JsonObject } from '@plombe/kit';
import { SbomProblem } from './problems.ts';

/** The largest documents known have 60 MB: an image of 50,000 packages with every file of it. */
export const maxSbomBytes = 128 * mebibyte;
/** Packages, files and other elements of one document; the largest known has 200,000. */
export const maxElements = 1_000_000;
/** Components within components take two levels each, and real ones nest under ten deep. */
const maxDepth = 128;
/** A document of 60 MB has some three million; each takes about a hundred bytes of memory. */
const maxValues = 8_000_000;

/**
 * Parses a JSON object. Throws SbomProblem where it is none, too large or too deep, or names a key of its outermost object twice: readers differ in which of
 * the two they take.
 */
export function parseBoundedJson(bytes: Uint8Array): JsonObject {
  measure(bytes);
  let value: unknown;
  try {
    value = JSON.parse(decodeText(bytes));
  } catch {
    throw new SbomProblem('is no JSON, or is cut off');
  }
  if (!isObject(value)) throw new SbomProblem('is no JSON object');
  return value;
}

/** One pass over the bytes, outside of strings: nothing is believed yet to be JSON. */
function measure(bytes: Uint8Array): void {
  let depth = 0;
  let values = 0;
  const keys = new Set<string>();
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x22) {
      const start = at;
      at = endOfString(bytes, at + 1);
      if (depth === 1 && isKey(bytes, at + 1)) addKey(keys, bytes.subarray(start, at + 1));
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      values += 1;
      if (depth > maxDepth) throw new SbomProblem(`is nested over ${maxDepth} deep`, true);
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    else if (byte === 0x2c) values += 1;
    if (values > maxValues) throw new SbomProblem(`holds over ${maxValues} values`, true);
  }
}

function endOfString(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1;
  return at;
}

function isKey(bytes: Uint8Array, from: number): boolean {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at += 1;
  return bytes[at] === 0x3a;
}

/** Keys of the outermost object that are looked at; real documents have under 20. */
const maxKeys = 1000;

function addKey(keys: Set<string>, written: Uint8Array): void {
  if (written.length > 256 || keys.size >= maxKeys) return;
  let key: unknown;
  try {
    key = JSON.parse(decodeText(written));
  } catch {
    return;
  }
  if (typeof key !== 'string') return;
  if (keys.has(key)) throw new SbomProblem('is ambiguous: a key appears twice at its top level');
  keys.add(key);
}

// Reading fields of the JSON form of protocol buffers: closed sets of names, 64-bit integers as text, `null` as absent.
import { field, isObject, type JsonObject } from '@plombe/kit';
import { decodeBase64 } from './base64.ts';
import { malformed, overLimit } from './refused.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8 strictly; refuses what is not as malformed. */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return malformed(`${what} is not UTF-8`);
  }
}

/** Parses one JSON object of at most `maxBytes`; the size is checked before anything is parsed (T48). */
export function parseJsonObject(input: Uint8Array | string, maxBytes: number, what: string): JsonObject {
  if (input.length > maxBytes) overLimit(`${what} is larger than ${maxBytes} bytes`);
  const text = typeof input === 'string' ? input : decodeUtf8(input, what);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    malformed(`${what} is not JSON`);
  }
  return isObject(value) ? value : malformed(`${what} is not a JSON object`);
}

/** Refuses an object that has a field not named: what is not read is not covered by what is verified. */
export function onlyFields(object: JsonObject, names: readonly string[], what: string): void {
  for (const name of Object.keys(object)) {
    if (!names.includes(name)) malformed(`${what} has an unknown field "${name.slice(0, 40)}"`);
  }
}

/** Returns a field's value; `null` counts as absent, as in the JSON form of protocol buffers. */
export function present(object: JsonObject, name: string): unknown {
  const value = field(object, name);
  return value === null ? undefined : value;
}

/** Returns a field that must be an object. */
export function requiredObject(object: JsonObject, name: string, what: string): JsonObject {
  const value = present(object, name);
  return isObject(value) ? value : malformed(`${what} has no object "${name}"`);
}

/** Returns a field that must be an object where it is present. */
export function optionalObject(object: JsonObject, name: string, what: string): JsonObject | undefined {
  return present(object, name) === undefined ? undefined : requiredObject(object, name, what);
}

/** Returns a field that must be text and not empty. */
export function requiredText(object: JsonObject, name: string, what: string): string {
  const value = present(object, name);
  return typeof value === 'string' && value !== '' ? value : malformed(`${what} has no text "${name}"`);
}

/** Returns a field that must be text where it is present. */
export function optionalText(object: JsonObject, name: string, what: string): string | undefined {
  const value = present(object, name);
  return value === undefined || typeof value === 'string' ? value : malformed(`${what}: "${name}" is not text`);
}

/** Returns a field that must be canonical base64 of at least one byte. */
export function requiredBytes(object: JsonObject, name: string, what: string): Uint8Array {
  return decodeBase64(requiredText(object, name, what), `${what}, "${name}"`);
}

/** Returns a list of at most `max` entries; absent is empty. */
export function listOf(object: JsonObject, name: string, max: number, what: string): readonly unknown[] {
  const value = present(object, name);
  if (value === undefined) return [];
  if (!Array.isArray(value)) malformed(`${what}: "${name}" is not a list`);
  if (value.length > max) overLimit(`${what}: "${name}" has more than ${max} entries`);
  return value as readonly unknown[];
}

/** Returns a list of objects of at most `max` entries; absent is empty. */
export function objectsOf(object: JsonObject, name: string, max: number, what: string): readonly JsonObject[] {
  return listOf(object, name, max, what).map((value) =>
    isObject(value) ? value : malformed(`${what}: "${name}" holds something that is no object`),
  );
}

/** Returns an int64 that is not negative and at most 2^53 - 1, written as text or number; absent is 0. */
export function countField(object: JsonObject, name: string, what: string): number {
  const value = present(object, name) ?? 0;
  const count = typeof value === 'string' && /^(?:0|[1-9][0-9]{0,15})$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0
    ? count
    : malformed(`${what}: "${name}" is not a count`);
}

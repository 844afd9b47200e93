// SQLite's records: variable-length integers and the values of one row.
import { decodeText } from '@plombe/kit';

/** A value of a row. Integers beyond 2^53 lose precision. */
export type SqliteValue = null | number | string | Uint8Array;

/** Columns read of one row: sqlite_schema has five, rpm's tables have two. */
const maxColumns = 64;

interface Varint {
  readonly value: number;
  readonly next: number;
}

/** Reads a variable-length integer of up to nine bytes; undefined where the bytes end. */
export function readVarint(bytes: Uint8Array, at: number): Varint | undefined {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    if (i === 8) return { value: value * 256 + byte, next: at + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return undefined;
}

/**
 * Parses a record (SQLite file format, section 2.1) of a UTF-8 database. A value that the bytes do not hold whole is a shorter blob or
 * text, or null; undefined where the record's header is broken.
 */
export function parseRecord(payload: Uint8Array): readonly SqliteValue[] | undefined {
  const header = readVarint(payload, 0);
  if (header === undefined || header.value > payload.length) return undefined;
  const values: SqliteValue[] = [];
  let body = header.value;
  for (let at = header.next; at < header.value && values.length < maxColumns;) {
    const type = readVarint(payload, at);
    if (type === undefined || type.next > header.value) return undefined;
    const size = valueBytes(type.value);
    values.push(readValue(payload.subarray(body, body + size), type.value));
    body += size;
    at = type.next;
  }
  return values;
}

function valueBytes(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  if (type <= 4) return type;
  if (type === 5) return 6;
  return type === 6 || type === 7 ? 8 : 0;
}

function readValue(bytes: Uint8Array, type: number): SqliteValue {
  if (type >= 12) return type % 2 === 0 ? bytes : decodeText(bytes);
  if (type === 8 || type === 9) return type - 8;
  const size = valueBytes(type);
  if (size === 0 || bytes.length < size) return null;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, size);
  if (type === 7) return buffer.readDoubleBE(0);
  return size === 8 ? Number(buffer.readBigInt64BE(0)) : buffer.readIntBE(0, size);
}

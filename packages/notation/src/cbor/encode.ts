// Writes CBOR in the core deterministic encoding: shortest forms, definite lengths, sorted keys (RFC 8949 section 4.2.1).
import type { CborKey, CborMap, CborValue } from './value.ts';

/** Returns the bytes of the value; keys of maps are sorted by their encoded bytes. */
export function encodeCbor(value: CborValue): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

function write(value: CborValue, parts: Uint8Array[]): void {
  if (typeof value === 'number' || typeof value === 'bigint') parts.push(integer(BigInt(value)));
  else if (typeof value === 'string') {
    const text = Buffer.from(value);
    parts.push(head(3, BigInt(text.length)), text);
  } else if (typeof value === 'boolean') parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
  else if (value === null) parts.push(Uint8Array.of(0xf6));
  else if (value === undefined) parts.push(Uint8Array.of(0xf7));
  else if (value instanceof Uint8Array) parts.push(head(2, BigInt(value.length)), value);
  else if (isList(value)) {
    parts.push(head(4, BigInt(value.length)));
    for (const item of value) write(item, parts);
  } else if (value instanceof Map) writeMap(value as CborMap, parts);
  else if ('kind' in value && value.kind === 'tag') {
    parts.push(head(6, BigInt(value.tag)));
    write(value.value, parts);
  } else if ('kind' in value) parts.push(double(value.value));
}

function isList(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

function writeMap(map: CborMap, parts: Uint8Array[]): void {
  const entries = [...map].map(([key, value]: [CborKey, CborValue]) => [encodeCbor(key), value] as const);
  entries.sort(([a], [b]) => Buffer.compare(a, b));
  parts.push(head(5, BigInt(entries.length)));
  for (const [key, value] of entries) {
    parts.push(key);
    write(value, parts);
  }
}

function integer(value: bigint): Uint8Array {
  return value >= 0n ? head(0, value) : head(1, -1n - value);
}

function head(major: number, argument: bigint): Uint8Array {
  const top = major << 5;
  if (argument < 24n) return Uint8Array.of(top | Number(argument));
  const low = argument < 0x100n ? 24 : argument < 0x1_0000n ? 25 : argument < 0x1_0000_0000n ? 26 : 27;
  const out = Buffer.alloc(1 + (1 << (low - 24)));
  out[0] = top | low;
  if (low === 27) out.writeBigUInt64BE(argument, 1);
  else out.writeUIntBE(Number(argument), 1, out.length - 1);
  return out;
}

function double(value: number): Uint8Array {
  const out = Buffer.alloc(9);
  out[0] = 0xfb;
  out.writeDoubleBE(value, 1);
  return out;
}

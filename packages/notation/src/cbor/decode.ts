// Reads one CBOR item strictly: definite lengths, shortest forms, no duplicate keys, nothing after it (RFC 8949 sections 3 and 4.1).
import { Malformed, demand, within } from '../malformed.ts';
import type { CborKey, CborMap, CborValue } from './value.ts';

/** COSE_Sign1 nests 4 deep (tag, array, header map, chain); 16 leaves room for foreign headers. */
const maxDepth = 16;

/** Items of all arrays and maps together: an envelope has about 40; 10,000 bounds the memory an input of 1 MiB can claim. */
const maxItems = 10_000;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Returns the one value the bytes encode. Throws `Malformed` and `LimitReached`. Strings are views of the input, not copies. */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const reader = new Reader(bytes);
  const value = reader.item(0);
  demand(reader.at === bytes.length, `CBOR: ${String(bytes.length - reader.at)} bytes follow the value`);
  return value;
}

class Reader {
  at = 0;
  private items = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  item(depth: number): CborValue {
    within(depth <= maxDepth, `CBOR: nested deeper than ${String(maxDepth)}`);
    this.items += 1;
    within(this.items <= maxItems, `CBOR: more than ${String(maxItems)} items`);
    const first = this.take(1)[0] as number;
    const major = first >> 5;
    const low = first & 31;
    if (major === 7) return this.simple(low);
    const argument = this.argument(low);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return negative(argument);
      case 2:
        return this.take(this.length(argument));
      case 3:
        return this.text(this.length(argument));
      case 4:
        return this.array(this.length(argument), depth);
      case 5:
        return this.map(this.length(argument), depth);
      default:
        demand(typeof argument === 'number', 'CBOR: tag number too large');
        return { kind: 'tag', tag: argument, value: this.item(depth + 1) };
    }
  }

  private take(length: number): Uint8Array {
    demand(length <= this.bytes.length - this.at, 'CBOR: ends before its value does');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  private argument(low: number): number | bigint {
    if (low < 24) return low;
    demand(low < 28, 'CBOR: indefinite length or reserved value');
    const size = 1 << (low - 24);
    const at = this.at;
    this.take(size);
    if (size === 1) return shortest(this.view.getUint8(at), 24);
    if (size === 2) return shortest(this.view.getUint16(at), 0x100);
    if (size === 4) return shortest(this.view.getUint32(at), 0x1_0000);
    const value = this.view.getBigUint64(at);
    demand(value > 0xffff_ffffn, notShortest);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  private length(argument: number | bigint): number {
    // Every counted thing takes at least one byte, so a count beyond the rest is a lie before anything is allocated.
    demand(typeof argument === 'number' && argument <= this.bytes.length - this.at, 'CBOR: ends before its value does');
    return argument;
  }

  private text(length: number): string {
    try {
      return utf8.decode(this.take(length));
    } catch (thrown) {
      if (thrown instanceof Malformed) throw thrown;
      throw new Malformed('CBOR: text is not UTF-8');
    }
  }

  private array(length: number, depth: number): readonly CborValue[] {
    const list: CborValue[] = [];
    for (let i = 0; i < length; i++) list.push(this.item(depth + 1));
    return list;
  }

  private map(length: number, depth: number): CborMap {
    const map = new Map<CborKey, CborValue>();
    for (let i = 0; i < length; i++) {
      const key = this.item(depth + 1);
      demand(
        typeof key === 'number' || typeof key === 'bigint' || typeof key === 'string',
        'CBOR: a map key is neither integer nor text',
      );
      demand(!map.has(key), 'CBOR: a map key occurs twice');
      map.set(key, this.item(depth + 1));
    }
    return map;
  }

  private simple(low: number): CborValue {
    if (low === 20) return false;
    if (low === 21) return true;
    if (low === 22) return null;
    if (low === 23) return undefined;
    const at = this.at;
    if (low === 25) return this.take(2) && { kind: 'float', value: this.view.getFloat16(at) };
    if (low === 26) return this.take(4) && { kind: 'float', value: this.view.getFloat32(at) };
    if (low === 27) return this.take(8) && { kind: 'float', value: this.view.getFloat64(at) };
    throw new Malformed('CBOR: indefinite length, reserved or unassigned simple value');
  }
}

const notShortest = 'CBOR: a number is not in its shortest form';

function shortest(value: number, least: number): number {
  demand(value >= least, notShortest);
  return value;
}

function negative(argument: number | bigint): number | bigint {
  const value = -1n - BigInt(argument);
  return value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
}

// One block of bzip2: Huffman codes → move-to-front → run lengths → the transformed bytes, and the order to read them in.
import { Bzip2Error, type BitReader } from './bits.ts';

const groupSize = 50;
const maxCodeLength = 20;
/** A block of 900,000 symbols has at most 18,002 groups; what a writer lists beyond is read and not used. */
const maxSelectors = 18_002;

/** A block ready to be read: `links[i]` holds the byte in its low 8 bits and the next position above. */
export interface Bzip2Block {
  readonly links: Uint32Array;
  readonly size: number;
  readonly start: number;
  readonly crc: number;
}

/** Codes of one table by length: the first code, where its symbols begin, and how many there are. */
interface Codes {
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
}

/** Reads a block after its magic. `links` has room for the largest block of the stream. Throws Bzip2Error. */
export function readBlock(reader: BitReader, links: Uint32Array): Bzip2Block {
  const crc = reader.word();
  if (reader.bit() === 1) throw new Bzip2Error('a block is randomised, as bzip2 has not written since 1997');
  const origin = reader.bits(24);
  const used = readUsedBytes(reader);
  const tableCount = reader.bits(3);
  if (tableCount < 2 || tableCount > 6) throw new Bzip2Error('a block has no valid number of code tables');
  const selectors = readSelectors(reader, tableCount);
  const tables = Array.from({ length: tableCount }, () => readCodes(reader, used.length + 2));
  const counts = new Uint32Array(256);
  const size = readSymbols(reader, { used, selectors, tables, links, counts });
  if (origin >= size) throw new Bzip2Error('a block begins outside itself');
  link(links, size, counts);
  return { links, size, start: (links[origin] as number) >>> 8, crc };
}

function readUsedBytes(reader: BitReader): Uint8Array {
  const rows = reader.bits(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row++) {
    if ((rows & (0x8000 >>> row)) === 0) continue;
    const columns = reader.bits(16);
    for (let column = 0; column < 16; column++) if ((columns & (0x8000 >>> column)) !== 0) used.push(row * 16 + column);
  }
  if (used.length === 0) throw new Bzip2Error('a block uses no byte');
  return Uint8Array.from(used);
}

function readSelectors(reader: BitReader, tableCount: number): Uint8Array {
  const count = reader.bits(15);
  if (count === 0) throw new Bzip2Error('a block has no selectors');
  const order = Array.from({ length: tableCount }, (_, table) => table);
  const selectors = new Uint8Array(Math.min(count, maxSelectors));
  for (let i = 0; i < count; i++) {
    let at = 0;
    while (reader.bit() === 1) {
      at += 1;
      if (at >= tableCount) throw new Bzip2Error('a selector names no table');
    }
    const [table = 0] = order.splice(at, 1);
    order.unshift(table);
    if (i < selectors.length) selectors[i] = table;
  }
  return selectors;
}

function readCodes(reader: BitReader, symbolCount: number): Codes {
  const lengths = new Uint8Array(symbolCount);
  let length = reader.bits(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > maxCodeLength) throw new Bzip2Error('a code has no valid length');
      if (reader.bit() === 0) break;
      length += reader.bit() === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return codesOf(lengths);
}

function codesOf(lengths: Uint8Array): Codes {
  const limit = new Int32Array(maxCodeLength + 2).fill(-1);
  const base = new Int32Array(maxCodeLength + 2);
  const symbols = new Uint16Array(lengths.length);
  let code = 0;
  let at = 0;
  for (let length = 1; length <= maxCodeLength; length++) {
    base[length] = at - code;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue;
      symbols[at++] = symbol;
      code += 1;
    }
    limit[length] = code - 1;
    code <<= 1;
  }
  return { limit, base, symbols, shortest: Math.min(...lengths) };
}

interface Tables {
  readonly used: Uint8Array;
  readonly selectors: Uint8Array;
  readonly tables: readonly Codes[];
  readonly links: Uint32Array;
  readonly counts: Uint32Array;
}

function readSymbol(reader: BitReader, { limit, base, symbols, shortest }: Codes): number {
  let length = shortest;
  let code = reader.bits(length);
  while (code > (limit[length] as number)) {
    if (length >= maxCodeLength) throw new Bzip2Error('a code is in no table');
    code = (code << 1) | reader.bit();
    length += 1;
  }
  const symbol = symbols[(base[length] as number) + code];
  if (symbol === undefined) throw new Bzip2Error('a code is in no table');
  return symbol;
}

/** Undoes the codes, the run lengths of the most recent byte, and the move to front; returns the number of bytes. */
function readSymbols(reader: BitReader, { used, selectors, tables, links, counts }: Tables): number {
  const recent = used.slice();
  const endOfBlock = used.length + 1;
  let size = 0;
  let run = 0;
  let weight = 1;
  let left = 0;
  let group = 0;
  let codes = tables[0] as Codes;
  for (;;) {
    if (left === 0) {
      const selector = selectors[group++];
      if (selector === undefined) throw new Bzip2Error('a block has more groups than selectors');
      codes = tables[selector] as Codes;
      left = groupSize;
    }
    left -= 1;
    const symbol = readSymbol(reader, codes);
    if (symbol <= 1) {
      run += weight << symbol;
      weight <<= 1;
      if (run > links.length) throw new Bzip2Error('a block is larger than the stream says');
      continue;
    }
    if (run > 0) {
      const byte = recent[0] as number;
      if (size + run > links.length) throw new Bzip2Error('a block is larger than the stream says');
      links.fill(byte, size, size + run);
      counts[byte] = (counts[byte] as number) + run;
      size += run;
      run = 0;
      weight = 1;
    }
    if (symbol === endOfBlock) return size;
    if (size >= links.length) throw new Bzip2Error('a block is larger than the stream says');
    const at = symbol - 1;
    const byte = recent[at] as number;
    recent.copyWithin(1, 0, at);
    recent[0] = byte;
    links[size++] = byte;
    counts[byte] = (counts[byte] as number) + 1;
  }
}

/** Undoes the Burrows-Wheeler transform: puts above each byte the position of the one that follows it. */
function link(links: Uint32Array, size: number, counts: Uint32Array): void {
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = counts[byte] as number;
    counts[byte] = sum;
    sum += count;
  }
  for (let i = 0; i < size; i++) {
    const byte = (links[i] as number) & 0xff;
    const to = counts[byte] as number;
    counts[byte] = to + 1;
    links[to] = (links[to] as number) | (i << 8);
  }
}

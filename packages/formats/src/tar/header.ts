// The fixed fields of a tar header block: numbers, text and the check sum (POSIX.1-2017 pax "ustar", GNU tar manual "Basic Tar").

export const blockBytes = 512;

/** Where the fields of a header block are. */
export const at = {
  name: 0,
  mode: 100,
  uid: 108,
  gid: 116,
  size: 124,
  modified: 136,
  sum: 148,
  type: 156,
  link: 157,
  magic: 257,
} as const;
export const prefixAt = 345;
const nameBytes = 100;
const prefixBytes = 155;

export type Dialect = 'v7' | 'ustar' | 'gnu' | 'star';

/**
 * Returns the sum of the 512 bytes of a block, the eight of the check sum field counted as spaces. `view` covers the block's buffer.
 * Four bytes at a time: three million headers are 1.5 GB to add up.
 */
export function sumOf(view: DataView, offset: number): number {
  let lanes = 0;
  for (let i = 0; i < blockBytes; i += 4) {
    const word = view.getUint32(offset + i, true);
    lanes += (word & 0x00ff00ff) + ((word >>> 8) & 0x00ff00ff);
  }
  let sum = (lanes & 0xffff) + (lanes >>> 16);
  for (let i = at.sum; i < at.sum + 8; i++) sum += 0x20 - view.getUint8(offset + i);
  return sum;
}

/** True where the check sum fits, read unsigned as the standard has it or signed as some old writers did. */
export function hasValidSum(block: Buffer, view: DataView, offset: number): boolean {
  const stated = parseNumber(block, offset + at.sum, 8);
  if (stated === undefined) return false;
  const sum = sumOf(view, offset);
  if (stated === sum) return true;
  let high = 0;
  for (let i = 0; i < blockBytes; i++) {
    if ((i < at.sum || i >= at.sum + 8) && (block[offset + i] as number) >= 0x80) high += 1;
  }
  return stated === sum - 256 * high;
}

/** True where a block of 512 bytes from the start could be a tar header: something could be unpacked from there, whatever the bytes are besides. */
export function holdsTarHeader(bytes: Uint8Array): boolean {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let offset = 0; offset + blockBytes <= bytes.length; offset += blockBytes) {
    if (hasValidSum(block, view, offset)) return true;
  }
  return false;
}

/** True where all 512 bytes are zero. */
export function isZeroBlock(view: DataView, offset: number): boolean {
  for (let i = 0; i < blockBytes; i += 8) {
    if (view.getFloat64(offset + i) !== 0 || view.getUint32(offset + i) !== 0) return false;
  }
  return true;
}

/**
 * Returns a numeric field: octal text, ended by NUL or space, or base-256 where the first bit is set (GNU tar, star). Blank is 0.
 * Undefined where it is neither, or beyond ±2^53.
 */
export function parseNumber(block: Buffer, offset: number, width: number): number | undefined {
  const first = block[offset] as number;
  if (first >= 0x80) return parseBinary(block, offset, width);
  const end = offset + width;
  let i = offset;
  while (i < end && (block[i] === 0x20 || block[i] === 0)) i += 1;
  let value = 0;
  for (; i < end; i++) {
    const digit = (block[i] as number) - 0x30;
    if (digit >= 0 && digit < 8) value = value * 8 + digit;
    else if (block[i] === 0 || block[i] === 0x20) break;
    else return undefined;
  }
  return value;
}

function parseBinary(block: Buffer, offset: number, width: number): number | undefined {
  const first = block[offset] as number;
  const negative = (first & 0x40) !== 0;
  let value = negative ? (first | 0x80) - 0x100 : first & 0x7f;
  for (let i = 1; i < width; i++) value = value * 256 + (block[offset + i] as number);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Returns the length of the text in a field: up to the first NUL. */
export function textLength(block: Buffer, offset: number, width: number): number {
  for (let i = 0; i < width; i++) if (block[offset + i] === 0) return i;
  return width;
}

/** Tells which kind of writer made a header by its magic; only ustar's has a prefix of 155 bytes, star's has 131. */
export function dialectOf(block: Buffer, offset: number): Dialect {
  const m = offset + at.magic;
  if (
    block[m] !== 0x75 ||
    block[m + 1] !== 0x73 ||
    block[m + 2] !== 0x74 ||
    block[m + 3] !== 0x61 ||
    block[m + 4] !== 0x72
  ) {
    return 'v7';
  }
  if (block[m + 5] === 0) return block.toString('latin1', offset + 508, offset + 512) === 'tar\0' ? 'star' : 'ustar';
  return block[m + 5] === 0x20 && block[m + 6] === 0x20 ? 'gnu' : 'v7';
}

/** Where the name of a header with a prefix is put together. */
const joined = Buffer.alloc(prefixBytes + 1 + nameBytes);

/** Returns the bytes of the name in a header block, joined with ustar's or star's prefix: those of the next call may lie in the same place. */
export function headerName(block: Buffer, offset: number): Buffer {
  const nameLength = textLength(block, offset, nameBytes);
  const dialect = dialectOf(block, offset);
  const width = dialect === 'ustar' ? prefixBytes : dialect === 'star' ? 131 : 0;
  const start = offset + prefixAt;
  const prefixLength = textLength(block, start, width);
  if (prefixLength === 0) return block.subarray(offset, offset + nameLength);
  block.copy(joined, 0, start, start + prefixLength);
  joined[prefixLength] = 0x2f;
  block.copy(joined, prefixLength + 1, offset, offset + nameLength);
  return joined.subarray(0, prefixLength + 1 + nameLength);
}

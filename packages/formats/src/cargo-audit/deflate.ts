// Telling a zlib stream (RFC 1950, RFC 1951) from bytes that only look like the start of one, without trying to inflate each.

/** The code length code has 19 symbols, in this order (RFC 1951, 3.2.7); only how many there are matters here. */
const minCodeLengths = 4;
/** The sum of 2^(7 - length) over a complete prefix code of lengths up to 7. */
const complete = 128;

/**
 * True where a zlib stream whose text begins with `first` may start at `at`. Checks the header and, of the first block, what costs nothing: the
 * literal of a stored or fixed one, whether the code lengths of a dynamic one make a complete code. One in some 20,000 places of a program passes.
 * Needs 20 bytes behind `at`.
 */
export function mayBeZlib(bytes: Uint8Array, at: number, first: number): boolean {
  const flags = bytes[at + 1] as number;
  if (bytes[at] !== 0x78 || (flags & 0x20) !== 0 || (0x7800 + flags) % 31 !== 0) return false;
  const start = at + 2;
  const type = ((bytes[start] as number) >> 1) & 3;
  if (type === 0) {
    const length = (bytes[start + 1] as number) | ((bytes[start + 2] as number) << 8);
    const inverse = (bytes[start + 3] as number) | ((bytes[start + 4] as number) << 8);
    return (length ^ inverse) === 0xffff && bytes[start + 5] === first;
  }
  if (type === 1) return first < 144 && reversed(bitsAt(bytes, start, 3, 8)) === 0x30 + first;
  return type === 2 && isCompleteCode(bytes, start);
}

function isCompleteCode(bytes: Uint8Array, start: number): boolean {
  if (bitsAt(bytes, start, 3, 5) > 29 || bitsAt(bytes, start, 8, 5) > 29) return false;
  const count = bitsAt(bytes, start, 13, 4) + minCodeLengths;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const length = bitsAt(bytes, start, 17 + 3 * i, 3);
    if (length > 0) sum += 1 << (7 - length);
  }
  return sum === complete;
}

/** Up to 8 bits, the first the lowest, as deflate packs numbers. */
function bitsAt(bytes: Uint8Array, start: number, bit: number, count: number): number {
  const byte = start + (bit >> 3);
  const pair = (bytes[byte] as number) | ((bytes[byte + 1] ?? 0) << 8);
  return (pair >> (bit & 7)) & ((1 << count) - 1);
}

function reversed(byte: number): number {
  let result = 0;
  for (let bit = 0; bit < 8; bit++) result |= ((byte >> bit) & 1) << (7 - bit);
  return result;
}

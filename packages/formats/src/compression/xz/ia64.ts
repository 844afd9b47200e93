// The filter of xz for Itanium: bundles of 16 bytes, a template of five bits and three instructions of 41.

/** Bits that say which of a bundle's instructions are branches, by the template: 1 the first, 4 the last. */
const branches: readonly number[] = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0,
];

const bundle = 16;
const instructionBits = 41;

/** Undoes it in `bytes`, which begin at `position` of what was packed. Returns how many bytes are done. `br.call` has its target counted in bundles. */
export function undoIa64(bytes: Uint8Array, position: number): number {
  const end = bytes.length - (bytes.length % bundle);
  for (let at = 0; at < end; at += bundle) {
    const slots = branches[(bytes[at] as number) & 31] as number;
    for (let slot = 0; slot < 3; slot++) {
      if (((slots >> slot) & 1) === 0) continue;
      const first = at * 8 + 5 + slot * instructionBits;
      if (bitsAt(bytes, first + 37, 4) !== 5 || bitsAt(bytes, first + 9, 3) !== 0) continue;
      const packed = bitsAt(bytes, first + 13, 20) | (bitsAt(bytes, first + 36, 1) << 20);
      const target = packed - ((position + at) >>> 4);
      setBits(bytes, first + 13, 20, target);
      setBits(bytes, first + 36, 1, target >>> 20);
    }
  }
  return end;
}

/** Up to 24 bits from the bit `from` on, the lowest first. */
function bitsAt(bytes: Uint8Array, from: number, count: number): number {
  const at = from >>> 3;
  let value = 0;
  for (let i = 0; i < 4; i++) value |= (bytes[at + i] ?? 0) << (8 * i);
  return (value >>> (from & 7)) & ((1 << count) - 1);
}

function setBits(bytes: Uint8Array, from: number, count: number, value: number): void {
  for (let i = 0; i < count; i++) {
    const at = (from + i) >>> 3;
    const bit = 1 << ((from + i) & 7);
    const byte = bytes[at] as number;
    bytes[at] = ((value >>> i) & 1) === 0 ? byte & ~bit : byte | bit;
  }
}

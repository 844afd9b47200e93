// The filter of xz for RISC-V: jumps, and pairs of instructions that make an address together.

const link = 0xef;
const addUpper = 0x17;

/** Undoes it in `bytes`, which begin at `position` of what was packed. Returns how many bytes are done; a pair has eight. */
export function undoRiscV(bytes: Uint8Array, position: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + 8 <= bytes.length) {
    const opcode = bytes[at] as number;
    if (opcode === link) at += undoJump(bytes, at, position);
    else if ((opcode & 0x7f) === addUpper) at += undoPair(view, at, position);
    else at += 2;
  }
  return at;
}

/** `jal` into `ra` or `t0`; the address was packed with its highest bits first. */
function undoJump(bytes: Uint8Array, at: number, position: number): number {
  const [first, second, third] = [bytes[at + 1] as number, bytes[at + 2] as number, bytes[at + 3] as number];
  if ((first & 0x0d) !== 0) return 2;
  const address = (((first & 0xf0) << 13) | (second << 9) | (third << 1)) - (position + at);
  bytes[at + 1] = (first & 0x0f) | ((address >>> 8) & 0xf0);
  bytes[at + 2] = ((address >>> 16) & 0x0f) | ((address >>> 7) & 0x10) | ((address << 4) & 0xe0);
  bytes[at + 3] = ((address >>> 4) & 0x7f) | ((address >>> 13) & 0x80);
  return 4;
}

/**
 * `auipc` and the instruction after it that uses its register. Packed, a pair has the register `sp` in the first, which no real one has: it is one whose
 * address was made absolute. What looks so in the input was packed with another register, and is turned back.
 */
function undoPair(view: DataView, at: number, position: number): number {
  const first = view.getUint32(at, true);
  const second = view.getUint32(at + 4, true);
  if ((first & 0xe80) !== 0) {
    if ((((first << 8) ^ (second - 3)) & 0xf8003) !== 0) return 6;
    view.setUint32(at, addUpper | (2 << 7) | (second << 12), true);
    view.setUint32(at + 4, (first & 0xfffff000) + (second >>> 20), true);
    return 8;
  }
  const register = first >>> 27;
  if (((first - 0x3117) << 18) >>> 0 >= (register & 0x1d)) return 4;
  const address = view.getUint32(at + 4, false) - (position + at);
  view.setUint32(at, addUpper | (register << 7) | ((address + 0x800) & 0xfffff000), true);
  view.setUint32(at + 4, (first >>> 12) | (address << 20), true);
  return 8;
}

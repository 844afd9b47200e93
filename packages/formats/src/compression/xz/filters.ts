// Filters that xz has before LZMA2 (xz file format 1.2.1, 5.3.2 and 5.3.3): programs keep addresses absolute in them, so that calls of one place look alike.
import type { Input } from '../input.ts';
import { undoIa64 } from './ia64.ts';
import { undoRiscV } from './risc-v.ts';
import { XzError } from './source.ts';

/** What a block is read from: LZMA2, or a filter over it. */
export interface BlockData {
  /** Stored bytes taken so far. */
  readonly storedBytes: number;
  /** Bytes that can be written now. */
  readonly left: number;
  /** Makes more of them; false where the block ends. Throws XzError. */
  next(input: Input): Promise<boolean>;
  /** Writes up to `max` bytes to `output`. */
  write(output: Uint8Array, from: number, max: number): number;
}

/** Undoes a filter in `bytes`, which begin at `position` of what was packed. Returns how many bytes are done; the rest comes again with what follows. */
type Undo = (bytes: Uint8Array, position: number) => number;

/** Returns the filter with this number and these properties over `data`. Throws XzError where it is unknown or its properties are not valid. */
export function filtered(id: number, properties: Uint8Array, data: BlockData): BlockData {
  if (id === 3) {
    if (properties.length !== 1) throw new XzError('a filter has no valid properties');
    return new Filter(data, undoDelta((properties[0] as number) + 1), 0);
  }
  const machine = machines.get(id);
  if (machine === undefined) throw new XzError('needs a filter that is not known', 'unsupported');
  if (properties.length !== 0 && properties.length !== 4) throw new XzError('a filter has no valid properties');
  const start = properties.length === 0 ? 0 : Buffer.from(properties).readUInt32LE();
  if (start % machine.alignment !== 0) throw new XzError('a filter has no valid properties');
  return new Filter(data, machine.open(), start);
}

const bufferBytes = 64 * 1024;

class Filter implements BlockData {
  readonly #data: BlockData;
  readonly #undo: Undo;
  readonly #buffer = new Uint8Array(bufferBytes);
  /** Written, done, and filled so far. */
  #at = 0;
  #done = 0;
  #end = 0;
  #position: number;
  #ended = false;

  constructor(data: BlockData, undo: Undo, start: number) {
    this.#data = data;
    this.#undo = undo;
    this.#position = start;
  }

  get storedBytes(): number {
    return this.#data.storedBytes;
  }

  get left(): number {
    return this.#done - this.#at;
  }

  async next(input: Input): Promise<boolean> {
    if (this.#ended) return false;
    this.#buffer.copyWithin(0, this.#done, this.#end);
    this.#end -= this.#done;
    this.#at = 0;
    this.#done = 0;
    while (this.#end < this.#buffer.length) {
      if (this.#data.left > 0) this.#end += this.#data.write(this.#buffer, this.#end, this.#buffer.length - this.#end);
      else if (!(await this.#data.next(input))) {
        this.#advance(this.#undo(this.#buffer.subarray(0, this.#end), this.#position));
        this.#ended = true;
        // What is too short for an instruction at the very end is as it was.
        this.#done = this.#end;
        return this.#end > 0;
      }
    }
    this.#advance(this.#undo(this.#buffer, this.#position));
    return true;
  }

  write(output: Uint8Array, from: number, max: number): number {
    const count = Math.min(max, this.left);
    output.set(this.#buffer.subarray(this.#at, this.#at + count), from);
    this.#at += count;
    return count;
  }

  #advance(count: number): void {
    this.#done = count;
    this.#position = (this.#position + count) >>> 0;
  }
}

function undoDelta(distance: number): Undo {
  const before = new Uint8Array(256);
  let at = 0;
  return (bytes) => {
    for (let i = 0; i < bytes.length; i++) {
      const byte = ((bytes[i] as number) + (before[(at - distance) & 255] as number)) & 255;
      bytes[i] = byte;
      before[at] = byte;
      at = (at + 1) & 255;
    }
    return bytes.length;
  };
}

interface Machine {
  readonly alignment: number;
  readonly open: () => Undo;
}

/** By the numbers of the format. */
const machines: ReadonlyMap<number, Machine> = new Map<number, Machine>([
  [4, { alignment: 1, open: undoX86 }],
  [5, { alignment: 4, open: () => words(powerPc, false) }],
  [6, { alignment: 16, open: () => undoIa64 }],
  [7, { alignment: 4, open: () => words(arm, true) }],
  [8, { alignment: 2, open: () => undoThumb }],
  [9, { alignment: 4, open: () => words(sparc, false) }],
  [10, { alignment: 4, open: () => words(arm64, true) }],
  [11, { alignment: 2, open: () => undoRiscV }],
]);

/** Instructions of four bytes each, one by one. */
function words(undo: (word: number, position: number) => number, littleEndian: boolean): Undo {
  return (bytes, position) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const end = bytes.length - (bytes.length % 4);
    for (let i = 0; i < end; i += 4) {
      const word = view.getUint32(i, littleEndian);
      const plain = undo(word, (position + i) >>> 0) >>> 0;
      if (plain !== word) view.setUint32(i, plain, littleEndian);
    }
    return end;
  };
}

/** `bl` with the condition "always"; the program counter is two instructions ahead. */
function arm(word: number, position: number): number {
  if (word >>> 24 !== 0xeb) return word;
  return 0xeb000000 | (((((word & 0xffffff) << 2) - (position + 8)) >>> 2) & 0xffffff);
}

/** `bl` with the link bit and a relative address. */
function powerPc(word: number, position: number): number {
  if ((word & 0xfc000003) >>> 0 !== 0x48000001) return word;
  return 0x48000001 | (((word & 0x03fffffc) - position) & 0x03fffffc);
}

/** `call` within 8 MiB, whose upper bits are all the sign. */
function sparc(word: number, position: number): number {
  const head = word >>> 22;
  if (head !== 0x100 && head !== 0x1ff) return word;
  const target = ((word << 2) - position) >>> 2;
  return (0x40000000 - (target & 0x400000)) | 0x40000000 | (target & 0x3fffff);
}

/** `bl`, and `adrp` within 512 MiB, whose 21 bits of pages lie in two places. */
function arm64(word: number, position: number): number {
  if (word >>> 26 === 0x25) return 0x94000000 | ((word - (position >>> 2)) & 0x03ffffff);
  if ((word & 0x9f000000) >>> 0 !== 0x90000000) return word;
  const pages = ((word >>> 29) & 3) | ((word >>> 3) & 0x1ffffc);
  if (((pages + 0x20000) & 0x1c0000) !== 0) return word;
  const target = pages - (position >>> 12);
  const sign = (target & 0x20000) === 0 ? 0 : 0xe00000;
  return (word & 0x9000001f) | ((target & 3) << 29) | ((target & 0x3fffc) << 3) | sign;
}

/** The pair of halfwords of `bl`. */
function undoThumb(bytes: Uint8Array, position: number): number {
  const at = (i: number): number => bytes[i] as number;
  let i = 0;
  for (; i + 4 <= bytes.length; i += 2) {
    if ((at(i + 1) & 0xf8) !== 0xf0 || (at(i + 3) & 0xf8) !== 0xf8) continue;
    const packed = ((at(i + 1) & 7) << 19) | (at(i) << 11) | ((at(i + 3) & 7) << 8) | at(i + 2);
    const target = ((packed << 1) - (position + i + 4)) >>> 1;
    bytes[i + 1] = 0xf0 | ((target >>> 19) & 7);
    bytes[i] = target >>> 11;
    bytes[i + 3] = 0xf8 | ((target >>> 8) & 7);
    bytes[i + 2] = target;
    i += 2;
  }
  return i;
}

/**
 * `call` and `jmp` of 32 bits, within 16 MiB. What looks like one in the address of another before it is told by a mask of the opcodes in the three bytes
 * before: it was packed only where that made no difference.
 */
function undoX86(): Undo {
  let mask = 0;
  let last = 0;
  let begun = 0;
  const isSign = (byte: number): boolean => byte === 0 || byte === 0xff;
  return (bytes, position) => {
    const end = bytes.length - 4;
    let i = 0;
    for (; i < end; i++) {
      if (((bytes[i] as number) & 0xfe) !== 0xe8) continue;
      const gap = begun + i - last;
      mask = gap > 3 ? 0 : (mask << (gap - 1)) & 7;
      last = begun + i;
      const near = mask === 0 ? 0 : 32 - Math.clz32(mask);
      const isOther = mask !== 0 && (!isOneBit(mask) || isSign(bytes[i + 4 - near] as number));
      if (isOther || !isSign(bytes[i + 4] as number)) {
        mask = (mask << 1) | 1;
        continue;
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset + i + 1, 4);
      const target = callTarget(view.getUint32(0, true), position + i + 5, near, isSign);
      view.setUint32(0, (target & 0x1ffffff) | -(target & 0x1000000), true);
      i += 4;
    }
    const done = Math.max(i, 0);
    begun += done;
    return done;
  };
}

function isOneBit(mask: number): boolean {
  return (mask & (mask - 1)) === 0;
}

function callTarget(packed: number, from: number, near: number, isSign: (byte: number) => boolean): number {
  let source = packed;
  for (;;) {
    const target = (source - from) | 0;
    if (near === 0) return target;
    if (!isSign((target >>> (24 - near * 8)) & 255)) return target;
    source = target ^ (2 ** (32 - near * 8) - 1);
  }
}

// LZMA: a range decoder and the state that its probabilities have (the LZMA specification; liblzma's lzma2 uses it chunk by chunk).
import { mebibyte } from '@plombe/kit';
import { XzError } from './source.ts';

const kBits = 11;
const half = 1 << (kBits - 1);
const moveBits = 5;
const minMatch = 2;

/** What came out last, as much as the dictionary holds; matches are copied from it. It takes memory as it fills: most archives are small. */
export class Window {
  bytes: Uint8Array;
  /** Where the next byte goes. */
  at = 0;
  /** Bytes in it that may be referred to, up to its size. */
  full = 0;
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
    this.bytes = new Uint8Array(Math.min(size, mebibyte));
  }

  reset(): void {
    this.at = 0;
    this.full = 0;
  }

  put(byte: number): void {
    this.bytes[this.at] = byte;
    this.at += 1;
    if (this.full < this.at) this.full = this.at;
    if (this.at === this.bytes.length) this.#wrap();
  }

  #wrap(): void {
    const { length } = this.bytes;
    if (length === this.#size) {
      this.at = 0;
      return;
    }
    const larger = new Uint8Array(Math.min(this.#size, length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
  }

  /** The byte `distance` + 1 before the next one. */
  get(distance: number): number {
    const from = this.at - distance - 1;
    return this.bytes[from < 0 ? from + this.bytes.length : from] as number;
  }
}

/** Code lengths of matches: short, middle, long. */
class LengthCoder {
  readonly choice = new Uint16Array(2);
  readonly low = new Uint16Array(16 << 3);
  readonly middle = new Uint16Array(16 << 3);
  readonly high = new Uint16Array(256);

  reset(): void {
    for (const probabilities of [this.choice, this.low, this.middle, this.high]) probabilities.fill(half);
  }
}

/** Decodes the chunks of one LZMA2 block; each `run` gets the whole compressed bytes of one chunk, at most 64 KiB. */
export class Lzma {
  readonly #window: Window;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #range = 0;
  #code = 0;
  #lc = 0;
  #lpMask = 0;
  #pbMask = 0;
  #state = 0;
  #reps: [number, number, number, number] = [0, 0, 0, 0];
  #literals = new Uint16Array(0);
  readonly #isMatch = new Uint16Array(12 << 4);
  readonly #isRep = new Uint16Array(12);
  readonly #isRep0 = new Uint16Array(12);
  readonly #isRep1 = new Uint16Array(12);
  readonly #isRep2 = new Uint16Array(12);
  readonly #isRep0Long = new Uint16Array(12 << 4);
  readonly #slots = [0, 1, 2, 3].map(() => new Uint16Array(64));
  readonly #special = new Uint16Array(115);
  readonly #align = new Uint16Array(16);
  readonly #lengths = new LengthCoder();
  readonly #repLengths = new LengthCoder();
  /** Of a match that the last call could not write whole. */
  #pending = 0;
  #left = 0;

  constructor(window: Window) {
    this.#window = window;
  }

  /** Sets lc, lp and pb from their byte. */
  properties(byte: number): void {
    if (byte >= 9 * 5 * 5) throw new XzError('a chunk has no valid properties');
    const lc = byte % 9;
    const lp = Math.floor(byte / 9) % 5;
    const pb = Math.floor(byte / 45);
    if (lc + lp > 4) throw new XzError('a chunk has no valid properties');
    this.#lc = lc;
    this.#lpMask = (1 << lp) - 1;
    this.#pbMask = (1 << pb) - 1;
    const size = 0x300 << (lc + lp);
    if (this.#literals.length !== size) this.#literals = new Uint16Array(size);
  }

  resetState(): void {
    this.#state = 0;
    this.#reps = [0, 0, 0, 0];
    const all = [
      this.#literals,
      this.#isMatch,
      this.#isRep,
      this.#isRep0,
      this.#isRep1,
      this.#isRep2,
      this.#isRep0Long,
    ];
    for (const probabilities of [...all, ...this.#slots, this.#special, this.#align]) probabilities.fill(half);
    this.#lengths.reset();
    this.#repLengths.reset();
  }

  /** Begins a chunk of `size` bytes uncompressed. */
  begin(bytes: Uint8Array, size: number): void {
    if (bytes.length < 5 || bytes[0] !== 0) throw new XzError('a chunk has no valid beginning');
    this.#bytes = bytes;
    this.#range = 0xffffffff;
    this.#code = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
    this.#at = 5;
    this.#left = size;
    this.#pending = 0;
  }

  /** Bytes of the chunk that are still to come. */
  get left(): number {
    return this.#left;
  }

  /** Decodes up to `max` bytes to `output` at `from`; `position` counts since the dictionary was emptied. Returns how many. Throws XzError. */
  run(output: Uint8Array, from: number, max: number, position: number): number {
    const window = this.#window;
    let at = from;
    const end = from + Math.min(max, this.#left);
    while (at < end) {
      if (this.#pending > 0) {
        const distance = this.#reps[0];
        for (; this.#pending > 0 && at < end; this.#pending--) {
          const byte = window.get(distance);
          window.put(byte);
          output[at++] = byte;
        }
        continue;
      }
      const posState = (position + at - from) & this.#pbMask;
      if (this.#bit(this.#isMatch, (this.#state << 4) + posState) === 0) {
        const byte = this.#literal(position + at - from);
        window.put(byte);
        output[at++] = byte;
      } else this.#match(posState);
    }
    this.#left -= at - from;
    if (this.#left === 0) this.#finish();
    return at - from;
  }

  #finish(): void {
    this.#normalize();
    if (this.#pending > 0 || this.#code !== 0 || this.#at !== this.#bytes.length)
      throw new XzError('a chunk has another size than it says');
  }

  #literal(position: number): number {
    const window = this.#window;
    const previous = window.full === 0 ? 0 : window.get(0);
    const base = 0x300 * (((position & this.#lpMask) << this.#lc) + (previous >>> (8 - this.#lc)));
    let symbol = 1;
    if (this.#state >= 7) {
      let match = window.get(this.#reps[0]);
      do {
        const matchBit = (match >>> 7) & 1;
        match = (match << 1) & 0xff;
        const bit = this.#bit(this.#literals, base + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(this.#literals, base + symbol);
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
    return symbol & 0xff;
  }

  #match(posState: number): void {
    const reps = this.#reps;
    const state = this.#state;
    if (this.#bit(this.#isRep, state) === 0) {
      this.#reps = [0, reps[0], reps[1], reps[2]];
      const length = this.#length(this.#lengths, posState);
      this.#state = state < 7 ? 7 : 10;
      this.#reps[0] = this.#distance(length);
      this.#pending = length;
    } else if (this.#bit(this.#isRep0, state) === 0) {
      if (this.#bit(this.#isRep0Long, (state << 4) + posState) === 0) {
        this.#state = state < 7 ? 9 : 11;
        this.#pending = 1;
      } else this.#rep(posState);
    } else {
      const which = this.#bit(this.#isRep1, state) === 0 ? 1 : 2 + this.#bit(this.#isRep2, state);
      const distance = reps[which as 1 | 2 | 3];
      for (let i = which; i > 0; i--) reps[i as 1 | 2 | 3] = reps[(i - 1) as 0 | 1 | 2];
      reps[0] = distance;
      this.#rep(posState);
    }
    if (this.#reps[0] >= this.#window.full) throw new XzError('it refers to bytes before its beginning');
  }

  #rep(posState: number): void {
    this.#pending = this.#length(this.#repLengths, posState);
    this.#state = this.#state < 7 ? 8 : 11;
  }

  #length({ choice, low, middle, high }: LengthCoder, posState: number): number {
    if (this.#bit(choice, 0) === 0) return minMatch + this.#tree(low, posState << 3, 3);
    if (this.#bit(choice, 1) === 0) return minMatch + 8 + this.#tree(middle, posState << 3, 3);
    return minMatch + 16 + this.#tree(high, 0, 8);
  }

  #distance(length: number): number {
    const slot = this.#tree(this.#slots[Math.min(length - minMatch, 3)] as Uint16Array, 0, 6);
    if (slot < 4) return slot;
    const direct = (slot >>> 1) - 1;
    const base = (2 | (slot & 1)) << direct;
    if (slot < 14) return base + this.#reverse(this.#special, base - slot, direct);
    let bits = 0;
    for (let i = direct - 4; i > 0; i--) bits = ((bits << 1) | this.#direct()) >>> 0;
    const distance = (2 | (slot & 1)) * 2 ** direct + bits * 16 + this.#reverse(this.#align, 0, 4);
    // All ones is the end mark of LZMA, which LZMA2 has no use for.
    if (distance >= 0xffffffff) throw new XzError('a chunk has an end mark');
    return distance;
  }

  #tree(probabilities: Uint16Array, base: number, bits: number): number {
    let symbol = 1;
    for (let i = 0; i < bits; i++) symbol = (symbol << 1) | this.#bit(probabilities, base + symbol);
    return symbol - (1 << bits);
  }

  #reverse(probabilities: Uint16Array, base: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(probabilities, base + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  #normalize(): void {
    if (this.#range >= 0x1000000) return;
    if (this.#at >= this.#bytes.length) throw new XzError('a chunk has another size than it says');
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | (this.#bytes[this.#at++] as number)) >>> 0;
  }

  #bit(probabilities: Uint16Array, index: number): number {
    this.#normalize();
    const probability = probabilities[index] as number;
    const bound = (this.#range >>> kBits) * probability;
    if (this.#code < bound) {
      this.#range = bound;
      probabilities[index] = probability + (((1 << kBits) - probability) >>> moveBits);
      return 0;
    }
    this.#range -= bound;
    this.#code -= bound;
    probabilities[index] = probability - (probability >>> moveBits);
    return 1;
  }

  #direct(): number {
    this.#normalize();
    this.#range >>>= 1;
    if (this.#code < this.#range) return 0;
    this.#code -= this.#range;
    return 1;
  }
}

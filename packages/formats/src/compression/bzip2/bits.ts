// Bits of a bzip2 stream, most significant first, over a buffer that is filled ahead of every block.
import type { Input } from '../input.ts';

/** Thrown inside a block where the bits end or make no sense; the decoder turns it into its problem. */
export class Bzip2Error extends Error {}

/**
 * Bytes that must be at hand before a block is read, so that reading one never waits: 900,000 symbols of at most 20 bits, with tables and
 * selectors, are 2.3 MB.
 */
const aheadBytes = 2_400_000;

/** Reads bits from bytes that `ensure` took from the input. */
export class BitReader {
  #bytes = new Uint8Array(aheadBytes);
  #end = 0;
  #at = 0;
  #hold = 0;
  #held = 0;
  #ended = false;

  /** Fills the buffer until a whole block surely lies in it, or the input ends. */
  async ensure(input: Input): Promise<void> {
    if (this.#ended) return;
    this.#bytes.copyWithin(0, this.#at, this.#end);
    this.#end -= this.#at;
    this.#at = 0;
    while (this.#end < this.#bytes.length) {
      if (input.left === 0 && !(await input.more())) {
        this.#ended = true;
        return;
      }
      const piece = input.bytes.subarray(input.at, input.at + this.#bytes.length - this.#end);
      this.#bytes.set(piece, this.#end);
      this.#end += piece.length;
      input.at += piece.length;
    }
  }

  /** True where no whole byte is left. */
  get atEnd(): boolean {
    return this.#ended && this.#at === this.#end && this.#held < 8;
  }

  /** Returns the next `count` bits, up to 24. */
  bits(count: number): number {
    while (this.#held < count) {
      if (this.#at === this.#end) throw new Bzip2Error('it ends in the middle of a block');
      this.#hold = ((this.#hold << 8) | (this.#bytes[this.#at++] as number)) >>> 0;
      this.#held += 8;
    }
    this.#held -= count;
    const value = (this.#hold >>> this.#held) & ((1 << count) - 1);
    this.#hold &= (1 << this.#held) - 1;
    return value;
  }

  bit(): number {
    return this.bits(1);
  }

  /** Returns 32 bits as an unsigned number. */
  word(): number {
    return ((this.bits(16) << 16) | this.bits(16)) >>> 0;
  }

  /** Drops the bits that fill up the last byte of a stream. */
  align(): void {
    const rest = this.#held % 8;
    if (rest > 0) this.bits(rest);
  }
}

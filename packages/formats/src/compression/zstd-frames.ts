// The outline of a zstd stream: where frames begin and end, so that a truncated one is told from a whole one (RFC 8878, 3.1).

const dataMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

/** Follows frames and blocks without decoding them; hand it all bytes once and in order. */
export class ZstdFrames {
  /** Frames seen whole. */
  count = 0;
  /** Set once the bytes stop being zstd; `magic` means that no frame starts where one would have to. */
  invalid: string | undefined;
  #step: 'magic' | 'skippable' | 'descriptor' | 'rest' | 'block' | 'jump' | 'checksum' = 'magic';
  /** Bytes still wanted for the current field, and its value so far. */
  #want = 4;
  #value = 0;
  #read = 0;
  #jump = 0;
  #lastBlock = false;
  #checksum = false;

  /** True where the stream may end. */
  get between(): boolean {
    return this.#step === 'magic' && this.#read === 0;
  }

  /** Returns how many of the bytes from `at` on belong to frames: all of them unless `invalid` is set. */
  scan(bytes: Uint8Array, at: number): number {
    let i = at;
    while (i < bytes.length && this.invalid === undefined) {
      if (this.#step === 'jump') {
        const step = Math.min(this.#jump, bytes.length - i);
        i += step;
        this.#jump -= step;
        if (this.#jump === 0) this.#afterJump();
        continue;
      }
      this.#value += (bytes[i++] as number) * 256 ** this.#read;
      this.#read += 1;
      if (this.#read === this.#want) this.#field(this.#value);
    }
    // Bytes of a magic number that is none are not part of a frame; those in earlier input are lost with it.
    return this.invalid === 'magic' ? Math.max(0, i - at - 4) : i - at;
  }

  #field(value: number): void {
    switch (this.#step) {
      case 'magic':
        if (value === dataMagic) this.#expect('descriptor', 1);
        else if (value - (value % 16) === skippableMagic) this.#expect('skippable', 4);
        else this.invalid = 'magic';
        return;
      case 'skippable':
        this.#lastBlock = true;
        this.#checksum = false;
        this.#skip(value);
        return;
      case 'descriptor':
        this.#describe(value);
        return;
      case 'rest':
        this.#expect('block', 3);
        return;
      case 'block':
        this.#block(value);
        return;
      default:
        this.#frameEnd();
    }
  }

  /** Frame header descriptor: its other fields are passed over, the decoder checks them. */
  #describe(value: number): void {
    this.#checksum = (value & 4) !== 0;
    const single = (value & 0x20) !== 0;
    const contentSize = [single ? 1 : 0, 2, 4, 8][value >> 6] as number;
    const dictionary = [0, 1, 2, 4][value & 3] as number;
    this.#expect('rest', (single ? 0 : 1) + dictionary + contentSize);
  }

  #block(value: number): void {
    this.#lastBlock = (value & 1) === 1;
    const type = (value >> 1) & 3;
    if (type === 3) this.invalid = 'a block of a reserved type';
    else this.#skip(type === 1 ? 1 : value >> 3);
  }

  #skip(size: number): void {
    this.#jump = size;
    this.#step = 'jump';
    if (size === 0) this.#afterJump();
  }

  #afterJump(): void {
    if (!this.#lastBlock) this.#expect('block', 3);
    else if (this.#checksum) this.#expect('checksum', 4);
    else this.#frameEnd();
  }

  #frameEnd(): void {
    this.count += 1;
    this.#expect('magic', 4);
  }

  #expect(step: 'magic' | 'skippable' | 'descriptor' | 'rest' | 'block' | 'checksum', bytes: number): void {
    this.#step = step;
    this.#want = bytes;
    this.#read = 0;
    this.#value = 0;
  }
}

// LZMA2: chunks of LZMA or plain bytes, each of which may begin anew (xz file format 1.2.1, 5.3.1).
import type { Input } from '../input.ts';
import { Lzma, Window } from './lzma.ts';
import { take, XzError } from './source.ts';

/** Decodes one block. Chunks have at most 64 KiB stored and 2 MiB uncompressed. */
export class Lzma2 {
  /** Stored bytes taken so far. */
  storedBytes = 0;
  readonly #window: Window;
  readonly #lzma: Lzma;
  #plain: Uint8Array = new Uint8Array(0);
  #plainAt = 0;
  #needsDictionary = true;
  #needsProperties = true;
  /** Bytes since the dictionary was emptied. */
  #position = 0;

  constructor(dictionaryBytes: number) {
    this.#window = new Window(dictionaryBytes);
    this.#lzma = new Lzma(this.#window);
  }

  /** Uncompressed bytes of the current chunk that are still to come. */
  get left(): number {
    return this.#lzma.left + this.#plain.length - this.#plainAt;
  }

  /** Reads the next chunk; false where the block ends. Throws XzError. */
  async next(input: Input): Promise<boolean> {
    const control = (await this.#take(input, 1))[0] as number;
    if (control === 0) return false;
    if (control >= 0x80) await this.#startLzma(input, control);
    else if (control > 2) throw new XzError('a chunk has no valid control byte');
    else {
      if (control === 1) this.#emptyDictionary();
      else if (this.#needsDictionary) throw new XzError('its first chunk does not begin anew');
      const size = (await this.#take(input, 2)).reduce((sum, byte) => sum * 256 + byte, 0) + 1;
      this.#plain = await this.#take(input, size);
      this.#plainAt = 0;
    }
    return true;
  }

  /** Writes up to `max` bytes to `output`. */
  write(output: Uint8Array, from: number, max: number): number {
    const count =
      this.#lzma.left > 0 ? this.#lzma.run(output, from, max, this.#position) : this.#copy(output, from, max);
    this.#position += count;
    return count;
  }

  #copy(output: Uint8Array, from: number, max: number): number {
    const count = Math.min(max, this.#plain.length - this.#plainAt);
    const piece = this.#plain.subarray(this.#plainAt, this.#plainAt + count);
    for (const byte of piece) this.#window.put(byte);
    output.set(piece, from);
    this.#plainAt += count;
    return count;
  }

  async #startLzma(input: Input, control: number): Promise<void> {
    const [a = 0, b = 0, c = 0, d = 0] = await this.#take(input, 4);
    const size = ((control & 0x1f) << 16) + a * 256 + b + 1;
    const storedBytes = c * 256 + d + 1;
    const reset = (control >> 5) & 3;
    if (reset === 3) this.#emptyDictionary();
    else if (this.#needsDictionary) throw new XzError('its first chunk does not begin anew');
    if (reset >= 2) {
      this.#lzma.properties((await this.#take(input, 1))[0] as number);
      this.#needsProperties = false;
    } else if (this.#needsProperties) throw new XzError('its first chunk has no properties');
    if (reset >= 1) this.#lzma.resetState();
    this.#lzma.begin(await this.#take(input, storedBytes), size);
  }

  #emptyDictionary(): void {
    this.#window.reset();
    this.#needsDictionary = false;
    this.#needsProperties = true;
    this.#position = 0;
  }

  async #take(input: Input, size: number): Promise<Uint8Array> {
    const bytes = await take(input, size);
    this.storedBytes += size;
    return bytes;
  }
}

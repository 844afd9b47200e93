// The same decoders over Node's public streams: slower and with more memory, for a Node whose contexts are not the expected ones.
import type { Transform } from 'node:stream';
import { constants, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { chunkBytes } from '@plombe/kit';
import type { Engine, Engines, Piece } from './engine.ts';

/** zstd's own default limit, 128 MiB. */
const windowLogMax = 27;

/** Engines that use nothing but what Node documents. */
export const streamEngines: Engines = {
  immediate: false,
  openInflate: () => new StreamEngine(() => createInflateRaw({ chunkSize: chunkBytes })),
  openZstd: () =>
    new StreamEngine(
      () => createZstdDecompress({ chunkSize: chunkBytes, params: { [constants.ZSTD_d_windowLogMax]: windowLogMax } }),
      true,
    ),
};

type ZlibStream = Transform & { readonly bytesWritten: number };

class StreamEngine implements Engine {
  inputLeft = 0;
  outputLeft = 0;
  readonly #create: () => ZlibStream;
  /** True where the stream ends after each frame and the next one wants another stream. */
  readonly #renews: boolean;
  #flow: Flow | undefined;
  /** Decoded bytes for which there was no room yet. */
  #rest: Uint8Array = new Uint8Array();
  #failure: string | undefined;

  constructor(create: () => ZlibStream, renews = false) {
    this.#create = create;
    this.#renews = renews;
  }

  get problem(): string | undefined {
    return this.#failure;
  }

  async run(piece: Piece): Promise<void> {
    const { from, at, size, to, toAt, toSize } = piece;
    this.inputLeft = size;
    this.outputLeft = toSize;
    this.#flow ??= new Flow(this.#create());
    const flow = this.#flow;
    flow.offer(from, at, size);
    for (;;) {
      this.#give(to, toAt + toSize);
      this.inputLeft = size - flow.used;
      if (this.outputLeft === 0) break;
      const step = await flow.next();
      if (step === 'idle') break;
      if (step === 'end') {
        if (this.#renews && flow.total > 0) {
          this.close();
          // The frame before ended just where the output was full; nothing of this one was touched yet.
          if (flow.used === 0 && this.outputLeft === toSize) return this.run(piece);
        }
        break;
      }
      if (typeof step === 'string') {
        this.#failure = step.slice('problem: '.length);
        break;
      }
      this.#rest = step;
    }
    this.inputLeft = size - flow.used;
  }

  reset(): void {
    this.close();
    this.#rest = new Uint8Array();
    this.#failure = undefined;
  }

  close(): void {
    this.#flow?.close();
    this.#flow = undefined;
  }

  #give(to: Uint8Array, end: number): void {
    const size = Math.min(this.#rest.length, this.outputLeft);
    if (size === 0) return;
    to.set(this.#rest.subarray(0, size), end - this.outputLeft);
    this.#rest = this.#rest.subarray(size);
    this.outputLeft -= size;
  }
}

type Step = Uint8Array | 'idle' | 'end' | `problem: ${string}`;

/** One stream, fed and drained in turn so that it holds at most one chunk and one piece of input. */
class Flow {
  /** Bytes of the current offer that were decoded. */
  used = 0;
  readonly #stream: ZlibStream;
  /** Bytes inside the stream, of which the caller offers the unused ones again. */
  #written = 0;
  #taken = 0;
  #writing = false;
  #ended = false;
  #problem: string | undefined;
  #wake: () => void = () => undefined;

  constructor(stream: ZlibStream) {
    this.#stream = stream;
    const wake = (): void => this.#wake();
    stream.on('readable', wake);
    stream.on('end', () => {
      this.#ended = true;
      wake();
    });
    stream.on('error', (error) => {
      this.#problem = error.message;
      wake();
    });
  }

  /** Bytes decoded so far. */
  get total(): number {
    return this.#stream.bytesWritten;
  }

  offer(from: Uint8Array, at: number, size: number): void {
    this.#taken = this.#stream.bytesWritten;
    this.used = 0;
    const inside = this.#written - this.#taken;
    if (this.#ended || this.#problem !== undefined || size <= inside) return;
    this.#written += size - inside;
    this.#writing = true;
    // A copy: the caller's buffer is used again while the stream may still hold this.
    this.#stream.write(Buffer.from(from.subarray(at + inside, at + size)), (error) => {
      if (error) this.#problem ??= error.message;
      this.#writing = false;
      this.#wake();
    });
  }

  async next(): Promise<Step> {
    for (;;) {
      const chunk = this.#stream.read() as Buffer | null;
      this.used = this.#stream.bytesWritten - this.#taken;
      if (chunk !== null) return chunk;
      if (this.#problem !== undefined) return `problem: ${this.#problem}`;
      if (this.#ended) return 'end';
      if (!this.#writing) {
        // Taken, but not used: the data ended before. The event that says so comes later.
        this.#ended = this.#stream.bytesWritten < this.#written;
        return this.#ended ? 'end' : 'idle';
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  close(): void {
    this.#stream.destroy();
  }
}

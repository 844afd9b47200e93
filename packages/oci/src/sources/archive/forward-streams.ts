// Files of a compressed archive: one decompression serves many of them, as long as they are asked for in archive order.
import type { OpenOptions } from '@plombe/model';
import { PlombeError, inert } from '@plombe/kit';
import type { ByteRange } from './file-bytes.ts';
import { readDecompressed } from './decompressed.ts';

/** A decompression that stopped behind a file. `rest` is what it has given already; valid until the next chunk is asked for. */
interface Stream {
  readonly chunks: AsyncGenerator<Uint8Array>;
  readonly signal: AbortSignal;
  at: number;
  rest: Uint8Array;
}

/** Streams kept waiting: as many as there are layers read at once. Each holds 2 to 3 MiB and an open file. */
const maxIdle = 2;

/**
 * Reads ranges of a decompressed archive. A range that lies ahead of where an earlier one ended goes on from there; any other costs
 * decompressing from the start. Memory is bounded, whatever the archive's size. `close` lets go of what waits.
 */
export class ForwardStreams {
  readonly #path: string;
  #idle: Stream[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Yields the bytes of a range. Throws what decompressing throws, and `archive/corrupt` where the archive ends before. */
  async *read({ offset, sizeBytes }: ByteRange, { signal }: OpenOptions): AsyncGenerator<Uint8Array> {
    const stream = this.#take(offset, signal);
    const end = offset + sizeBytes;
    let isWhole = false;
    try {
      while (stream.at < end) {
        if (stream.rest.length === 0) await this.#refill(stream, end);
        const from = Math.min(Math.max(offset - stream.at, 0), stream.rest.length);
        const to = Math.min(end - stream.at, stream.rest.length);
        const wanted = stream.rest.subarray(from, to);
        stream.rest = stream.rest.subarray(to);
        stream.at += to;
        if (wanted.length > 0) yield wanted;
      }
      isWhole = true;
    } finally {
      if (isWhole) await this.#keep(stream);
      else await stream.chunks.return(undefined);
    }
  }

  /** Ends the decompressions that wait; those under way end with their readers. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((stream) => stream.chunks.return(undefined)));
  }

  /** The waiting stream that is nearest before the offset, else a new one. */
  #take(offset: number, signal: AbortSignal): Stream {
    const usable = this.#idle.filter((stream) => stream.at <= offset && stream.signal === signal);
    const nearest = usable.sort((a, b) => b.at - a.at)[0];
    if (nearest === undefined) {
      return { chunks: readDecompressed(this.#path, { signal }), signal, at: 0, rest: new Uint8Array() };
    }
    this.#idle = this.#idle.filter((stream) => stream !== nearest);
    return nearest;
  }

  async #keep(stream: Stream): Promise<void> {
    this.#idle.push(stream);
    if (this.#idle.length > maxIdle) await this.#idle.shift()?.chunks.return(undefined);
  }

  async #refill(stream: Stream, end: number): Promise<void> {
    const next = await stream.chunks.next();
    if (next.done === true) throw new PlombeError('archive/corrupt', `${inert(this.#path)} ends before byte ${end}.`);
    stream.rest = next.value;
  }
}

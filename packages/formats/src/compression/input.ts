// The stored bytes as a decoder wants them: pieces large enough to be worth a call, whatever the source hands over.
import { kibibyte } from '@plombe/kit';
import { magicBytes } from './detect.ts';

/** Pieces smaller than this are joined: a trip to the thread pool costs as much as inflating about 16 KiB. */
const joinBelow = 128 * kibibyte;
const joinTo = 256 * kibibyte;

/** A cursor over an asynchronous source: `bytes[at..]` is what is not used yet. */
export class Input {
  bytes: Uint8Array = new Uint8Array();
  at = 0;
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #signal: AbortSignal;
  #ahead: Uint8Array | undefined;
  #ended = false;
  #taken = 0;
  #joined: Uint8Array | undefined;

  constructor(source: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    this.#source = source[Symbol.asyncIterator]();
    this.#signal = signal;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** Bytes used so far. */
  get used(): number {
    return this.#taken - this.left - (this.#ahead?.length ?? 0);
  }

  /** Replaces the used bytes by the next ones; answers false at the end of the source. Bytes not used yet are kept. */
  async more(): Promise<boolean> {
    if (this.left === 0) {
      const piece = await this.#take();
      if (piece === undefined) return false;
      this.at = 0;
      this.bytes = piece;
      if (piece.length < joinBelow) await this.#join();
      return true;
    }
    return this.#join();
  }

  /** Makes sure that the first bytes are there to look at. */
  async start(): Promise<Uint8Array> {
    while (this.left < magicBytes && (await this.more()));
    return this.bytes.subarray(this.at, this.at + magicBytes);
  }

  /** Reads what is left of the source and forgets it. */
  async drain(): Promise<void> {
    this.at = this.bytes.length;
    while ((await this.#take()) !== undefined);
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.();
    this.#ended = true;
  }

  async #join(): Promise<boolean> {
    this.#joined ??= new Uint8Array(joinTo);
    const joined = this.#joined;
    let size = this.left;
    if (size >= joinTo) return false;
    joined.set(this.bytes.subarray(this.at), 0);
    const before = size;
    for (;;) {
      const piece = await this.#take();
      if (piece === undefined) break;
      const room = joinTo - size;
      joined.set(piece.subarray(0, room), size);
      size += Math.min(room, piece.length);
      if (piece.length > room) {
        this.#ahead = piece.subarray(room);
        break;
      }
    }
    this.at = 0;
    this.bytes = joined.subarray(0, size);
    return size > before;
  }

  async #take(): Promise<Uint8Array | undefined> {
    const ahead = this.#ahead;
    if (ahead !== undefined) {
      this.#ahead = undefined;
      return ahead;
    }
    while (!this.#ended) {
      this.#signal.throwIfAborted();
      const step = await this.#source.next();
      if (step.done === true) this.#ended = true;
      else if (step.value.length > 0) {
        this.#taken += step.value.length;
        return step.value;
      }
    }
    return undefined;
  }
}

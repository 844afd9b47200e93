// Verifies ECDSA signatures beside the reading of the file: they are most of the work.
import { verify, type KeyObject } from 'node:crypto';
import type { BrokenLink } from './broken.ts';
import { SignatureThreads, type Place } from './signature-threads.ts';

/** So many may wait for Node's pool: enough for every thread to have work, and 2 MiB of payloads at most times. */
const maxWaiting = 512;

/** So many go to Node's pool before threads are started, which takes as long as verifying some hundreds. */
const firstSignatures = 1000;

/** One reader hands out signatures as fast as three or four threads verify them. */
const maxThreads = 4;

/**
 * Verifies signatures and remembers the one that does not hold with the lowest line. `threads`: how many may be started where there are many signatures,
 * best one for each core; with 0 all go to Node's pool. Whoever has made it must `close` it.
 */
export class SignatureQueue {
  readonly #threadCount: number;
  readonly #program: string | undefined;
  #threads: { readonly key: KeyObject; readonly pool: SignatureThreads } | undefined;
  #left = firstSignatures;
  #waiting = 0;
  #first: BrokenLink | undefined;
  #wake: (() => void) | undefined;

  constructor(threads = 0, program?: string) {
    this.#threadCount = Math.min(threads, maxThreads);
    this.#program = program;
  }

  /** Begins to verify; a failure is remembered under its line and link. */
  add(bytes: Uint8Array, signature: Uint8Array, key: KeyObject, place: Place): void {
    if (this.#left > 0) this.#left -= 1;
    else if (this.#threadCount > 0) this.#threads ??= { key, pool: this.#start(key) };
    if (this.#threads?.key === key) {
      this.#threads.pool.add(bytes, signature, place);
      return;
    }
    this.#waiting += 1;
    verify('sha256', bytes, key, signature, (error, holds) => {
      this.#waiting -= 1;
      if (error !== null || !holds) this.#forged(place);
      if (this.#waiting < maxWaiting / 2) this.#wake?.();
    });
  }

  #start(key: KeyObject): SignatureThreads {
    const listener = { forged: (place: Place) => this.#forged(place), progress: () => this.#wake?.() };
    return new SignatureThreads(key, this.#threadCount, listener, this.#program);
  }

  #forged(place: Place): void {
    if (this.#first !== undefined && this.#first.line <= place.line) return;
    const message = 'The signature of the envelope is not by the record key of the log.';
    this.#first = { ...place, check: 'signature', message };
  }

  get isFull(): boolean {
    return this.#waiting >= maxWaiting || this.#threads?.pool.isFull === true;
  }

  /** Waits until there is room. Throws `internal/bug` where a thread has failed. */
  async room(): Promise<void> {
    await this.#until(() => !this.isFull);
  }

  /** Waits for all and returns the failure with the lowest line. Throws `internal/bug` where a thread has failed. */
  async finish(): Promise<BrokenLink | undefined> {
    this.#threads?.pool.flush();
    await this.#until(() => this.#waiting === 0 && (this.#threads?.pool.isDone ?? true));
    return this.#first;
  }

  async #until(done: () => boolean): Promise<void> {
    for (;;) {
      this.#threads?.pool.throwIfFailed();
      if (done()) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Ends its threads. */
  async close(): Promise<void> {
    await this.#threads?.pool.close();
  }
}

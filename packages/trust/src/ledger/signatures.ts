// Verifies ECDSA signatures beside the reading of the file, on the threads of Node's pool: they are most of the work.
import { verify, type KeyObject } from 'node:crypto';
import type { BrokenLink } from './broken.ts';

/** So many may wait: enough for every thread to have work, and 2 MiB of payloads at most times. */
const maxWaiting = 512;

export class SignatureQueue {
  #waiting = 0;
  #first: BrokenLink | undefined;
  #wake: (() => void) | undefined;

  /** Begins to verify; a failure is remembered under its line and link. */
  add(
    bytes: Uint8Array,
    signature: Uint8Array,
    key: KeyObject,
    place: { readonly line: number; readonly link: string },
  ): void {
    this.#waiting += 1;
    verify('sha256', bytes, key, signature, (error, holds) => {
      this.#waiting -= 1;
      if ((error !== null || !holds) && (this.#first === undefined || place.line < this.#first.line)) {
        this.#first = {
          ...place,
          check: 'signature',
          message: 'The signature of the envelope is not by the record key of the log.',
        };
      }
      if (this.#waiting < maxWaiting / 2 || this.#waiting === 0) this.#wake?.();
    });
  }

  get isFull(): boolean {
    return this.#waiting >= maxWaiting;
  }

  /** Waits until there is room. */
  async room(): Promise<void> {
    if (!this.isFull) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Waits for all and returns the failure with the lowest line. */
  async finish(): Promise<BrokenLink | undefined> {
    while (this.#waiting > 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#first;
  }
}

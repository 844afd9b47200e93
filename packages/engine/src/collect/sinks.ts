// Where the bytes of wanted files go: kept as they are, reduced by a distiller, or several ways at once.
import type { Distiller } from '@plombe/catalogers';
import { kibibyte } from '@plombe/kit';
import type { ContentSink } from '@plombe/model';

const slabBytes = 256 * kibibyte;
/** Larger files have bytes of their own. */
const sharedUpTo = 16 * kibibyte;

/** Room for what is kept of one layer. Small files share it: thousands of buffers cost the collector of garbage more than their bytes. */
export class Room {
  #slab = Buffer.allocUnsafeSlow(0);
  #at = 0;

  take(sizeBytes: number): Buffer {
    if (sizeBytes > sharedUpTo) return Buffer.allocUnsafeSlow(sizeBytes);
    if (this.#slab.length - this.#at < sizeBytes) {
      this.#slab = Buffer.allocUnsafeSlow(slabBytes);
      this.#at = 0;
    }
    const start = this.#at;
    this.#at += sizeBytes;
    return this.#slab.subarray(start, this.#at);
  }
}

/** Keeps as many of the first bytes as there is room for. */
export class KeepSink implements ContentSink {
  readonly #content: Buffer;
  readonly #done: (content: Uint8Array) => void;
  #at = 0;

  constructor(content: Buffer, done: (content: Uint8Array) => void) {
    this.#content = content;
    this.#done = done;
  }

  write(chunk: Uint8Array): boolean {
    const take = Math.min(chunk.length, this.#content.length - this.#at);
    this.#content.set(take === chunk.length ? chunk : chunk.subarray(0, take), this.#at);
    this.#at += take;
    return this.#at < this.#content.length;
  }

  end(): void {
    this.#done(this.#at === this.#content.length ? this.#content : this.#content.subarray(0, this.#at));
  }
}

/** Hands the file to a distiller. One that throws is told to `failed` once and costs this file only. */
export class DistillSink implements ContentSink {
  readonly #distiller: Distiller;
  readonly #done: (content: Uint8Array) => void;
  readonly #failed: (thrown: unknown) => void;
  #broken = false;

  constructor(distiller: Distiller, done: (content: Uint8Array) => void, failed: (thrown: unknown) => void) {
    this.#distiller = distiller;
    this.#done = done;
    this.#failed = failed;
  }

  write(chunk: Uint8Array): boolean {
    try {
      return this.#distiller.write(chunk);
    } catch (thrown) {
      this.#fail(thrown);
      return false;
    }
  }

  end(): void {
    if (this.#broken) return;
    let content: Uint8Array | undefined;
    try {
      content = this.#distiller.finish();
    } catch (thrown) {
      this.#fail(thrown);
    }
    if (content !== undefined) this.#done(content);
  }

  #fail(thrown: unknown): void {
    this.#broken = true;
    this.#failed(thrown);
  }
}

/** Hands the file to several sinks, each as long as it wants more. */
export class SplitSink implements ContentSink {
  readonly #sinks: readonly ContentSink[];
  readonly #open: boolean[];

  constructor(sinks: readonly ContentSink[]) {
    this.#sinks = sinks;
    this.#open = sinks.map(() => true);
  }

  write(chunk: Uint8Array): boolean {
    let any = false;
    this.#sinks.forEach((sink, index) => {
      if (this.#open[index] !== true) return;
      this.#open[index] = sink.write(chunk);
      any ||= this.#open[index] === true;
    });
    return any;
  }

  end(): void {
    for (const sink of this.#sinks) sink.end();
  }
}

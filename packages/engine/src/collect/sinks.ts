// Where the bytes of wanted files go: kept as they are, reduced by a distiller, or several ways at once.
import type { Distiller } from '@plombe/catalogers';
import type { ContentSink } from '@plombe/model';

/** Keeps the first `sizeBytes`. */
export class KeepSink implements ContentSink {
  readonly #content: Buffer;
  readonly #done: (content: Uint8Array) => void;
  #at = 0;

  constructor(sizeBytes: number, done: (content: Uint8Array) => void) {
    this.#content = Buffer.allocUnsafeSlow(sizeBytes);
    this.#done = done;
  }

  write(chunk: Uint8Array): boolean {
    const take = Math.min(chunk.length, this.#content.length - this.#at);
    this.#content.set(take === chunk.length ? chunk : chunk.subarray(0, take), this.#at);
    this.#at += take;
    return this.#at < this.#content.length;
  }

  end(): void {
    this.#done(this.#content.subarray(0, this.#at));
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

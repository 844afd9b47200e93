// Node's own zlib and zstd contexts, driven without the stream around them: fixed buffers, no copy, no queue (docs/adr/0002-inflate.md).
import { constants } from 'node:zlib';
import type { Engine, Engines, Piece } from './engine.ts';
import type { NativeContext, NativeContexts, OpenContext, WriteCall } from './native-contexts.ts';

/** Returns engines over the contexts that were observed. */
export function nativeEngines({ openInflate, openZstd }: NativeContexts): Engines {
  return {
    immediate: true,
    openInflate: () => new NativeEngine(openInflate),
    openZstd: () => new NativeEngine(openZstd),
  };
}

class NativeEngine implements Engine {
  readonly #context: NativeContext;
  /** Written by the native side: bytes of output space left, bytes of input left. */
  readonly #state = new Uint32Array(2);
  #done: (() => void) | undefined;
  #problem: string | undefined;
  #closed = false;

  constructor(open: OpenContext) {
    this.#context = open(this.#state, () => this.#finish());
    this.#context.onerror = (message) => {
      this.#problem = message;
      this.#finish();
    };
  }

  get inputLeft(): number {
    return this.#state[1] as number;
  }

  get outputLeft(): number {
    return this.#state[0] as number;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  run(piece: Piece, small: boolean): Promise<void> | undefined {
    const call = this.#checked(piece);
    if (small) {
      this.#context.writeSync(...call);
      return undefined;
    }
    this.#context.held = [piece.from, piece.to];
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#context.write(...call);
    });
  }

  reset(): void {
    if (this.#done !== undefined || this.#closed) throw new Error('reset while decoding, or closed');
    this.#problem = undefined;
    this.#context.reset();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#context.close();
  }

  /** The native side answers every broken promise by ending the process, so each is looked at here first. */
  #checked({ from, at, size, to, toAt, toSize }: Piece): WriteCall {
    if (this.#closed || this.#done !== undefined) throw new Error('decoding while closed or under way');
    if (!(from instanceof Uint8Array) || !fits(from, at, size) || !fits(to, toAt, toSize)) {
      throw new TypeError('a piece of a compressed stream is not bytes, or lies outside its buffer');
    }
    return [constants.Z_NO_FLUSH, from, at, size, to, toAt, toSize];
  }

  #finish(): void {
    this.#context.held = undefined;
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }
}

function fits(bytes: Uint8Array, at: number, size: number): boolean {
  return Number.isInteger(at) && Number.isInteger(size) && at >= 0 && size >= 0 && at + size <= bytes.length;
}

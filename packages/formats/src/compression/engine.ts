// Node's own zlib and zstd contexts, driven without the stream around them: fixed buffers, no copy, no queue (docs/adr/0002-inflate.md).
import { PlombeError } from '@plombe/kit';
import { constants, createInflateRaw, createZstdDecompress } from 'node:zlib';

/** The native context behind every zlib stream of Node. */
interface NativeContext {
  onerror: (message: string, errno: number, code: string) => void;
  /** Keeps the buffers of a running call alive. */
  held?: readonly Uint8Array[] | undefined;
  init(...parameters: readonly unknown[]): void;
  write(...call: WriteCall): void;
  writeSync(...call: WriteCall): void;
  reset(): void;
  close(): void;
}

type WriteCall = [flush: number, from: Uint8Array, at: number, size: number, to: Uint8Array, at: number, size: number];

/** One decoder of raw deflate or zstd bytes. After a call, `inputLeft` and `outputLeft` say what it did not use. */
export interface Engine {
  readonly inputLeft: number;
  readonly outputLeft: number;
  /** The decoder's complaint about the last call, where it had one; nothing is known of that call's output then. */
  readonly problem: string | undefined;
  /** Decodes from `from[at..at+size]` into `to[toAt..toAt+toSize]` on the thread pool. Neither may change until it resolves. */
  run(from: Uint8Array, at: number, size: number, to: Uint8Array, toAt: number, toSize: number): Promise<void>;
  /** The same at once, for pieces too small to be worth a thread. */
  runSync(from: Uint8Array, at: number, size: number, to: Uint8Array, toAt: number, toSize: number): void;
  reset(): void;
  close(): void;
}

/** Opens a decoder of raw deflate data, RFC 1951. */
export function openInflate(): Engine {
  return open(createInflateRaw(), (context, state, done) => {
    context.init(15, -1, 8, constants.Z_DEFAULT_STRATEGY, state, done, undefined);
  });
}

/** Opens a decoder of zstd frames, RFC 8878. Windows over 128 MiB, zstd's own default limit, are refused. */
export function openZstd(): Engine {
  return open(createZstdDecompress(), (context, state, done) => {
    const parameters = new Uint32Array(constants.ZSTD_d_windowLogMax + 1).fill(0xffff_ffff);
    parameters[constants.ZSTD_d_windowLogMax] = 27;
    context.init(parameters, undefined, state, done, undefined);
  });
}

type Init = (context: NativeContext, state: Uint32Array, done: () => void) => void;

function open(stream: { close(): void }, init: Init): Engine {
  const template = (stream as unknown as { _handle?: NativeContext })._handle;
  if (typeof template?.writeSync !== 'function' || typeof template.write !== 'function') {
    throw new PlombeError('internal/bug', 'This version of Node has no zlib context that Plombe knows.', {
      remedy: 'Run Plombe with Node 24, which its own packages bring.',
    });
  }
  const Context = template.constructor as new (mode: number) => NativeContext;
  stream.close();
  return new NativeEngine(new Context(constants.INFLATERAW), init);
}

class NativeEngine implements Engine {
  readonly #context: NativeContext;
  /** Written by the native side: bytes of output space left, bytes of input left. */
  readonly #state = new Uint32Array(2);
  #done: (() => void) | undefined;
  #problem: string | undefined;

  constructor(context: NativeContext, init: Init) {
    this.#context = context;
    context.onerror = (message) => {
      this.#problem = message;
      this.#finish();
    };
    init(context, this.#state, () => this.#finish());
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

  run(from: Uint8Array, at: number, size: number, to: Uint8Array, toAt: number, toSize: number): Promise<void> {
    this.#context.held = [from, to];
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#context.write(constants.Z_NO_FLUSH, from, at, size, to, toAt, toSize);
    });
  }

  runSync(from: Uint8Array, at: number, size: number, to: Uint8Array, toAt: number, toSize: number): void {
    this.#context.writeSync(constants.Z_NO_FLUSH, from, at, size, to, toAt, toSize);
  }

  reset(): void {
    this.#problem = undefined;
    this.#context.reset();
  }

  close(): void {
    this.#context.close();
  }

  #finish(): void {
    this.#context.held = undefined;
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }
}

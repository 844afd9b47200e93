// Looks at how this Node drives its own zlib and zstd contexts, so that they are driven just so or not at all.
import { constants, createInflateRaw, createZstdDecompress, inflateRawSync } from 'node:zlib';

/** The native object behind a zlib stream. A call with other arguments than it expects ends the process, so none is guessed. */
export interface NativeContext {
  onerror: (message: string, errno: number, code: string) => void;
  /** Keeps the buffers of a running call alive. */
  held?: readonly Uint8Array[] | undefined;
  init(...parameters: readonly unknown[]): void;
  write(...call: WriteCall): void;
  writeSync(...call: WriteCall): void;
  reset(): void;
  close(): void;
}

export type WriteCall = [
  flush: number,
  from: Uint8Array,
  at: number,
  size: number,
  to: Uint8Array,
  at: number,
  size: number,
];

/** Opens one context; `state` receives the bytes of output space and of input left, `done` is called after each `write`. */
export type OpenContext = (state: Uint32Array, done: () => void) => NativeContext;

export interface NativeContexts {
  readonly openInflate: OpenContext;
  readonly openZstd: OpenContext;
}

/** Versions whose constructors of contexts were looked at: those calls cannot be observed. */
const knownMajors: ReadonlySet<string> = new Set(['24', '26']);
/** zstd's own default limit, 128 MiB. */
const windowLogMax = 27;

/**
 * Returns how to open contexts, learned from the calls Node makes to its own: `init` took 7 arguments in 24.0, 8 in 24.21, and zstd's 4, 5
 * and 6. Undefined where anything is not as expected, or a trial gives something else than the streams do.
 */
export function observeContexts(version: string = process.versions.node): NativeContexts | undefined {
  if (!knownMajors.has(version.split('.')[0] ?? '')) return undefined;
  try {
    const params = { [constants.ZSTD_d_windowLogMax]: windowLogMax };
    const openInflate = observe(() => createInflateRaw(), constants.INFLATERAW);
    const openZstd = observe(() => createZstdDecompress({ params }), constants.ZSTD_DECOMPRESS);
    if (openInflate === undefined || openZstd === undefined || !writesAsExpected()) return undefined;
    return isRight(openInflate, helloDeflated) && isRight(openZstd, helloZstd) ? { openInflate, openZstd } : undefined;
  } catch {
    return undefined;
  }
}

type Stream = { readonly _handle?: NativeContext; close(): void };

function observe(create: () => unknown, mode: number): OpenContext | undefined {
  const first = create() as Stream;
  const prototype = ownerOf(first._handle, 'init');
  first.close();
  if (prototype === undefined) return undefined;
  const calls = spy(prototype, 'init', () => (create() as Stream).close());
  const parameters = calls[0];
  if (calls.length !== 1 || parameters === undefined) return undefined;
  const stateAt = parameters.findIndex((value) => value instanceof Uint32Array && value.length === 2);
  const doneAt = parameters.findIndex((value) => typeof value === 'function');
  if (stateAt < 0 || doneAt !== stateAt + 1) return undefined;
  const Context = prototype['constructor'] as new (mode: number) => NativeContext;
  return (state, done) => {
    const context = new Context(mode);
    context.init(...parameters.with(stateAt, state).with(doneAt, done));
    return context;
  };
}

/** True where one-shot inflating calls `writeSync` with the seven arguments of `WriteCall`. */
function writesAsExpected(): boolean {
  const stream = createInflateRaw() as unknown as Stream;
  const prototype = ownerOf(stream._handle, 'writeSync');
  const isWhole = ['write', 'reset', 'close'].every((name) => typeof prototype?.[name] === 'function');
  stream.close();
  if (prototype === undefined || !isWhole) return false;
  const [call] = spy(prototype, 'writeSync', () => inflateRawSync(helloDeflated));
  const kinds = call?.map((value) => (value instanceof Uint8Array ? 'bytes' : typeof value)).join(' ');
  return kinds === 'number bytes number number bytes number number';
}

/** Runs `act` and returns the arguments of each call to the method meanwhile; the method is put back before anything else runs. */
function spy(prototype: Record<string, unknown>, name: string, act: () => void): (readonly unknown[])[] {
  const original = prototype[name] as (...values: unknown[]) => unknown;
  const calls: unknown[][] = [];
  prototype[name] = function (this: unknown, ...values: unknown[]): unknown {
    calls.push(values);
    return original.apply(this, values);
  };
  try {
    act();
  } finally {
    prototype[name] = original;
  }
  return calls;
}

/** The prototype that has the method itself. */
function ownerOf(value: unknown, name: string): Record<string, unknown> | undefined {
  for (let object = value; typeof object === 'object' && object !== null; object = Object.getPrototypeOf(object)) {
    if (Object.hasOwn(object, name)) return object as Record<string, unknown>;
  }
  return undefined;
}

const hello = 'hello';
const helloDeflated = Buffer.from('cb48cdc9c90700', 'hex');
const helloZstd = Buffer.from('28b52ffd200529000068656c6c6f', 'hex');

function isRight(open: OpenContext, stored: Uint8Array): boolean {
  const state = new Uint32Array(2);
  const context = open(state, () => undefined);
  const output = Buffer.alloc(16);
  let failed = false;
  context.onerror = () => {
    failed = true;
  };
  const input = Buffer.concat([stored, Buffer.from('x')]);
  context.writeSync(constants.Z_NO_FLUSH, input, 0, input.length, output, 0, output.length);
  context.close();
  const text = output.toString('latin1', 0, output.length - (state[0] as number));
  return !failed && text === hello && state[1] === 1;
}

// Inflating one entry as it streams by: synchronous, with contexts and buffers that are used again.
import { inflateRawSync } from 'node:zlib';
import { kibibyte, mebibyte } from '@plombe/kit';
import type { Engine } from '../../compression/engine.ts';
import { defaultEngines } from '../../compression/engines.ts';

/** Receives inflated bytes, which are overwritten afterwards. Answers false when it needs no more. */
export type Output = (bytes: Buffer) => boolean;

/** Takes the deflate data of one entry in pieces. */
export interface Inflater {
  /** False once the data is damaged, or nobody wants more. */
  write(bytes: Buffer): boolean;
  /** True where the deflate data ended, and ended exactly here. Frees the context; call it once. */
  end(): boolean;
}

const outputBytes = 64 * kibibyte;
/** Where this Node's contexts are not known, an entry is inflated in one piece: at most this many compressed bytes. */
const maxHeldBytes = 64 * mebibyte;

interface Context {
  readonly engine: Engine;
  readonly output: Buffer;
}

/** Contexts not in use; as many as archives were nested at most. */
const idle: Context[] = [];

/** Opens an inflater whose output goes to `output`. */
export function openInflater(output: Output): Inflater {
  return defaultEngines().immediate ? new StreamingInflater(output) : new HeldInflater(output);
}

class StreamingInflater implements Inflater {
  readonly #context: Context;
  readonly #output: Output;
  #open = true;
  #ended = false;
  #surplus = false;

  constructor(output: Output) {
    this.#output = output;
    this.#context = idle.pop() ?? {
      engine: defaultEngines().openInflate(),
      output: Buffer.allocUnsafeSlow(outputBytes),
    };
  }

  write(from: Buffer): boolean {
    if (!this.#open) return false;
    if (this.#ended) {
      this.#surplus ||= from.length > 0;
      return true;
    }
    const { engine, output } = this.#context;
    let at = 0;
    for (;;) {
      const size = from.length - at;
      void engine.run({ from, at, size, to: output, toAt: 0, toSize: outputBytes }, true);
      if (engine.problem !== undefined) return this.#stop();
      const produced = outputBytes - engine.outputLeft;
      at += size - engine.inputLeft;
      if (produced > 0 && !this.#output(output.subarray(0, produced))) return this.#stop();
      if (engine.outputLeft === 0) continue;
      if (engine.inputLeft === 0) return true;
      this.#ended = true;
      this.#surplus = true;
      return true;
    }
  }

  end(): boolean {
    const ended = this.#open && !this.#surplus && this.#isAtEnd();
    this.#context.engine.reset();
    idle.push(this.#context);
    return ended;
  }

  /** A context says that it has ended by leaving a byte that it is given. */
  #isAtEnd(): boolean {
    if (this.#ended) return true;
    const { engine, output } = this.#context;
    void engine.run({ from: probe, at: 0, size: 1, to: output, toAt: 0, toSize: outputBytes }, true);
    return engine.problem === undefined && engine.inputLeft === 1;
  }

  #stop(): boolean {
    this.#open = false;
    return false;
  }
}

const probe = Buffer.alloc(1);

class HeldInflater implements Inflater {
  readonly #output: Output;
  #held: Buffer[] = [];
  #size = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  write(bytes: Buffer): boolean {
    this.#size += bytes.length;
    if (this.#size > maxHeldBytes) this.#held = [];
    else this.#held.push(Buffer.from(bytes));
    return this.#size <= maxHeldBytes;
  }

  end(): boolean {
    if (this.#size > maxHeldBytes) return false;
    try {
      const { buffer, engine } = inflateRawSync(Buffer.concat(this.#held), {
        info: true,
        maxOutputLength: 4 * maxHeldBytes,
      }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
      if (engine.bytesWritten !== this.#size) return false;
      for (let at = 0; at < buffer.length; at += outputBytes) {
        if (!this.#output(buffer.subarray(at, at + outputBytes))) return false;
      }
      return true;
    } catch {
      return false;
    }
  }
}

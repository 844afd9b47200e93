// zstd streams (RFC 8878): any number of frames, skippable ones too; the decoder runs native, the frames are counted here.
import { kibibyte } from '@plombe/kit';
import { maxMembers, tooManyMembers, type Decoder, type Problem, type Progress } from './decoder.ts';
import type { Engine, Engines } from './engine.ts';
import type { Input } from './input.ts';
import { ZstdFrames } from './zstd-frames.ts';

/** Input smaller than this is decoded at once instead of on a thread. */
const smallInput = 16 * kibibyte;

/** Opens a decoder of one zstd stream. */
export function openZstdDecoder(engines: Engines): Decoder {
  return new ZstdDecoder(engines.openZstd());
}

class ZstdDecoder implements Decoder {
  readonly #engine: Engine;
  readonly #frames = new ZstdFrames();
  /** Bytes of the input that belong to frames and are not decoded yet. */
  #framed = 0;
  /** True where the last call filled the buffer: the decoder may hold more output back. */
  #held = false;
  #ended: 'end' | Problem | undefined;
  /** Bytes the last call used where a frame ended: the next one may be as small. */
  #lastUsed = Number.POSITIVE_INFINITY;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async fill(input: Input, output: Uint8Array, check: (written: number) => Problem | undefined): Promise<Progress> {
    const engine = this.#engine;
    let written = 0;
    for (;;) {
      if (this.#framed === 0 && !this.#held && !(await this.#advance(input))) {
        return { written, outcome: this.#ended ?? 'end' };
      }
      const size = this.#framed;
      const room = output.length - written;
      const piece = { from: input.bytes, at: input.at, size, to: output, toAt: written, toSize: room };
      const running = engine.run(piece, size < smallInput || this.#lastUsed < smallInput);
      if (running !== undefined) await running;
      if (engine.problem !== undefined) return { written, outcome: failure(engine.problem) };
      const produced = room - engine.outputLeft;
      const used = size - engine.inputLeft;
      input.at += used;
      // Room and input both left over: a frame ended there.
      this.#lastUsed = engine.inputLeft > 0 && engine.outputLeft > 0 ? used : Number.POSITIVE_INFINITY;
      this.#framed = engine.inputLeft;
      this.#held = engine.outputLeft === 0;
      written += produced;
      if (produced > 0) {
        const problem = check(written);
        if (problem !== undefined) return { written, outcome: problem };
      } else if (used === 0 && size > 0) return { written, outcome: corrupt('no progress') };
      if (written === output.length) return { written, outcome: 'more' };
    }
  }

  close(): void {
    this.#engine.close();
  }

  /** Finds the next input that belongs to a frame; answers false where there is none. */
  async #advance(input: Input): Promise<boolean> {
    if (this.#ended !== undefined) return false;
    if (input.left === 0 && !(await input.more())) {
      this.#ended = this.#frames.between ? 'end' : corrupt('it ends in the middle of a frame');
      return false;
    }
    this.#framed = this.#frames.scan(input.bytes, input.at);
    if (this.#frames.count > maxMembers) this.#ended = tooManyMembers('frames');
    if (this.#frames.invalid === undefined) return this.#ended === undefined;
    this.#ended =
      this.#frames.count > 0 && this.#frames.invalid === 'magic' ? trailing() : corrupt(this.#frames.invalid);
    return this.#framed > 0;
  }
}

/** The decoder's complaint. One about memory is not the archive's fault: the window of such a frame is over 128 MiB, the decoder's own limit. */
function failure(what: string): Problem {
  return what.includes('too much memory')
    ? { kind: 'limit', message: 'needs a zstd window of more than 128 MiB' }
    : corrupt(what);
}

function corrupt(what: string): Problem {
  return { kind: 'corrupt', message: `is not valid zstd: ${what}` };
}

function trailing(): Problem {
  return { kind: 'trailing', message: 'has bytes after its last zstd frame that are no frame; they were left out' };
}

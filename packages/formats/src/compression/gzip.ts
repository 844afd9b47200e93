// gzip streams (RFC 1952): any number of members, zero padding after the last, and every check sum looked at.
import { kibibyte } from '@plombe/kit';
import { crc32 } from 'node:zlib';
import { maxMembers, tooManyMembers, type Decoder, type Problem, type Progress } from './decoder.ts';
import type { Engine, Engines } from './engine.ts';
import { GzipHeader } from './gzip-header.ts';
import type { Input } from './input.ts';

/** After a member smaller than this the next call does not leave the thread: an eStargz layer has one member per file. */
const smallMember = 256 * kibibyte;
/** Input smaller than this is inflated at once for the same reason. */
const smallInput = 16 * kibibyte;

type Step = 'header' | 'body' | 'trailer' | 'padding';

/** Opens a decoder of one gzip stream. `checkSums` false passes CRC-32 over, for callers that compare a digest of the output. */
export function openGzip(engines: Engines, checkSums: boolean): Decoder {
  return new GzipDecoder(engines.openInflate(), checkSums);
}

class GzipDecoder implements Decoder {
  readonly #engine: Engine;
  readonly #header = new GzipHeader();
  readonly #checkSums: boolean;
  readonly #trailer = new Uint8Array(8);
  #trailerSize = 0;
  #step: Step = 'header';
  #members = 0;
  #crc = 0;
  #memberBytes = 0;
  #lastMemberBytes = Number.POSITIVE_INFINITY;

  constructor(engine: Engine, checkSums: boolean) {
    this.#engine = engine;
    this.#checkSums = checkSums;
  }

  async fill(input: Input, output: Uint8Array, check: (written: number) => Problem | undefined): Promise<Progress> {
    let written = 0;
    for (;;) {
      if (input.left === 0 && !(await input.more())) return { written, outcome: this.#atEnd() };
      if (this.#step === 'body') {
        const before = written;
        written = await this.#inflate(input, output, written);
        if (written < 0) return { written: before, outcome: corrupt(this.#engine.problem ?? 'invalid data') };
        if (written > before) {
          const problem = check(written);
          if (problem !== undefined) return { written, outcome: problem };
        }
        if (written === output.length) return { written, outcome: 'more' };
      } else {
        const problem = this.#frame(input);
        if (problem !== undefined) return { written, outcome: problem };
      }
    }
  }

  close(): void {
    this.#engine.close();
  }

  /** Inflates once; returns the new fill of `output`, or -1 where the data is not deflate. */
  async #inflate(input: Input, output: Uint8Array, written: number): Promise<number> {
    const engine = this.#engine;
    const room = output.length - written;
    const size = input.left;
    const piece = { from: input.bytes, at: input.at, size, to: output, toAt: written, toSize: room };
    const running = engine.run(piece, size < smallInput || this.#lastMemberBytes < smallMember);
    if (running !== undefined) await running;
    if (engine.problem !== undefined) return -1;
    const produced = room - engine.outputLeft;
    input.at += size - engine.inputLeft;
    if (produced > 0) {
      if (this.#checkSums) this.#crc = crc32(output.subarray(written, written + produced), this.#crc);
      this.#memberBytes += produced;
    }
    // Room and input both left over: the deflate data has ended.
    if (engine.outputLeft > 0 && engine.inputLeft > 0) this.#step = 'trailer';
    if (this.#memberBytes > smallMember) this.#lastMemberBytes = Number.POSITIVE_INFINITY;
    return written + produced;
  }

  /** Reads what is not deflate data: headers, trailers and padding. */
  #frame(input: Input): Problem | undefined {
    switch (this.#step) {
      case 'trailer':
        return this.#readTrailer(input);
      case 'padding':
        return this.#readPadding(input);
      default:
        return this.#readHeader(input);
    }
  }

  #readHeader(input: Input): Problem | undefined {
    const verdict = this.#header.read(input);
    if (verdict === 'more') return undefined;
    if (verdict === 'invalid') return this.#members === 0 ? corrupt('invalid header') : trailing();
    this.#step = 'body';
    this.#crc = 0;
    this.#memberBytes = 0;
    return undefined;
  }

  #readTrailer(input: Input): Problem | undefined {
    while (this.#trailerSize < 8 && input.left > 0) {
      this.#trailer[this.#trailerSize++] = input.bytes[input.at++] as number;
    }
    if (this.#trailerSize < 8) return undefined;
    const view = new DataView(this.#trailer.buffer);
    if (this.#checkSums && view.getUint32(0, true) !== this.#crc) return corrupt('the check sum does not fit the data');
    if (view.getUint32(4, true) !== this.#memberBytes % 2 ** 32) return corrupt('the length does not fit the data');
    this.#engine.reset();
    this.#header.reset();
    this.#members += 1;
    if (this.#members > maxMembers) return tooManyMembers('members');
    this.#lastMemberBytes = this.#memberBytes;
    this.#trailerSize = 0;
    this.#step = 'padding';
    return undefined;
  }

  #readPadding(input: Input): Problem | undefined {
    const first = input.bytes[input.at] as number;
    if (first === 0x1f) {
      this.#step = 'header';
      return undefined;
    }
    while (input.left > 0 && input.bytes[input.at] === 0) input.at += 1;
    return input.left > 0 ? trailing() : undefined;
  }

  #atEnd(): 'end' | Problem {
    if (this.#step === 'padding') return 'end';
    if (this.#step === 'header' && this.#members > 0) return trailing();
    return corrupt('it ends in the middle of a member');
  }
}

function corrupt(what: string): Problem {
  return { kind: 'corrupt', message: `is not valid gzip: ${what}` };
}

function trailing(): Problem {
  return { kind: 'trailing', message: 'has bytes after its last gzip member that are no member; they were left out' };
}

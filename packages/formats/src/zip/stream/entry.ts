// One wanted entry while its data streams by: inflated, summed up, and kept or walked as an archive of its own.
import { crc32 } from 'node:zlib';
import type { ZipBudget } from './budget.ts';
import type { ZipContents, ZipProblem } from './contents.ts';
import { openInflater, type Inflater } from './inflater.ts';

/** Takes the plain bytes of an entry, which are overwritten afterwards. */
export interface EntrySink {
  /** False where no more of the entry is wanted. */
  write(bytes: Buffer): boolean;
  end(): { readonly content: Uint8Array } | { readonly contents: ZipContents } | ZipProblem;
}

/** An entry as it came by; what the directory says of it decides whether it counts. */
export interface PassedEntry {
  readonly name: string;
  readonly nameBytes: number;
  readonly method: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  readonly crc32: number;
  readonly found: { readonly content: Uint8Array } | { readonly contents: ZipContents } | ZipProblem;
}

export interface EntryHead {
  readonly name: string;
  readonly nameBytes: number;
  readonly method: number;
  readonly flags: number;
}

const flagsEncrypted = 0x2041;

/** Reads one entry. */
export class EntryReader {
  readonly #head: EntryHead;
  readonly #sink: EntrySink;
  readonly #budget: ZipBudget;
  readonly #inflater: Inflater | undefined;
  readonly #isReadable: boolean;
  #crc = 0;
  #size = 0;
  #open = true;
  #isOverBudget = false;
  #hasEnded = false;

  constructor(head: EntryHead, sink: EntrySink, budget: ZipBudget) {
    this.#head = head;
    this.#sink = sink;
    this.#budget = budget;
    this.#isReadable = (head.flags & flagsEncrypted) === 0 && (head.method === 0 || head.method === 8);
    if (this.#isReadable && head.method === 8) this.#inflater = openInflater((bytes) => this.#take(bytes));
  }

  write(bytes: Buffer): void {
    if (!this.#open || !this.#isReadable) return;
    this.#open = this.#inflater === undefined ? this.#take(bytes) : this.#inflater.write(bytes);
  }

  /** Ends the entry, whose data had this many bytes in the archive. */
  end(compressedBytes: number): PassedEntry {
    const { name, nameBytes, method } = this.#head;
    const isWhole = this.#close();
    const sums = { compressedBytes, sizeBytes: this.#size, crc32: this.#crc };
    return { name, nameBytes, method, ...sums, found: this.#found(isWhole) };
  }

  /** Frees what it holds, where the archive broke off. */
  abandon(): void {
    if (!this.#hasEnded) this.#close();
  }

  #close(): boolean {
    this.#hasEnded = true;
    return this.#inflater?.end() ?? true;
  }

  #found(isWhole: boolean): PassedEntry['found'] {
    const { name } = this.#head;
    if (!this.#isReadable)
      return { kind: 'unsupported', what: `has an entry that is encrypted or of another method, ${name}` };
    if (this.#isOverBudget)
      return { kind: 'limit', what: `inflates to more than a hundred times its size, at ${name}` };
    const found = this.#sink.end();
    if ('kind' in found || isWhole) return found;
    return { kind: 'corrupt', what: `has a damaged entry, ${name}` };
  }

  #take(bytes: Buffer): boolean {
    this.#size += bytes.length;
    this.#crc = crc32(bytes, this.#crc);
    this.#isOverBudget ||= !this.#budget.takeInflated(bytes.length);
    return !this.#isOverBudget && this.#sink.write(bytes);
  }
}

/** Keeps an entry's bytes, up to a limit. */
export class KeepSink implements EntrySink {
  readonly #name: string;
  readonly #maxBytes: number;
  readonly #budget: ZipBudget;
  #pieces: Buffer[] = [];
  #size = 0;
  #isOver = false;

  constructor(name: string, maxBytes: number, budget: ZipBudget) {
    this.#name = name;
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  write(bytes: Buffer): boolean {
    this.#size += bytes.length;
    this.#isOver ||= this.#size > this.#maxBytes || !this.#budget.takeKept(bytes.length);
    if (this.#isOver) this.#pieces = [];
    else this.#pieces.push(Buffer.from(bytes));
    return !this.#isOver;
  }

  end(): { readonly content: Uint8Array } | ZipProblem {
    if (this.#isOver)
      return { kind: 'limit', what: `has an entry over its limit of ${this.#maxBytes} bytes, ${this.#name}` };
    return { content: this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces) };
  }
}

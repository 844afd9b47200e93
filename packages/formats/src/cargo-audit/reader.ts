// Finds the list of crates that `cargo auditable` puts into a Rust program while the file streams by, without keeping the file.
import { constants, inflateSync } from 'node:zlib';
import { kibibyte, mebibyte } from '@plombe/kit';
import { isProgram, programLayout } from '../executable/program.ts';
import { type FileRange, rangesOf } from '../executable/section.ts';
import { ByteRun, Window } from '../executable/window.ts';
import { findCompiler } from './compiler.ts';
import { mayBeZlib } from './deflate.ts';

const headBytes = 16 * kibibyte;
/** Enough for the codes of a deflate block and the first words behind them. */
const prefixBytes = 512;
/** A program of 1,000 crates has 30 KiB of them, and 100 KiB inflated. (T08) */
const maxPackedBytes = 2 * mebibyte;
const maxListBytes = 8 * mebibyte;
/** Places of one program that are tried; the largest programs known to us, of 300 MB, have under 100 that look like one. (T18) */
const maxAttempts = 1000;
/** Streams that begin as a list does and are read to their end: lists, damaged ones, the same again. (T18) */
const maxInflated = 64;
/** A universal Mach-O file has one for each architecture; a program may carry others. */
const maxLists = 8;

const listStart = /^\{"(?:packages|format)":/;
/** What is found in one program. JSON, so that the cache holds it as it was. */
export interface CargoAudit {
  /** The inflated lists, JSON as the linker was given it. */
  readonly lists: readonly string[];
  /** `rustc 1.75.0`, or the compiler's commit: that it is a program of Rust. */
  readonly compiler?: string;
  /** Why a list that is there is not in `lists`. */
  readonly problem?: string;
}

/**
 * Reads one program. The section's name (`.dep-v0`) says where the list is, but ELF names its sections at the end of the file, behind
 * them: so it is found by what it is, a zlib stream of `{"packages":`, outside of the code. Keeps no more than the head and the list.
 */
export class CargoAuditReader {
  readonly #window = new Window((bytes, offset) => this.#visit(bytes, offset), prefixBytes);
  #head: Buffer | undefined = Buffer.alloc(0);
  #code: readonly FileRange[] = [];
  #run: ByteRun | undefined;
  #runNeeds = 0;
  #attempts = 0;
  #inflated = 0;
  readonly #lists: string[] = [];
  #compiler: string | undefined;
  #problem: string | undefined;
  #done = false;

  write(chunk: Uint8Array): boolean {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (this.#done) return false;
    if (this.#head === undefined) this.#window.push(bytes);
    else this.#collect(bytes);
    return !this.#done;
  }

  /** Returns the JSON of a `CargoAudit`; undefined for a program that shows nothing of Rust. */
  finish(): Uint8Array | undefined {
    if (!this.#done && this.#head !== undefined) this.#begin(this.#head);
    if (!this.#done) {
      this.#window.end();
      for (let run = this.#run; run !== undefined; run = this.#run) {
        this.#inflate(run, true);
        this.#searchParts(run.bytes(), run.start, 1, run.sizeBytes - prefixBytes);
      }
    }
    if (this.#lists.length === 0 && this.#compiler === undefined && this.#problem === undefined) return undefined;
    const found: CargoAudit = {
      lists: this.#lists,
      ...(this.#compiler === undefined ? {} : { compiler: this.#compiler }),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
    return Buffer.from(JSON.stringify(found));
  }

  #collect(bytes: Buffer): void {
    const head = this.#head?.length === 0 ? bytes : Buffer.concat([this.#head as Buffer, bytes]);
    if (head.length >= 8 && !isProgram(head)) this.#done = true;
    else if (head.length >= headBytes) this.#begin(head);
    else this.#head = Buffer.from(head);
  }

  #begin(head: Buffer): void {
    this.#head = undefined;
    const layout = programLayout(head);
    this.#done = !isProgram(head) || layout?.madeByGo === true;
    // Old linkers put constants and code into one part, Mach-O all into __TEXT: there the code is searched too.
    const apart = layout?.format !== 'macho' && layout?.parts.some((part) => !part.executable && !part.writable);
    if (layout !== undefined && apart === true) this.#code = rangesOf(layout.parts.filter((part) => part.executable));
    if (!this.#done) this.#window.push(head);
  }

  #visit(bytes: Buffer, offset: number): void {
    if (this.#done) return;
    const run = this.#run;
    run?.feed(bytes, offset);
    if (run !== undefined && run.sizeBytes >= this.#runNeeds) {
      this.#inflate(run, false);
      // Nothing was looked for while the run was waited for.
      if (this.#run === undefined) this.#searchParts(run.bytes(), run.start, 1, offset - 1 - run.start);
    }
    this.#searchParts(bytes, offset, 0, bytes.length - prefixBytes);
  }

  /** Looks at the positions from `first` to `last`, both included, that are not code. */
  #searchParts(bytes: Buffer, offset: number, first: number, last: number): void {
    let from = first;
    for (const { start, end } of this.#code) {
      if (end <= offset + from) continue;
      if (start > offset + last) break;
      this.#search(bytes, offset, from, Math.min(last, start - offset));
      from = Math.max(from, end - offset);
    }
    this.#search(bytes, offset, from, last);
  }

  /** Looks at the positions from `from` to `last`, both included. */
  #search(bytes: Buffer, offset: number, from: number, last: number): void {
    if (from > last) return;
    this.#compiler ??= findCompiler(bytes, from, last);
    for (let at = bytes.indexOf(0x78, from); at >= 0 && at <= last; at = bytes.indexOf(0x78, at + 1)) {
      if (this.#run !== undefined || this.#lists.length >= maxLists) return;
      if (!mayBeZlib(bytes, at, 0x7b)) continue;
      if (++this.#attempts > maxAttempts || this.#inflated >= maxInflated) {
        this.#problem ??= 'holds too much that looks like a list of crates';
        return;
      }
      if (!beginsList(bytes.subarray(at, at + prefixBytes))) continue;
      this.#run = new ByteRun(offset + at);
      this.#runNeeds = prefixBytes;
      this.#run.feed(bytes, offset);
      if (this.#run.sizeBytes >= this.#runNeeds) this.#inflate(this.#run, false);
    }
  }

  /** Inflates what there is of a list; where it is cut, twice as much is waited for. */
  #inflate(run: ByteRun, ended: boolean): void {
    try {
      const list = inflateSync(run.bytes(), { maxOutputLength: maxListBytes }).toString('utf8');
      if (!this.#lists.includes(list)) this.#lists.push(list);
      this.#run = undefined;
      this.#inflated += 1;
    } catch (thrown) {
      const code = (thrown as { readonly code?: unknown }).code;
      if (code === 'Z_BUF_ERROR' && !ended && run.sizeBytes < maxPackedBytes) {
        this.#runNeeds = 2 * run.sizeBytes;
        return;
      }
      this.#run = undefined;
      this.#inflated += 1;
      const isLarge = code === 'ERR_BUFFER_TOO_LARGE' || code === 'Z_BUF_ERROR';
      this.#problem ??= isLarge
        ? 'has a list of crates that is cut or larger than the limit'
        : 'has a damaged list of crates';
    }
  }
}

function beginsList(bytes: Uint8Array): boolean {
  try {
    // At most 512 KiB come of it: deflate packs no more than 1,032 to one.
    return listStart.test(
      inflateSync(bytes, { chunkSize: kibibyte, finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1', 0, 16),
    );
  } catch {
    return false;
  }
}

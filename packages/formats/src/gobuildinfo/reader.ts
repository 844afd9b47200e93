// Finds the build info of a Go program while the file streams by, without keeping the file.
import { kibibyte } from '@plombe/kit';
import { isProgram, programLayout } from '../executable/program.ts';
import { type FileRange, type ProgramLayout, rangesOf } from '../executable/section.ts';
import { blockAlignment, blockMagic, readBlock } from './inline.ts';
import { LegacyTexts } from './legacy.ts';
import { ByteRun, contextBytes, search, Window } from '../executable/window.ts';

/** Program headers of real ELF files end before 2 KiB, section tables of PE and commands of Mach-O files before 8 KiB. */
const headBytes = 16 * kibibyte;

/** A universal or unusually laid out program: blocks are looked for in all of it. */
const everywhere: readonly FileRange[] = [{ start: 0, end: Number.MAX_SAFE_INTEGER }];

/**
 * Reads one program. `write` answers false when the answer is known: at once for a file that is no ELF, PE or Mach-O, and
 * behind the last writable part for a program without build info. Native search; keeps no more than the head and the texts found.
 */
export class GoBuildInfoReader {
  readonly #window = new Window((bytes, offset) => this.#visit(bytes, offset));
  #head: Buffer | undefined = Buffer.alloc(0);
  #ranges: readonly FileRange[] = [];
  #block: ByteRun | undefined;
  #blockNeeds = 0;
  #legacy: LegacyTexts | undefined;
  #result: Uint8Array | undefined;
  #done = false;

  write(chunk: Uint8Array): boolean {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (this.#done) return false;
    if (this.#head === undefined) this.#window.push(bytes);
    else this.#collect(bytes);
    return !this.#done;
  }

  /** Returns `toolchain version LF module list`, the texts as the linker wrote them; undefined where there is no build info. */
  finish(): Uint8Array | undefined {
    if (!this.#done && this.#head !== undefined) this.#begin(this.#head);
    if (!this.#done) this.#window.end();
    const texts = this.#legacy?.texts();
    if (texts !== undefined) this.#result ??= joined(texts.version, texts.modules);
    return this.#result;
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
    this.#ranges = layout === undefined ? everywhere : dataRanges(layout);
    if (layout !== undefined && (layout.madeByGo || layout.format !== 'elf')) this.#legacy = new LegacyTexts(layout);
    this.#done = this.#ranges.length === 0 || !isProgram(head);
    if (!this.#done) this.#window.push(head);
  }

  #visit(bytes: Buffer, offset: number): void {
    if (this.#done) return;
    if (this.#legacy?.visit(bytes, offset) === true) this.#done = true;
    if (this.#block === undefined) this.#find(bytes, offset);
    else this.#readBlock(bytes, offset);
    const last = this.#ranges.at(-1)?.end ?? 0;
    if (this.#block === undefined && offset + bytes.length - contextBytes >= last && this.#legacy?.following !== true)
      this.#done = true;
  }

  #find(bytes: Buffer, offset: number): void {
    for (const { start, end } of this.#ranges) {
      const found = search(bytes, offset, blockMagic, start, end, (index) => {
        if ((offset + index) % blockAlignment !== 0) return false;
        this.#block = new ByteRun(offset + index);
        this.#blockNeeds = 0;
        this.#readBlock(bytes, offset);
        return this.#block !== undefined || this.#done;
      });
      if (found) return;
    }
  }

  #readBlock(bytes: Buffer, offset: number): void {
    const block = this.#block as ByteRun;
    block.feed(bytes, offset);
    if (block.sizeBytes < this.#blockNeeds) return;
    const reading = readBlock(block.bytes());
    if (reading.kind === 'incomplete') {
      this.#blockNeeds = reading.needBytes;
      return;
    }
    this.#block = undefined;
    if (reading.kind === 'inline') {
      this.#result = joined(reading.version, reading.modules);
      this.#done = true;
    } else if (reading.kind === 'pointers' && this.#legacy?.follow(reading) === true) {
      this.#ranges = [];
      if (this.#legacy.visit(bytes, offset)) this.#done = true;
    }
  }
}

/** Offsets and addresses agree modulo the page size in all three formats, so that a block's offset is aligned as its address is. */
function dataRanges(layout: ProgramLayout): readonly FileRange[] {
  return rangesOf(layout.parts.filter((part) => part.writable && !part.executable));
}

function joined(version: Uint8Array, modules: Uint8Array): Uint8Array {
  return Buffer.concat([version, Buffer.from('\n'), modules]);
}

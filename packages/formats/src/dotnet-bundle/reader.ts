// Reads the dependency list out of a single-file program of .NET while the program streams by, without keeping it.
import { kibibyte, mebibyte } from '@plombe/kit';
import { isElf } from '../executable/elf.ts';
import { isMachO } from '../executable/macho.ts';
import { isPe } from '../executable/pe.ts';
import { programLayout } from '../executable/program.ts';
import { type FileRange, rangesOf } from '../executable/section.ts';
import { ByteRun, contextBytes, search, Window } from '../executable/window.ts';
import { parseBundleManifest } from './manifest.ts';

const headBytes = 16 * kibibyte;
/** SHA-256 of `.net core bundle` and a line end: the host has it in its data, behind the offset of the manifest, which is 0 in a host without one. */
const signature = Buffer.from('8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae', 'hex');
const offsetBytes = 8;
/** What the files of interest begin with; the manifest, which says where they are, comes behind them. */
const marks = [Buffer.from('"runtimeTarget"'), Buffer.from('"runtimeOptions"')];
/** The largest list of dependencies known to us has 1 MiB. */
const maxTextBytes = 8 * mebibyte;
const maxTexts = 8;
const maxManifestBytes = 8 * mebibyte;

/** What is found in one single-file program. */
export interface DotnetBundle {
  /** Text of the program's deps.json; absent where it has none. */
  readonly deps?: string;
  readonly runtimeConfig?: string;
  /** Paths of the assemblies in it, sorted. */
  readonly assemblies: readonly string[];
  /** Why its dependencies are not known though it is a single-file program. */
  readonly problem?: string;
}

/** Reads one program. `write` answers false where no more is needed, behind the data of a program that is no host of a bundle. */
export class DotnetBundleReader {
  /** With the offset that stands before the signature: at the beginning of a chunk it has gone by. */
  readonly #window = new Window((bytes, offset) => this.#visit(bytes, offset), contextBytes + offsetBytes);
  #head: Buffer | undefined = Buffer.alloc(0);
  #ranges: readonly FileRange[] = [];
  #pointer: ByteRun | undefined;
  #manifest: ByteRun | undefined;
  readonly #texts: ByteRun[] = [];
  #sizeBytes = 0;
  #done = false;

  write(chunk: Uint8Array): boolean {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (this.#done) return false;
    this.#sizeBytes += bytes.length;
    if (this.#head === undefined) this.#window.push(bytes);
    else this.#collect(bytes);
    return !this.#done;
  }

  /** Undefined for a program that is no single-file program of .NET. */
  finish(): DotnetBundle | undefined {
    if (!this.#done && this.#head !== undefined) this.#begin(this.#head);
    if (!this.#done) this.#window.end();
    if (this.#manifest === undefined) return undefined;
    // The window ends with zeros that are not in the file.
    const manifest = parseBundleManifest(this.#manifest.bytes().subarray(0, this.#sizeBytes - this.#manifest.start));
    if (manifest === undefined)
      return { assemblies: [], problem: 'is a single-file program of .NET whose list of files cannot be read' };
    const textOf = (kind: 'deps' | 'runtimeConfig'): string | undefined => {
      const file = manifest.files.find((one) => one.kind === kind);
      const run = this.#texts.find(
        ({ start }) => file !== undefined && start >= file.offset && start < file.offset + 16,
      );
      if (file === undefined || run === undefined) return undefined;
      const sizeBytes = file.sizeBytes - (run.start - file.offset);
      return run.sizeBytes < sizeBytes ? undefined : run.bytes().toString('utf8', 0, sizeBytes);
    };
    const deps = textOf('deps');
    const runtimeConfig = textOf('runtimeConfig');
    const lost = deps === undefined && manifest.files.some(({ kind }) => kind === 'deps');
    const assemblies = manifest.files.filter(({ kind }) => kind === 'assembly').map(({ path }) => path);
    return {
      ...(deps === undefined ? {} : { deps }),
      ...(runtimeConfig === undefined ? {} : { runtimeConfig }),
      assemblies: assemblies.sort(),
      ...(lost ? { problem: 'is a single-file program of .NET whose list of dependencies cannot be read' } : {}),
    };
  }

  #collect(bytes: Buffer): void {
    const head = this.#head?.length === 0 ? bytes : Buffer.concat([this.#head as Buffer, bytes]);
    if (head.length >= 8 && !isElf(head) && !isPe(head) && !isMachO(head)) this.#done = true;
    else if (head.length >= headBytes) this.#begin(head);
    else this.#head = Buffer.from(head);
  }

  #begin(head: Buffer): void {
    this.#head = undefined;
    const layout = programLayout(head);
    // The offset is written into the finished host, so it lies where data can be written.
    this.#ranges = rangesOf(layout?.parts.filter(({ writable }) => writable) ?? []);
    this.#done = this.#ranges.length === 0 || layout?.madeByGo === true;
    if (!this.#done) this.#window.push(head);
  }

  #visit(bytes: Buffer, offset: number): void {
    if (this.#done) return;
    if (this.#manifest !== undefined) {
      this.#visitBundle(bytes, offset);
      return;
    }
    if (this.#pointer === undefined) {
      for (const { start, end } of this.#ranges) {
        search(bytes, offset, signature, start, end, (index) => {
          // What stands before it may have gone by with the chunk before; then the border's window has it.
          if (index < offsetBytes) return false;
          this.#pointer = new ByteRun(offset + index - offsetBytes);
          return true;
        });
      }
    }
    if (this.#pointer === undefined) {
      if (offset + bytes.length - contextBytes >= (this.#ranges.at(-1)?.end ?? 0)) this.#done = true;
      return;
    }
    const at = this.#pointer.start - offset;
    const target = Number(bytes.readBigUInt64LE(at));
    if (target <= this.#pointer.start || !Number.isSafeInteger(target)) {
      this.#done = true;
      return;
    }
    this.#manifest = new ByteRun(target);
    this.#visitBundle(bytes, offset);
  }

  #visitBundle(bytes: Buffer, offset: number): void {
    const manifest = this.#manifest as ByteRun;
    for (const run of this.#texts) if (run.sizeBytes < maxTextBytes) run.feed(bytes, offset);
    for (const mark of marks) {
      search(bytes, offset, mark, 0, manifest.start, (index) => {
        const before = bytes.toString('latin1', Math.max(0, index - contextBytes), index);
        const brace = before.lastIndexOf('{');
        const start = offset + index - before.length + brace;
        const isStart =
          brace >= 0 && before.slice(brace + 1).trim() === '' && !this.#texts.some((run) => run.start === start);
        if (isStart && this.#texts.length < maxTexts) {
          const run = new ByteRun(start);
          run.feed(bytes, offset);
          this.#texts.push(run);
        }
        return false;
      });
    }
    if (manifest.sizeBytes < maxManifestBytes) manifest.feed(bytes, offset);
  }
}

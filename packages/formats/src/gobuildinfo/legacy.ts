// Build info of Go 1.12–1.17: the block only points to the texts, and they have streamed by before it comes.
import { kibibyte } from '@plombe/kit';
import { type FileRange, type ProgramLayout, rangesOf } from '../executable/section.ts';
import { type BlockReading, maxModulesBytes, maxVersionBytes, readPointer } from './inline.ts';
import { ByteRun, contextBytes, search } from '../executable/window.ts';

/** The linker frames the module list with these; cmd/go/internal/modload/build.go. */
const listStart = Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex');
const listEnd = Buffer.from('f932433186182072008242104116d8f2', 'hex');
/** What the versions of these toolchains begin with: go1.12 … go1.17. */
const versionStart = Buffer.from('go1.1');

/** A program holds its own list once, and perhaps those of programs embedded in it. */
const maxLists = 4;
/** The text `go1.1` is rare: cmd/go, which knows every release, has it 60 times. */
const maxVersions = 4096;

type Pointers = Extract<BlockReading, { kind: 'pointers' }>;

/** Keeps what may be the texts, until the addresses in the block tell which are. */
export class LegacyTexts {
  readonly #layout: ProgramLayout;
  readonly #constants: readonly FileRange[];
  readonly #lists = new Map<number, Buffer>();
  readonly #versions = new Map<number, Buffer>();
  #list: ByteRun | undefined;
  #pointers: Pointers | undefined;
  #headers: { readonly version: ByteRun; readonly modules: ByteRun } | undefined;

  constructor(layout: ProgramLayout) {
    this.#layout = layout;
    this.#constants = constantRanges(layout);
  }

  /** True while the headers that the block points to have not come by. */
  get following(): boolean {
    return this.#headers !== undefined;
  }

  /** Looks at a window. Answers true when both texts are known or cannot be any more. */
  visit(bytes: Buffer, offset: number): boolean {
    if (this.#headers !== undefined) {
      const size = 2 * (this.#pointers as Pointers).pointerBytes;
      this.#headers.version.feed(bytes, offset);
      this.#headers.modules.feed(bytes, offset);
      return this.#headers.version.sizeBytes >= size && this.#headers.modules.sizeBytes >= size;
    }
    for (const { start, end } of this.#constants) {
      if (offset + bytes.length <= start || end <= offset) continue;
      this.#collectList(bytes, offset, start, end);
      search(bytes, offset, versionStart, start, end, (index) => {
        if (this.#versions.size < maxVersions) {
          this.#versions.set(offset + index, Buffer.from(bytes.subarray(index, index + contextBytes)));
        }
        return this.#versions.size >= maxVersions;
      });
    }
    return false;
  }

  #collectList(bytes: Buffer, offset: number, start: number, end: number): void {
    if (this.#list === undefined && this.#lists.size < maxLists) {
      search(bytes, offset, listStart, start, end, (index) => {
        this.#list = new ByteRun(offset + index);
        return true;
      });
    }
    const list = this.#list;
    if (list === undefined) return;
    list.feed(bytes, offset);
    search(bytes, offset, listEnd, list.start + listStart.length, Infinity, (index) => {
      const size = offset + index - list.start;
      this.#lists.set(list.start, Buffer.from(list.bytes().subarray(listStart.length, size)));
      this.#list = undefined;
      return true;
    });
    if (list.sizeBytes > maxModulesBytes) this.#list = undefined;
  }

  /** Takes the addresses that the block gives. Answers false where they lie in no writable part. */
  follow(pointers: Pointers): boolean {
    const version = this.#offsetOf(pointers.version);
    const modules = this.#offsetOf(pointers.modules);
    if (version === undefined || modules === undefined) return false;
    this.#pointers = pointers;
    this.#headers = { version: new ByteRun(version), modules: new ByteRun(modules) };
    return true;
  }

  /** Returns version and module list, either empty where it could not be reached; undefined before `follow`. */
  texts(): { readonly version: Uint8Array; readonly modules: Uint8Array } | undefined {
    if (this.#headers === undefined) return undefined;
    const version = this.#target(this.#headers.version);
    const modules = this.#target(this.#headers.modules);
    const text = version === undefined ? undefined : this.#versions.get(version.offset)?.subarray(0, version.length);
    const list = modules === undefined ? undefined : this.#lists.get(modules.offset);
    return { version: text ?? Buffer.alloc(0), modules: list ?? Buffer.alloc(0) };
  }

  /** Reads a Go string header: address, then length. */
  #target(header: ByteRun): { readonly offset: number; readonly length: number } | undefined {
    const { pointerBytes, littleEndian } = this.#pointers as Pointers;
    if (header.sizeBytes < 2 * pointerBytes) return undefined;
    const offset = this.#offsetOf(readPointer(header.bytes(), 0, pointerBytes, littleEndian));
    const length = readPointer(header.bytes(), pointerBytes, pointerBytes, littleEndian);
    const fits = length <= Math.max(maxVersionBytes, maxModulesBytes);
    return offset === undefined || !fits ? undefined : { offset, length };
  }

  #offsetOf(address: number): number | undefined {
    for (const part of this.#layout.parts) {
      const at = address - part.address;
      if (at >= 0 && at < part.sizeBytes) return part.offset + at;
    }
    return undefined;
  }
}

/**
 * Texts are in read-only parts; where those are apart from the code, which is most of a program, the code is left out. Mach-O has
 * both in one segment.
 */
function constantRanges(layout: ProgramLayout): readonly FileRange[] {
  const readOnly = layout.parts.filter((part) => !part.writable);
  const apart = readOnly.filter((part) => !part.executable);
  const split = layout.format !== 'macho' && apart.some((part) => part.sizeBytes >= 64 * kibibyte);
  return rangesOf(split ? apart : readOnly);
}

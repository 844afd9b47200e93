// Looks for the texts of well-known software in a file while it streams by, without keeping the file.
import { isProgram } from '@plombe/formats';
import type { Distiller } from '../cataloger.ts';
import type { Evidence } from './template.ts';

/** What one row of the table looks for in a file. */
export interface Search {
  readonly id: string;
  readonly evidence: readonly Evidence[];
  /** A text that makes the file this software where nothing says the version. */
  readonly holds?: Buffer;
}

/** Bytes that tell whether a file is a program. */
const headBytes = 8;
/** Places of anchors that are looked at in one file; the real ones are among the first hundreds. (T18) */
const maxAttempts = 20_000;

/** A text found: the lowest in the file counts, of two in one place the earlier of the table. */
interface Found {
  readonly id: string;
  readonly version: string;
}

/** Places of a buffer, the end exclusive. */
interface Range {
  readonly from: number;
  readonly until: number;
}

/**
 * Reads one file. `write` answers false when the answer is known: at once for a file that is no program. What is kept is
 * `id TAB version`, the version empty where only the file's name says it. The same whatever the chunks are: a place is looked at once, with
 * all the bytes around it that its pattern may need.
 */
export class SoftwareReader implements Distiller {
  readonly #searches: readonly Search[];
  readonly #anyFile: boolean;
  readonly #reach: number;
  #head: Buffer | undefined = Buffer.alloc(0);
  /** The end of what came before, long enough for every pattern. */
  #tail = Buffer.alloc(0);
  #attempts = 0;
  #found: Found | undefined;
  readonly #held = new Set<string>();
  #done = false;

  constructor(searches: readonly Search[], options: { readonly anyFile: boolean }) {
    this.#searches = searches;
    this.#anyFile = options.anyFile;
    const reaches = searches.flatMap(({ evidence, holds }) => [
      ...evidence.map(({ before, after }) => Math.max(before, after)),
      holds?.length ?? 0,
    ]);
    this.#reach = Math.max(1, ...reaches);
  }

  write(chunk: Uint8Array): boolean {
    if (this.#done) return false;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (this.#head === undefined) this.#push(bytes);
    else this.#collect(bytes);
    return !this.#done;
  }

  finish(): Uint8Array | undefined {
    if (!this.#done && this.#head !== undefined) this.#begin(this.#head);
    const { length } = this.#tail;
    const end = Buffer.concat([this.#tail, Buffer.alloc(1)]);
    if (!this.#done) this.#search(end, { from: length - this.#reach, until: length });
    const found = this.#found ?? this.#holder();
    return found === undefined ? undefined : Buffer.from(`${found.id}\t${found.version}`, 'latin1');
  }

  #holder(): Found | undefined {
    const [search] = this.#searches.filter(({ id }) => this.#held.has(id));
    return search === undefined ? undefined : { id: search.id, version: '' };
  }

  #collect(bytes: Buffer): void {
    const head = Buffer.concat([this.#head as Buffer, bytes]);
    if (head.length >= headBytes) this.#begin(head);
    else this.#head = head;
  }

  #begin(head: Buffer): void {
    this.#head = undefined;
    this.#done = !this.#anyFile && !isProgram(head);
    // Nothing lies before the file's begin: padding stands for it, so that every place has as many bytes before it.
    this.#tail = Buffer.alloc(this.#reach);
    if (!this.#done) this.#push(head);
  }

  /**
   * Looks at the border with what came before, then at the chunk. Places nearer to the end than any pattern reaches wait for the next chunk.
   */
  #push(chunk: Buffer): void {
    const reach = this.#reach;
    const { length } = this.#tail;
    const border = Buffer.concat([this.#tail, chunk.subarray(0, 2 * reach)]);
    this.#search(border, { from: length - reach, until: Math.min(border.length, length + 2 * reach) - reach });
    if (!this.#done && chunk.length > 2 * reach) this.#search(chunk, { from: reach, until: chunk.length - reach });
    this.#tail = Buffer.from((chunk.length >= 2 * reach ? chunk : border).subarray(-2 * reach));
  }

  #search(bytes: Buffer, { from, until }: Range): void {
    if (until <= from) return;
    let lowest = until;
    for (const { id, evidence, holds } of this.#searches) {
      for (const one of evidence) {
        const found = this.#first(bytes, one, { from, until: lowest });
        if (found === undefined) continue;
        lowest = found.at;
        this.#found = { id, version: found.version };
      }
      if (holds !== undefined && !this.#held.has(id)) this.#hold(bytes, id, holds);
    }
    if (this.#found !== undefined) this.#done = true;
  }

  #hold(bytes: Buffer, id: string, holds: Buffer): void {
    if (bytes.indexOf(holds) >= 0) this.#held.add(id);
    const decided = this.#searches.every((search) => search.evidence.length === 0 && this.#held.has(search.id));
    if (decided) this.#done = true;
  }

  #first(
    bytes: Buffer,
    { anchor, pattern, before, after, packed }: Evidence,
    range: Range,
  ): { readonly at: number; readonly version: string } | undefined {
    const end = Math.min(bytes.length, range.until + anchor.length - 1);
    const within = end < bytes.length ? bytes.subarray(0, end) : bytes;
    for (let at = range.from; this.#attempts < maxAttempts; at++) {
      at = within.indexOf(anchor, at);
      if (at < 0 || at >= range.until) return undefined;
      this.#attempts += 1;
      const text = bytes.toString('latin1', Math.max(0, at - before), at + after);
      const version = pattern.exec(text)?.[1];
      if (version !== undefined) return { at, version: packed ? unpacked(version) : version };
    }
    return undefined;
  }
}

/** `21504` is 2.15.4. */
function unpacked(number: string): string {
  return `${number.slice(0, -4)}.${Number(number.slice(-4, -2))}.${Number(number.slice(-2))}`;
}

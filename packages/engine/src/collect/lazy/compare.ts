// Compares a layer's table of contents with the tar as it is read: a lazy puller would show the table's files, so both have to be the same.
import { createHash, type Hash } from 'node:crypto';
import type { TocChunk, TocEntry, TocKind } from '@plombe/formats';
import { inert, isPlombeError } from '@plombe/kit';
import type { ContentSink, Diagnostic, EntryConsumer, FileHeader } from '@plombe/model';

/** Mismatches that are told one by one. */
const maxTold = 20;
/** Entries that a table may be ahead of the tar by. Both writers keep the order. */
const maxAhead = 100_000;
/** The table itself, in the tar of an eStargz layer. */
const tocName = 'stargz.index.json';

/** Passes every entry on and looks for its like in the table; of files that are read, each chunk's digest too. */
export class TocComparer implements EntryConsumer {
  readonly diagnostics: Diagnostic[] = [];
  readonly #inner: EntryConsumer;
  readonly #kind: TocKind;
  readonly #entries: Iterator<TocEntry>;
  readonly #ahead = new Map<string, TocEntry>();
  #mismatches = 0;
  #ended = false;

  constructor(inner: EntryConsumer, kind: TocKind, entries: Iterator<TocEntry>) {
    this.#inner = inner;
    this.#kind = kind;
    this.#entries = entries;
  }

  entry(header: FileHeader): ContentSink | undefined {
    const sink = this.#inner.entry(header);
    if (this.#kind === 'estargz' && header.path === tocName && header.type === 'file') return sink;
    const listed = this.#take(header);
    if (listed === undefined) this.#tell(header.path, 'is not in the table of contents');
    else if (!isSame(header, listed.header)) this.#tell(header.path, 'is another entry in the table of contents');
    else if (sink !== undefined && header.type === 'file' && header.sizeBytes > 0) {
      return new ChunkSink(sink, listed, () => this.#tell(header.path, 'has other content in the table of contents'));
    }
    return sink;
  }

  /** Call it when the whole layer was read. */
  end(): void {
    const rest = this.#ahead.values().next().value ?? this.#next();
    if (rest !== undefined) this.#tell(rest.header.path, 'is in the table of contents and not in the layer');
    const more = this.#mismatches - maxTold;
    if (more > 0) this.#push(`${more} more entries of the layer differ from its table of contents.`, undefined);
  }

  #take(header: FileHeader): TocEntry | undefined {
    const key = keyOf(header);
    const known = this.#ahead.get(key);
    if (known !== undefined) {
      this.#ahead.delete(key);
      return known;
    }
    while (this.#ahead.size < maxAhead) {
      const next = this.#next();
      if (next === undefined) return undefined;
      const own = keyOf(next.header);
      if (own === key) return next;
      if (this.#ahead.has(own)) this.#tell(next.header.path, 'is in the table of contents twice');
      this.#ahead.set(own, next);
    }
    return undefined;
  }

  #next(): TocEntry | undefined {
    if (this.#ended) return undefined;
    try {
      const next = this.#entries.next();
      if (next.done !== true) return next.value;
    } catch (thrown) {
      if (!isPlombeError(thrown)) throw thrown;
      this.#mismatches += 1;
      this.#push(thrown.message, undefined);
    }
    this.#ended = true;
    return undefined;
  }

  #tell(path: string, what: string): void {
    this.#mismatches += 1;
    if (this.#mismatches <= maxTold)
      this.#push(`${inert(path.slice(0, 200))} ${what}; a lazy puller shows other files than this layer holds.`, path);
  }

  #push(message: string, path: string | undefined): void {
    this.diagnostics.push({
      code: 'archive/toc-mismatch',
      level: 'error',
      message,
      ...(path === undefined ? {} : { path }),
    });
  }
}

/** Whiteouts bear the path of what they hide. Names that are no UTF-8 are mangled in JSON. */
function keyOf({ path, type }: FileHeader): string {
  return `${type === 'whiteout' || type === 'opaque' ? type : ''}\0${path.toWellFormed()}`;
}

function isSame(a: FileHeader, b: FileHeader): boolean {
  const target = (header: FileHeader): string | undefined => header.linkTarget?.toWellFormed();
  return (
    a.type === b.type &&
    a.sizeBytes === b.sizeBytes &&
    target(a) === target(b) &&
    (a.type === 'symlink' || a.mode === b.mode)
  );
}

/** Hashes a file chunk by chunk as the table has it, to the end, however much of it the reader wants. */
class ChunkSink implements ContentSink {
  readonly #sink: ContentSink;
  readonly #entry: TocEntry;
  readonly #differs: () => void;
  readonly #whole: Hash = createHash('sha256');
  #open = true;
  #index = 0;
  #left: number;
  #hash: Hash = createHash('sha256');
  #same = true;

  constructor(sink: ContentSink, entry: TocEntry, differs: () => void) {
    this.#sink = sink;
    this.#entry = entry;
    this.#differs = differs;
    this.#left = entry.chunks[0]?.sizeBytes ?? 0;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#open) this.#open = this.#sink.write(chunk);
    this.#whole.update(chunk);
    for (let at = 0; at < chunk.length && this.#index < this.#entry.chunks.length;) {
      const size = Math.min(this.#left, chunk.length - at);
      this.#hash.update(chunk.subarray(at, at + size));
      at += size;
      this.#left -= size;
      if (this.#left === 0) this.#endChunk();
    }
    return true;
  }

  end(): void {
    this.#sink.end();
    const { digest, chunks } = this.#entry;
    const whole = `sha256:${this.#whole.digest('hex')}`;
    // What neither a digest of the chunk nor one of the file binds could be anything.
    const bound = digest !== undefined || chunks.every((chunk: TocChunk) => chunk.digest !== undefined);
    if (!this.#same || !bound || (digest !== undefined && digest !== whole)) this.#differs();
  }

  #endChunk(): void {
    const { digest } = this.#entry.chunks[this.#index] as TocChunk;
    const found = `sha256:${this.#hash.digest('hex')}`;
    if (digest !== undefined && digest !== found) this.#same = false;
    this.#index += 1;
    this.#hash = createHash('sha256');
    this.#left = this.#entry.chunks[this.#index]?.sizeBytes ?? 0;
  }
}

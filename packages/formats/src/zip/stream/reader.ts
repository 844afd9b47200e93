// A zip archive read as a stream: wanted entries are taken as they pass and believed once the directory at the end confirms them.
import { createHash } from 'node:crypto';
import { decodePath } from '@plombe/kit';
import { maxDepth, maxProblems, ZipBudget } from './budget.ts';
import type { ZipContents, ZipProblem, ZipStreamOptions } from './contents.ts';
import { type Directory, DirectoryTracker, type ListedEntry } from './directory.ts';
import { EntryReader, type EntrySink, KeepSink, type PassedEntry } from './entry.ts';
import type { CentralHeader, EndRecord, LocalHeader } from './records.ts';
import { type ZipEvents, ZipWalker } from './walker.ts';

/**
 * Reads one zip archive and those inside it, nested to depth 8, in one pass. Holds the wanted entries, one window per nesting and nothing of
 * the rest. What it returns is what java.util.zip.ZipFile sees; where other readers would see something else a problem says `ambiguous`.
 */
export class ZipStream {
  readonly #archive: ArchiveReader;
  readonly #budget = new ZipBudget();

  constructor(options: ZipStreamOptions) {
    this.#archive = new ArchiveReader(options, 0, this.#budget);
  }

  write(chunk: Uint8Array): void {
    this.#budget.read(chunk.length);
    this.#archive.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
  }

  /** Ends the archive; call it once. */
  finish(): ZipContents {
    return this.#archive.finish();
  }
}

const maxNameText = 200;
const noDirectory: ZipProblem = {
  kind: 'corrupt',
  what: 'has no central directory at its end; it was read in the order of its entries',
};

class ArchiveReader implements ZipEvents {
  readonly #options: ZipStreamOptions;
  readonly #depth: number;
  readonly #budget: ZipBudget;
  readonly #walker = new ZipWalker(this);
  readonly #directories: DirectoryTracker;
  readonly #sha1 = createHash('sha1');
  readonly #problems: ZipProblem[] = [];
  /** By the position of the local header. */
  readonly #passed = new Map<number, PassedEntry>();
  #entry: EntryReader | undefined;
  #entryAt = 0;
  #sizeBytes = 0;
  #isZip = false;
  #stopped = false;

  constructor(options: ZipStreamOptions, depth: number, budget: ZipBudget) {
    this.#options = options;
    this.#depth = depth;
    this.#budget = budget;
    this.#directories = new DirectoryTracker(() => options.listing?.());
  }

  write(bytes: Buffer): void {
    this.#sizeBytes += bytes.length;
    this.#sha1.update(bytes);
    if (!this.#stopped) this.#walker.write(bytes);
  }

  local(header: LocalHeader, bytes: Buffer, position: number): void {
    this.#isZip = true;
    this.#directories.local();
    const name = decodePath(bytes.subarray(header.nameAt, header.nameAt + header.nameBytes));
    const want = this.#options.wants(name, this.#depth);
    if (want === undefined || this.#passed.size > maxPassed) return;
    const { nameBytes, method, flags } = header;
    const sink = want.kind === 'keep' ? new KeepSink(name, want.maxBytes, this.#budget) : this.#nested(name);
    this.#entry = new EntryReader({ name, nameBytes, method, flags }, sink, this.#budget);
    this.#entryAt = position;
  }

  #nested(name: string): EntrySink {
    const what = `has archives nested more than ${maxDepth} deep, or too many of them, at ${name}`;
    const isTooMuch = this.#depth >= maxDepth || !this.#budget.takeArchive();
    if (isTooMuch) return { write: () => true, end: () => ({ kind: 'limit', what }) };
    const reader = new ArchiveReader(this.#options, this.#depth + 1, this.#budget);
    return {
      write(bytes) {
        reader.write(bytes);
        return true;
      },
      end: () => ({ contents: reader.finish() }),
    };
  }

  data(bytes: Buffer): void {
    this.#entry?.write(bytes);
  }

  dataEnd(compressedBytes: number): void {
    const passed = this.#entry?.end(compressedBytes);
    this.#entry = undefined;
    if (passed !== undefined) this.#passed.set(this.#entryAt, passed);
  }

  central(header: CentralHeader, bytes: Buffer, position: number): void {
    this.#isZip = true;
    const run = this.#directories.central(header, position);
    if (!this.#budget.takeEntry()) {
      this.#tell({ kind: 'limit', what: 'has more entries than the limit' });
      this.#stopped = true;
    }
    const name = decodePath(bytes.subarray(header.nameAt, header.nameAt + header.nameBytes));
    run.listing?.add(name);
    if (this.#options.wants(name, this.#depth) !== undefined && run.wanted.length <= maxPassed)
      run.wanted.push({ ...header, name });
  }

  end64(record: EndRecord, position: number): void {
    this.#directories.end64(record, position);
  }

  end(record: EndRecord, position: number): void {
    this.#isZip = true;
    this.#directories.end(record, position);
  }

  finish(): ZipContents {
    if (!this.#stopped) this.#walker.end();
    this.#entry?.abandon();
    const directory = this.#stopped ? undefined : this.#directories.finish(this.#sizeBytes);
    const believed = directory === undefined ? [...this.#passed.values()] : this.#confirmed(directory);
    if (directory === undefined && this.#isZip && !this.#stopped) this.#tell(noDirectory);
    const files = new Map<string, Uint8Array>();
    const archives = new Map<string, ZipContents>();
    for (const { name, found } of believed) {
      if ('kind' in found) this.#tell(found);
      else if ('content' in found) this.#put(files, name, found.content, (a, b) => Buffer.compare(a, b) === 0);
      else this.#put(archives, name, found.contents, (a, b) => a.sha1 === b.sha1);
    }
    return {
      sizeBytes: this.#sizeBytes,
      sha1: this.#sha1.digest('hex'),
      isZip: this.#isZip,
      hasDirectory: directory !== undefined,
      entries: directory?.run?.count ?? 0,
      files: Array.from(files, ([name, content]) => ({ name, content })),
      archives: Array.from(archives, ([name, contents]) => ({ name, contents })),
      listing: directory?.run?.listing?.texts() ?? [],
      problems: this.#problems,
    };
  }

  #put<T>(map: Map<string, T>, name: string, value: T, isSame: (a: T, b: T) => boolean): void {
    const before = map.get(name);
    if (before !== undefined && !isSame(before, value))
      this.#tell({ kind: 'ambiguous', what: `has two entries of one name, ${name}` });
    map.set(name, value);
  }

  /** The entries that the directory lists and that passed just as it says. */
  #confirmed({ run, base, problems }: Directory): PassedEntry[] {
    for (const problem of problems) this.#tell(problem);
    const confirmed: PassedEntry[] = [];
    for (const listed of run?.wanted ?? []) {
      const passed = this.#passed.get(base + listed.offset);
      if (passed === undefined || !isAsListed(passed, listed)) {
        this.#tell({ kind: 'ambiguous', what: `has a directory that contradicts its entries, at ${listed.name}` });
      } else {
        if (!('kind' in passed.found) && (passed.crc32 !== listed.crc32 || passed.sizeBytes !== listed.sizeBytes)) {
          this.#tell({ kind: 'corrupt', what: `has an entry whose check sum is wrong, ${listed.name}` });
        }
        confirmed.push(passed);
      }
    }
    if ((run?.wanted.length ?? 0) > maxPassed)
      this.#tell({ kind: 'limit', what: 'has more archives or packages inside than the limit' });
    return confirmed;
  }

  #tell({ kind, what }: ZipProblem): void {
    if (this.#problems.length < maxProblems) this.#problems.push({ kind, what: what.slice(0, maxNameText) });
  }
}

/** Wanted entries of one archive; a product that unpacks 3,000 jars is the largest known to us. */
const maxPassed = 50_000;

function isAsListed(passed: PassedEntry, listed: ListedEntry): boolean {
  return (
    passed.name === listed.name &&
    passed.nameBytes === listed.nameBytes &&
    passed.method === listed.method &&
    passed.compressedBytes === listed.compressedBytes
  );
}

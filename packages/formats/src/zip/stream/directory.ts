// Which central directory counts, and which of its entries are wanted: decided once the archive has ended (APPNOTE 6.3.10, 4.3.12–16).
import type { ZipListing, ZipProblem } from './contents.ts';
import type { CentralHeader, EndRecord } from './records.ts';

/** A wanted entry of a directory. */
export interface ListedEntry extends CentralHeader {
  readonly name: string;
}

/** Directory headers that follow one another. */
export interface DirectoryRun {
  readonly start: number;
  end: number;
  count: number;
  readonly wanted: ListedEntry[];
  readonly listing: ZipListing | undefined;
}

interface End {
  readonly record: EndRecord;
  readonly position: number;
  readonly run: DirectoryRun | undefined;
  readonly end64: { readonly record: EndRecord; readonly position: number } | undefined;
}

/** The directory that counts; offsets of its entries are relative to `base`. */
export interface Directory {
  readonly run: DirectoryRun | undefined;
  readonly base: number;
  readonly problems: readonly ZipProblem[];
}

const endBytes = 22;
/** More ends than this are in no archive that tells which one counts. */
const maxClaims = 1000;

/** Collects directories and ends as they come by. Between records only, so that what is inside an entry's data does not count. */
export class DirectoryTracker {
  readonly #listing: () => ZipListing | undefined;
  #run: DirectoryRun | undefined;
  #end64: End['end64'];
  #last: End | undefined;
  /** Where the comments of earlier ends stop. */
  readonly #claims = new Set<number>();
  #recordsAfterEnd = false;
  #isTwice = false;

  constructor(listing: () => ZipListing | undefined) {
    this.#listing = listing;
  }

  /** Returns the run that the header at `position` belongs to. */
  central(header: CentralHeader, position: number): DirectoryRun {
    if (this.#run === undefined || this.#run.end !== position) {
      this.#run = { start: position, end: position, count: 0, wanted: [], listing: this.#listing() };
    }
    this.#run.end += header.headerBytes;
    this.#run.count += 1;
    this.#recordsAfterEnd = true;
    return this.#run;
  }

  local(): void {
    this.#recordsAfterEnd = true;
  }

  end64(record: EndRecord, position: number): void {
    this.#end64 = { record, position };
  }

  end(record: EndRecord, position: number): void {
    const before = this.#last;
    if (before !== undefined) {
      if (this.#claims.size < maxClaims) this.#claims.add(before.position + endBytes + before.record.commentBytes);
      this.#isTwice = !this.#recordsAfterEnd;
    }
    this.#last = { record, position, run: this.#run, end64: this.#end64 };
    this.#recordsAfterEnd = false;
    this.#end64 = undefined;
  }

  /** Returns the directory that the last end record names, undefined where it names none. `sizeBytes` is the archive's length. */
  finish(sizeBytes: number): Directory | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    const problems: ZipProblem[] = [];
    if (this.#isTwice || this.#claims.has(sizeBytes))
      problems.push({ kind: 'ambiguous', what: 'has two ends of central directory' });
    // With bytes behind the last end, readers differ in which end they take.
    const isExact = last.position + endBytes + last.record.commentBytes === sizeBytes;
    if (!isExact && (this.#recordsAfterEnd || this.#claims.size > 0)) {
      problems.push({ kind: 'ambiguous', what: 'goes on behind its end' });
    }
    const is64 = last.end64 !== undefined && agrees(last.record, last.end64.record);
    const record = is64 ? (last.end64?.record as EndRecord) : last.record;
    const directoryEnd = is64 ? (last.end64?.position as number) : last.position;
    const start = directoryEnd - record.directoryBytes;
    const base = start - record.directoryOffset;
    if (base < 0) return undefined;
    if (record.directoryBytes === 0) return { run: undefined, base, problems };
    const { run } = last;
    if (run === undefined || run.end !== directoryEnd) return undefined;
    if (run.start !== start) problems.push({ kind: 'ambiguous', what: 'has two central directories' });
    // Archives of before zip64 count modulo 65,536.
    if ((run.count & 0xffff) !== (record.count & 0xffff)) {
      problems.push({ kind: 'ambiguous', what: `has ${run.count} entries where it states ${record.count}` });
    }
    return { run, base, problems };
  }
}

function agrees(plain: EndRecord, wide: EndRecord): boolean {
  return (
    (plain.count === wide.count || plain.count === 0xffff) &&
    (plain.directoryBytes === wide.directoryBytes || plain.directoryBytes === 0xffffffff) &&
    (plain.directoryOffset === wide.directoryOffset || plain.directoryOffset === 0xffffffff)
  );
}

// A table of contents that can be gone by: every entry exact, no path twice, and where each chunk ends in the blob.
import { tocEntries, type TocChunk, type TocDocument, type TocEntry, type TocKind } from '@plombe/formats';
import { PlombeError, inert, type LayerLimits } from '@plombe/kit';
import { hashPath, hasHash, PathSetBuilder } from '../path-set.ts';

/** Stored bytes of one chunk: `at` up to `end`. */
export interface Region {
  readonly at: number;
  readonly end: number;
}

export class TocTable {
  readonly kind: TocKind;
  readonly #document: TocDocument;
  readonly #limits: LayerLimits;
  /** Where chunks begin, sorted. */
  readonly #starts: Float64Array;

  /** Goes over the whole table once. Throws `archive/…` where it is not exact or can be understood in two ways. */
  constructor(kind: TocKind, document: TocDocument, limits: LayerLimits) {
    this.kind = kind;
    this.#document = document;
    this.#limits = limits;
    const paths = new PathSetBuilder();
    const files = new PathSetBuilder();
    const starts: number[] = [];
    for (const { header, chunks } of this.entries()) {
      const mark = header.type === 'whiteout' ? '\0w' : header.type === 'opaque' ? '\0o' : '';
      paths.add(header.path + mark);
      if (mark === '' && header.type !== 'directory') files.add(header.path);
      for (const chunk of chunks) if (!chunk.zeros) starts.push(chunk.storedAt);
    }
    this.#starts = Float64Array.from(starts).sort();
    // Two hashes that are the same by chance only cost a read of the whole layer.
    const all = paths.finish();
    for (let i = 1; i < all.length; i++) if (all[i] === all[i - 1]) throw ambiguous('names a path twice');
    const nonDirectories = files.finish();
    for (const { header, chunks } of this.entries()) {
      const slash = header.path.lastIndexOf('/');
      if (slash > 0 && hasHash(nonDirectories, hashPath(header.path.slice(0, slash)))) {
        throw ambiguous(`has ${inert(header.path.slice(0, 200))} below something that is no directory`);
      }
      for (const chunk of chunks) if (!chunk.zeros) this.region(chunk);
    }
  }

  entries(): Generator<TocEntry> {
    return tocEntries(this.#document.bytes, this.#limits);
  }

  /** Where the compressed bytes of a chunk lie. Throws `archive/corrupt` where they are not before the table or run into another chunk. */
  region({ storedAt: at, storedEnd }: TocChunk): Region {
    const starts = this.#starts;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    const next = Math.min(starts[low] ?? Number.POSITIVE_INFINITY, this.#document.storedAt);
    const end = storedEnd ?? next;
    if (at >= end || end > next) throw ambiguous('has chunks that overlap or lie outside the layer');
    return { at, end };
  }
}

function ambiguous(what: string): PlombeError {
  return new PlombeError('archive/corrupt', `The table of contents of the layer ${what}.`);
}

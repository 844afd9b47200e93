// Finding the map of a sparse file: in the header, in blocks after it, in PAX records or before the data.
import type { Extended } from './extended.ts';
import { blockBytes, parseNumber } from './header.ts';
import { maxSparsePairs, readOldPairs, SparsePrefix } from './sparse.ts';

/** A sparse entry as its headers announce it. `realBytes` is undefined where the size is no number. */
export interface SparseStart {
  readonly kind: 'old' | 'listed' | 'prefix';
  readonly realBytes: number | undefined;
  readonly map: readonly number[];
}

/** Tells whether an entry is sparse: GNU type `S`, or PAX records of format 0.0, 0.1 or 1.0 (GNU tar manual, "Sparse Formats"). */
export function sparseOf(
  block: Buffer,
  offset: number,
  flag: number,
  extended: Extended | undefined,
): SparseStart | undefined {
  if (flag === 0x53) return { kind: 'old', realBytes: parseNumber(block, offset + 483, 12), map: [] };
  const records = extended?.sparse;
  if (records === undefined) return undefined;
  if (records.major === 1 && (records.minor ?? 0) === 0)
    return { kind: 'prefix', realBytes: records.realBytes, map: [] };
  return (records.major ?? 0) === 0
    ? { kind: 'listed', realBytes: records.realBytes, map: records.map ?? [] }
    : undefined;
}

/** Collects one map block by block. `readBlock` answers `more` while it wants another block. */
export class SparseReader {
  readonly map: number[];
  /** Blocks taken from the entry's own data. */
  dataBlocks = 0;
  readonly #prefix: SparsePrefix | undefined;

  constructor(start: SparseStart) {
    this.map = [...start.map];
    this.#prefix = start.kind === 'prefix' ? new SparsePrefix() : undefined;
  }

  /** Reads what the header block itself holds. */
  readHeader(start: SparseStart, block: Buffer, offset: number): 'more' | 'done' | 'invalid' {
    if (start.kind === 'prefix') return 'more';
    if (start.kind === 'listed') return this.map.length <= maxSparsePairs * 2 ? 'done' : 'invalid';
    if (!readOldPairs(block, offset + 386, 4, this.map)) return 'invalid';
    return block[offset + 482] === 0 ? 'done' : 'more';
  }

  readBlock(block: Buffer, offset: number, dataLeft: number): 'more' | 'done' | 'invalid' {
    if (this.#prefix === undefined) {
      if (this.map.length > maxSparsePairs * 2 || !readOldPairs(block, offset, 21, this.map)) return 'invalid';
      return block[offset + 504] === 0 ? 'done' : 'more';
    }
    if (dataLeft < blockBytes) return 'invalid';
    this.dataBlocks += 1;
    const verdict = this.#prefix.readBlock(block, offset);
    if (verdict === 'done') for (const value of this.#prefix.map) this.map.push(value);
    return verdict;
  }
}

// Sparse files: their maps in GNU's four spellings, and the expansion of what is stored to what the file holds.
import { gibibyte, kibibyte } from '@plombe/kit';
import type { ContentSink } from '@plombe/model';
import { decimal } from './extended.ts';
import { blockBytes, parseNumber } from './header.ts';

/** Stored pieces of a sparse file, offset and length in turn; sound: ascending, apart, inside the file. */
export type SparseMap = readonly number[];

/** Pairs in one map: GNU tar writes one per 512 bytes of data at worst, and real files have a few hundred. */
export const maxSparsePairs = 65_536;
/** Zero bytes made up for the holes of one layer: more than any package database, and a second of work. */
export const maxHoleBytes = gibibyte;

/** True where the map is in order, does not overlap, ends in the file, and its pieces add up to the bytes stored. */
export function isSound(map: SparseMap, realBytes: number, storedBytes: number): boolean {
  let end = 0;
  let stored = 0;
  for (let i = 0; i + 1 < map.length; i += 2) {
    const offset = map[i] as number;
    const length = map[i + 1] as number;
    if (offset < end || length < 0 || offset + length > realBytes) return false;
    end = offset + length;
    stored += length;
  }
  return map.length % 2 === 0 && stored === storedBytes && Number.isSafeInteger(realBytes);
}

/** Reads pairs from an old GNU sparse header (`count` of 4) or extension block (21); answers false where a number is none. */
export function readOldPairs(block: Buffer, offset: number, count: number, into: number[]): boolean {
  for (let i = 0; i < count; i++) {
    const at = offset + i * 24;
    if (block[at] === 0 && block[at + 12] === 0) break;
    const start = parseNumber(block, at, 12);
    const length = parseNumber(block, at + 12, 12);
    if (start === undefined || length === undefined) return false;
    into.push(start, length);
  }
  return true;
}

/** The map of format 1.0, which comes before the data: decimal lines, a count and then pairs, padded to whole blocks. */
export class SparsePrefix {
  readonly map: number[] = [];
  #line = '';
  #left: number | undefined;

  /** Takes one block: `more` wanted, `done`, or `invalid`. */
  readBlock(block: Buffer, offset: number): 'more' | 'done' | 'invalid' {
    for (let i = offset; i < offset + blockBytes; i++) {
      const byte = block[i] as number;
      if (byte !== 0x0a) {
        if (this.#line.length > 16) return 'invalid';
        this.#line += String.fromCharCode(byte);
        continue;
      }
      const value = decimal(this.#line);
      if (value === undefined) return 'invalid';
      this.#line = '';
      if (this.#left === undefined) {
        if (value > maxSparsePairs) return 'invalid';
        this.#left = value * 2;
      } else {
        this.map.push(value);
        this.#left -= 1;
      }
      if (this.#left === 0) return 'done';
    }
    return 'more';
  }
}

const zeros = new Uint8Array(64 * kibibyte);

/** How many zero bytes may still be made up; shared by the files of one layer. */
export interface HoleBudget {
  left: number;
  onExhausted(): void;
}

/** Wraps a sink so that it receives the file as it is, holes as zeros, while being written what is stored. */
export function expandSparse(sink: ContentSink, map: SparseMap, realBytes: number, budget: HoleBudget): ContentSink {
  let piece = 0;
  let position = 0;
  let open = true;

  function fillTo(offset: number): void {
    while (open && position < offset) {
      const size = Math.min(zeros.length, offset - position, budget.left);
      if (size === 0) {
        open = false;
        budget.onExhausted();
        return;
      }
      budget.left -= size;
      position += size;
      open = sink.write(zeros.subarray(0, size));
    }
  }

  return {
    write(chunk) {
      for (let used = 0; open && used < chunk.length && piece < map.length;) {
        const start = map[piece] as number;
        const stop = start + (map[piece + 1] as number);
        if (position >= stop) {
          piece += 2;
          continue;
        }
        fillTo(start);
        if (!open) break;
        const size = Math.min(stop - position, chunk.length - used);
        open = sink.write(chunk.subarray(used, used + size));
        used += size;
        position += size;
      }
      return open;
    },
    end() {
      fillTo(realBytes);
      sink.end();
    },
  };
}

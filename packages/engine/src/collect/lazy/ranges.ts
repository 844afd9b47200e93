// Ranges of a blob on their way: a few are asked for ahead of the reader, and let go of behind it.
import { PlombeError } from '@plombe/kit';
import type { RangeReader } from '@plombe/formats';
import type { Region } from './table.ts';

/** Requests under way at a time; their answers are what is held in memory. */
const ahead = 4;
/** Files that no plan knew of: targets of hard links that only the links make interesting. */
const maxUnplanned = 200;

/** Gives the stored bytes of chunks. Reads each planned range once as long as chunks are asked for in the order of the blob. */
export class PlannedRanges {
  readonly #read: RangeReader;
  readonly #ranges: readonly Region[];
  readonly #under = new Map<number, Promise<Uint8Array>>();
  readonly #onRead: (bytes: number) => void;
  #unplanned = 0;

  constructor(read: RangeReader, ranges: readonly Region[], onRead: (bytes: number) => void) {
    this.#read = read;
    this.#ranges = ranges;
    this.#onRead = onRead;
  }

  /** Throws what the source throws, and `archive/limit` where too much was not planned. */
  async get({ at, end }: Region): Promise<Uint8Array> {
    const index = this.#find(at, end);
    if (index === undefined) {
      this.#unplanned += 1;
      if (this.#unplanned > maxUnplanned)
        throw new PlombeError('archive/limit', 'Too many files are only reached through hard links.');
      return this.#fetch(at, end);
    }
    for (let next = index; next < Math.min(index + ahead, this.#ranges.length); next++) void this.#start(next);
    const bytes = await this.#start(index);
    for (const known of this.#under.keys()) if (known < index) this.#under.delete(known);
    const from = (this.#ranges[index] as Region).at;
    return bytes.subarray(at - from, end - from);
  }

  #start(index: number): Promise<Uint8Array> {
    const known = this.#under.get(index);
    if (known !== undefined) return known;
    const { at, end } = this.#ranges[index] as Region;
    const reading = this.#fetch(at, end);
    // One that is read ahead and fails is told to who asks for it.
    reading.catch(() => undefined);
    this.#under.set(index, reading);
    return reading;
  }

  async #fetch(at: number, end: number): Promise<Uint8Array> {
    const bytes = await this.#read(at, end - at);
    if (bytes.length !== end - at)
      throw new PlombeError('registry/invalid-answer', 'A range of the layer came with another length.');
    this.#onRead(bytes.length);
    return bytes;
  }

  #find(at: number, end: number): number | undefined {
    let low = 0;
    let high = this.#ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const range = this.#ranges[middle] as Region;
      if (at < range.at) high = middle - 1;
      else if (at >= range.end) low = middle + 1;
      else return end <= range.end ? middle : undefined;
    }
    return undefined;
  }
}

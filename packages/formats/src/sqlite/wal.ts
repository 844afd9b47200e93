// SQLite's write-ahead log: which pages it replaces, once its checksums and salts have been checked.
import type { ProblemSink } from '../problem.ts';

const magic = 0x377f0682;
const headerBytes = 32;
const frameHeaderBytes = 24;

/** The committed state that a log holds over its database. */
export interface WriteAheadLog {
  readonly pageBytes: number;
  /** Pages of the database after the last commit. */
  readonly pageCount: number;
  /** Page number → offset of its newest committed content in the log. */
  readonly offsets: ReadonlyMap<number, number>;
}

/**
 * Parses a log (SQLite file format, section 4). Frames count up to the last commit before the first one whose salt or checksum is
 * wrong, as SQLite itself recovers them. Undefined where that leaves none. A frame of this use of the log with a wrong checksum is told:
 * SQLite passes over it, and over the packages in it. Frames with other salts are left from an earlier use.
 */
export function parseWal(bytes: Uint8Array, onProblem: ProblemSink): WriteAheadLog | undefined {
  if (bytes.length === 0) return undefined;
  const damaged = (): undefined => onProblem('the write-ahead log is damaged');
  if (bytes.length < headerBytes) return damaged();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = view.getUint32(0);
  const pageBytes = view.getUint32(8);
  if ((word & ~1) >>> 0 !== magic || !isPageSize(pageBytes)) return damaged();
  const checksum = new Checksum(view, (word & 1) === 0);
  checksum.add(0, 24);
  if (!checksum.isAt(24)) return damaged();
  const committed = new Map<number, number>();
  let pending: [number, number][] = [];
  let pageCount = 0;
  const frameBytes = frameHeaderBytes + pageBytes;
  for (let at = headerBytes; at + frameHeaderBytes <= bytes.length; at += frameBytes) {
    if (view.getUint32(at + 8) !== view.getUint32(16) || view.getUint32(at + 12) !== view.getUint32(20)) break;
    if (at + frameBytes > bytes.length) {
      damaged();
      break;
    }
    checksum.add(at, 8);
    checksum.add(at + frameHeaderBytes, pageBytes);
    if (!checksum.isAt(at + 16)) {
      damaged();
      break;
    }
    pending.push([view.getUint32(at), at + frameHeaderBytes]);
    const commit = view.getUint32(at + 4);
    if (commit === 0) continue;
    for (const [number, offset] of pending) committed.set(number, offset);
    pending = [];
    pageCount = commit;
  }
  return committed.size === 0 ? undefined : { pageBytes, pageCount, offsets: committed };
}

/** True for a power of two from 512 to 65,536, the page sizes that SQLite has. */
export function isPageSize(bytes: number): boolean {
  return bytes >= 512 && bytes <= 65_536 && (bytes & (bytes - 1)) === 0;
}

class Checksum {
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(view: DataView, littleEndian: boolean) {
    this.#view = view;
    this.#littleEndian = littleEndian;
  }

  add(start: number, length: number): void {
    let first = this.#first;
    let second = this.#second;
    for (let at = start; at < start + length; at += 8) {
      first = (first + this.#view.getUint32(at, this.#littleEndian) + second) | 0;
      second = (second + this.#view.getUint32(at + 4, this.#littleEndian) + first) | 0;
    }
    this.#first = first;
    this.#second = second;
  }

  isAt(offset: number): boolean {
    return this.#view.getInt32(offset) === this.#first && this.#view.getInt32(offset + 4) === this.#second;
  }
}

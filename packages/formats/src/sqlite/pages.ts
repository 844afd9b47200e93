// The pages of a SQLite database as its last commit left them, in the file or in its log.
import type { ProblemSink } from '../problem.ts';
import { isPageSize, parseWal } from './wal.ts';

const headerBytes = 100;
const signature = 'SQLite format 3\0';

/** The least that SQLite leaves of a page besides the reserved end. */
const minUsableBytes = 480;

/** Pages by number, from 1. A page can be taken once: in a sound file it has one place, so cycles and sharing end here. */
export interface SqlitePages {
  /** Bytes of a page without its reserved end, which is what content may use. */
  readonly usableBytes: number;
  /** The page, or undefined where it is outside the database or has been taken before. */
  take(number: number): Uint8Array | undefined;
}

/** True where the bytes begin as SQLite's files do. */
export function isSqlite(bytes: Uint8Array): boolean {
  return (
    bytes.length >= headerBytes && Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('latin1') === signature
  );
}

/**
 * Opens a database file with the log beside it (SQLite file format, sections 1.3 and 4). Undefined, and told, where the two do not
 * make a database in UTF-8.
 */
export function openPages(file: Uint8Array, log: Uint8Array, onProblem: ProblemSink): SqlitePages | undefined {
  const wal = parseWal(log, onProblem);
  const firstAt = wal?.offsets.get(1);
  const first = firstAt === undefined ? file : log.subarray(firstAt);
  if (!isSqlite(first)) return onProblem('the file is not a SQLite database');
  const view = new DataView(first.buffer, first.byteOffset, headerBytes);
  const stated = view.getUint16(16);
  const pageBytes = stated === 1 ? 65_536 : stated;
  const usableBytes = pageBytes - view.getUint8(20);
  if (!isPageSize(pageBytes) || usableBytes < minUsableBytes) return onProblem('the page size is not valid');
  if (view.getUint32(56) > 1) return onProblem('the text encoding is not UTF-8');
  if (wal !== undefined && wal.pageBytes !== pageBytes) {
    return onProblem('the write-ahead log has another page size than the database');
  }
  const filePages = Math.floor(file.length / pageBytes);
  const statedPages = view.getUint32(24) === view.getUint32(92) ? view.getUint32(28) : filePages;
  const pageCount = wal?.pageCount ?? statedPages;
  if (wal === undefined && pageCount > filePages) onProblem('the file is cut short');
  const taken = new Set<number>();
  return {
    usableBytes,
    take(number) {
      if (number < 1 || number > pageCount || taken.has(number)) return undefined;
      const offset = wal?.offsets.get(number);
      if (offset === undefined && number > filePages) return undefined;
      taken.add(number);
      const start = offset ?? (number - 1) * pageBytes;
      return (offset === undefined ? file : log).subarray(start, start + usableBytes);
    },
  };
}

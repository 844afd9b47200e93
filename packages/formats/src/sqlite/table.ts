// The rows of one table of a SQLite database, walked over its pages in memory: nothing is executed, opened or written.
import type { ProblemSink } from '../problem.ts';
import { addsUp, inlineBytes } from './page-space.ts';
import { openPages, type SqlitePages } from './pages.ts';
import { parseRecord, readVarint, type SqliteValue } from './record.ts';

export interface SqliteRow {
  readonly rowid: number;
  readonly values: readonly SqliteValue[];
}

export interface SqliteOptions {
  /** The write-ahead log (`…-wal`); frames it has committed replace pages of the file. */
  readonly wal?: Uint8Array;
  /** Told a sentence for each thing that could not be read; called while the rows are iterated. */
  readonly onProblem: ProblemSink;
}

const interiorTablePage = 0x05;
const leafTablePage = 0x0d;

/** Page 1 begins with the file's header. */
const firstPageOffset = 100;

/** SQLite's own `BTCURSOR_MAX_DEPTH`. */
const maxDepth = 20;

/**
 * Yields the rows of an ordinary table in the order of their rowid. Never throws on any bytes; views, virtual tables, triggers and
 * indexes are never looked at (T14). Each page is read at most once.
 */
export function* readSqliteTable(bytes: Uint8Array, table: string, options: SqliteOptions): Iterable<SqliteRow> {
  const { onProblem, wal = new Uint8Array(0) } = options;
  const pages = openPages(bytes, wal, onProblem);
  if (pages === undefined) return;
  const root = findRoot(pages, table, onProblem);
  if (root === undefined) return onProblem(`there is no table ${table}`);
  let last = Number.NEGATIVE_INFINITY;
  for (const row of walk(pages, root, 0, onProblem)) {
    if (row.rowid <= last) onProblem('the rows are not in order');
    // Negative ones come first and look huge and inexact here.
    last = Number.isSafeInteger(row.rowid) ? row.rowid : Number.NEGATIVE_INFINITY;
    yield row;
  }
}

function findRoot(pages: SqlitePages, table: string, onProblem: ProblemSink): number | undefined {
  let root: number | undefined;
  for (const { values } of walk(pages, 1, 0, onProblem)) {
    const [type, name, , page] = values;
    if (type === 'table' && name === table && typeof page === 'number' && page > 1) root ??= page;
  }
  return root;
}

function* walk(pages: SqlitePages, number: number, depth: number, onProblem: ProblemSink): Iterable<SqliteRow> {
  const page = depth > maxDepth ? undefined : pages.take(number);
  if (page === undefined) return onProblem('a page is missing, shared or nested too deep');
  const start = number === 1 ? firstPageOffset : 0;
  const type = page[start];
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  const cellCount = view.getUint16(start + 3);
  const pointers = start + (type === interiorTablePage ? 12 : 8);
  const isTable = type === interiorTablePage || type === leafTablePage;
  if (!isTable || pointers + cellCount * 2 > page.length) return onProblem('a page is not one of a table');
  const cells = Array.from({ length: cellCount }, (_, i) => view.getUint16(pointers + i * 2));
  if (!addsUp({ bytes: page, start, isLeaf: type === leafTablePage, cells })) {
    onProblem('the content of a page does not add up');
  }
  for (const at of cells) {
    if (type === leafTablePage) {
      const row = readCell(pages, page, at, onProblem);
      if (row !== undefined) yield row;
    } else if (at + 4 <= page.length) {
      yield* walk(pages, view.getUint32(at), depth + 1, onProblem);
    } else {
      onProblem('a cell lies outside its page');
    }
  }
  if (type === interiorTablePage) yield* walk(pages, view.getUint32(start + 8), depth + 1, onProblem);
}

function readCell(pages: SqlitePages, page: Uint8Array, at: number, onProblem: ProblemSink): SqliteRow | undefined {
  const size = readVarint(page, at);
  const rowid = size && readVarint(page, size.next);
  if (size === undefined || rowid === undefined) return onProblem('a cell lies outside its page');
  const payload = readPayload(pages, page, { at: rowid.next, size: size.value }, onProblem);
  const values = payload && parseRecord(payload);
  if (values === undefined) return onProblem('a row is not valid');
  return { rowid: rowid.value, values };
}

function readPayload(
  pages: SqlitePages,
  page: Uint8Array,
  { at, size }: { readonly at: number; readonly size: number },
  onProblem: ProblemSink,
): Uint8Array | undefined {
  const inline = inlineBytes(size, pages.usableBytes);
  if (at + inline > page.length) return undefined;
  if (inline === size) return page.subarray(at, at + size);
  if (at + inline + 4 > page.length) return undefined;
  const parts = [page.subarray(at, at + inline)];
  let missing = size - inline;
  let next = readUint32(page, at + inline);
  while (missing > 0) {
    const overflow = pages.take(next);
    if (overflow === undefined) {
      onProblem('the pages of a row do not form a chain');
      break;
    }
    parts.push(overflow.subarray(4, Math.min(overflow.length, 4 + missing)));
    missing -= overflow.length - 4;
    next = readUint32(overflow, 0);
  }
  return Buffer.concat(parts);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}

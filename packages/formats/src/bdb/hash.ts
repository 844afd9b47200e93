// Berkeley DB hash tables, as rpm kept its `Packages` in until 2021.
import type { ProblemSink } from '../problem.ts';

const metaMagic = 0x00061561;
const metaType = 8;
const pageHeaderBytes = 26;
const hashUnsortedPage = 2;
const hashPage = 13;
const overflowPage = 7;
const freePage = 0;
const inlineItem = 1;
const offPageItem = 3;
const minPageBytes = 512;
const maxPageBytes = 65_536;

interface HashFile {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly littleEndian: boolean;
  readonly pageBytes: number;
  readonly pageCount: number;
  /** 1 for an overflow page that has been read: it belongs to one value only, which also ends cycles. */
  readonly visited: Uint8Array;
  readonly onProblem: ProblemSink;
}

/**
 * Yields the value of each entry except key 0, which is rpm's counter, in page order. Layout: Berkeley DB's `dbinc/db_page.h`, both
 * byte orders. What cannot be read is told; a value whose chain of pages breaks is yielded as far as it goes. Pages that no entry leads
 * to are told too: what led there is gone, and a package with it.
 */
export function* readHashValues(bytes: Uint8Array, onProblem: ProblemSink): Iterable<Uint8Array> {
  const file = openHash(bytes, onProblem);
  if (file === undefined) return;
  for (let number = 1; number < file.pageCount; number++) {
    const start = number * file.pageBytes;
    const type = bytes[start + 25];
    if (type === freePage) continue;
    if (file.view.getUint32(start + 8, file.littleEndian) !== number) onProblem('a page has the number of another');
    if (type === hashPage || type === hashUnsortedPage) yield* pageValues(file, start);
    else if (type !== overflowPage) onProblem('a page has a type that rpm does not write');
  }
  for (let number = 1; number < file.pageCount; number++) {
    const isOverflow = bytes[number * file.pageBytes + 25] === overflowPage;
    if (isOverflow && file.visited[number] === 0) onProblem('a page belongs to no package');
  }
}

function openHash(bytes: Uint8Array, onProblem: ProblemSink): HashFile | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < minPageBytes) return onProblem('the first page is cut short');
  const littleEndian = view.getUint32(12, true) === metaMagic;
  const pageBytes = view.getUint32(20, littleEndian);
  const isPowerOfTwo = (pageBytes & (pageBytes - 1)) === 0;
  if (bytes[25] !== metaType || !isPowerOfTwo || pageBytes < minPageBytes || pageBytes > maxPageBytes) {
    return onProblem('the first page does not describe a hash table');
  }
  if (bytes[24] !== 0) return onProblem('the database is encrypted');
  const pageCount = Math.floor(bytes.length / pageBytes);
  if (view.getUint32(32, littleEndian) >= pageCount) onProblem('the file is cut short');
  else if (bytes.length % pageBytes !== 0) onProblem('the file does not consist of whole pages');
  return { bytes, view, littleEndian, pageBytes, pageCount, visited: new Uint8Array(pageCount), onProblem };
}

function* pageValues(file: HashFile, start: number): Iterable<Uint8Array> {
  const { bytes, view, littleEndian, pageBytes, onProblem } = file;
  const entries = view.getUint16(start + 20, littleEndian);
  if (pageHeaderBytes + entries * 2 > pageBytes || entries % 2 !== 0) return onProblem('a hash page is corrupt');
  const offsetOf = (i: number): number => view.getUint16(start + pageHeaderBytes + i * 2, littleEndian);
  let end = pageBytes;
  for (let i = 0; i < entries; i += 2) {
    const keyAt = offsetOf(i);
    const valueAt = offsetOf(i + 1);
    if (keyAt >= end || valueAt >= keyAt || valueAt < pageHeaderBytes + entries * 2) {
      return onProblem('the entries of a hash page overlap');
    }
    end = valueAt;
    const isCounter = keyAt + 5 <= pageBytes && view.getUint32(start + keyAt + 1, littleEndian) === 0;
    if (isCounter) continue;
    const type = bytes[start + valueAt];
    if (type === inlineItem) yield bytes.subarray(start + valueAt + 1, start + keyAt);
    else if (type === offPageItem && valueAt + 12 <= keyAt) yield overflowValue(file, start + valueAt);
    else onProblem('a hash entry has a type that rpm does not write');
  }
}

function overflowValue(file: HashFile, itemAt: number): Uint8Array {
  const { bytes, view, littleEndian, pageBytes, pageCount, visited, onProblem } = file;
  let number = view.getUint32(itemAt + 4, littleEndian);
  let missing = view.getUint32(itemAt + 8, littleEndian);
  const parts: Uint8Array[] = [];
  while (missing > 0) {
    const start = number * pageBytes;
    if (number === 0 || number >= pageCount || visited[number] === 1 || bytes[start + 25] !== overflowPage) {
      onProblem('the pages of a value do not form a chain');
      break;
    }
    visited[number] = 1;
    const used = Math.min(view.getUint16(start + 22, littleEndian), pageBytes - pageHeaderBytes, missing);
    parts.push(bytes.subarray(start + pageHeaderBytes, start + pageHeaderBytes + used));
    missing -= used;
    number = view.getUint32(start + 16, littleEndian);
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}

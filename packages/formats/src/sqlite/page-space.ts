// Whether the cells of a SQLite page are all of it: a page whose count of cells was cut leaves bytes that nothing owns.
import { readVarint } from './record.ts';

/** SQLite gives no cell and no free block less. */
const minCellBytes = 4;

/** Of one page of a table: the number of bytes that content may use, where its header begins, and where its cells do. */
export interface TablePage {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly isLeaf: boolean;
  readonly cells: readonly number[];
}

/**
 * True where cells, free blocks and fragments fill the page from where its header says that content begins, as SQLite's own
 * integrity check wants it (SQLite file format, section 1.6).
 */
export function addsUp({ bytes, start, isLeaf, cells }: TablePage): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const content = view.getUint16(start + 5) || 65_536;
  let used = view.getUint8(start + 7);
  for (const at of cells) used += Math.max(minCellBytes, cellBytes(bytes, at, isLeaf));
  let block = view.getUint16(start + 1);
  while (block !== 0 && block + minCellBytes <= bytes.length) {
    used += view.getUint16(block + 2);
    const next = view.getUint16(block);
    // Free blocks are in the order of their place, so a chain that turns back is broken, and never goes in a circle.
    if (next !== 0 && next <= block) return false;
    block = next;
  }
  return content + used === bytes.length;
}

function cellBytes(bytes: Uint8Array, at: number, isLeaf: boolean): number {
  if (!isLeaf) return (readVarint(bytes, at + 4)?.next ?? at) - at;
  const size = readVarint(bytes, at);
  const rowid = size && readVarint(bytes, size.next);
  if (size === undefined || rowid === undefined) return 0;
  const inline = inlineBytes(size.value, bytes.length);
  return rowid.next - at + inline + (inline === size.value ? 0 : 4);
}

/** How much of a payload is in the page itself: SQLite file format, section 1.6. */
export function inlineBytes(size: number, usable: number): number {
  const max = usable - 35;
  if (size <= max) return size;
  const min = Math.floor(((usable - 12) * 32) / 255) - 23;
  const wanted = min + ((size - min) % (usable - 4));
  return wanted <= max ? wanted : min;
}

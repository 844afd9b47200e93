// Turns leaves into files: tiles and entry bundles as tlog-tiles lays them out, the index, and last the checkpoint that shows them.
import { foldSpan, nodeHash } from './merkle.ts';
import { ledgerFiles } from './reader.ts';
import { rowBytes, rowsPath } from './rows.ts';
import type { LedgerStore, StoredFile } from './store.ts';
import { tilePath, tileWidth, tileWidthIn } from './tiles.ts';

/** Leaves that are in the journal with their checkpoint, and not yet in tiles and index. */
export interface Batch {
  readonly entries: readonly Buffer[];
  readonly leaves: readonly Buffer[];
  readonly rows: Buffer;
  /** The signed checkpoint over all leaves to the last of these. */
  readonly note: string;
}

/** The right edge of the tree: what the next batch is put behind. */
export interface Edge {
  size: number;
  /** Per level the hashes of the tile that is not full. */
  readonly hashes: Buffer[][];
  /** The entries of the bundle that is not full, each with its length before it. */
  entries: Buffer[];
}

/** Reads the right edge of a tree. Undefined where a file is missing or has another size. */
export async function readEdge(store: LedgerStore, size: number): Promise<Edge | undefined> {
  const edge: Edge = { size, hashes: [], entries: [] };
  for (let level = 0; tileWidth ** level <= size; level++) {
    const width = Math.floor(size / tileWidth ** level) % tileWidth;
    const index = Math.floor(size / tileWidth ** (level + 1));
    const bytes = width === 0 ? Buffer.alloc(0) : await store.read(tilePath(level, index, width));
    if (bytes?.length !== width * 32) return undefined;
    edge.hashes.push(Array.from({ length: width }, (_, i) => bytes.subarray(i * 32, (i + 1) * 32)));
  }
  const width = size % tileWidth;
  if (width === 0) return edge;
  const bundle = await store.read(tilePath('entries', Math.floor(size / tileWidth), width));
  const entries = bundle === undefined ? undefined : splitBundle(bundle);
  return entries?.length === width ? { ...edge, entries: [...entries] } : undefined;
}

/** Splits an entry bundle into entries with their two bytes of length; undefined where it is not a whole number of them. */
export function splitBundle(bundle: Buffer): readonly Buffer[] | undefined {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length;) {
    if (at + 2 > bundle.length) return undefined;
    const end = at + 2 + bundle.readUInt16BE(at);
    if (end > bundle.length) return undefined;
    entries.push(bundle.subarray(at, end));
    at = end;
  }
  return entries;
}

/** Writes a batch behind the edge, moves the edge, and shows it by the checkpoint. Writing the same batch again gives the same files. */
export async function commitBatch(store: LedgerStore, edge: Edge, batch: Batch): Promise<void> {
  const sizeBefore = edge.size;
  const { files, filled } = growTiles(edge, batch);
  await store.write(files);
  await store.append(rowsPath, sizeBefore * rowBytes, batch.rows);
  await store.write([{ path: ledgerFiles.checkpoint, bytes: Buffer.from(batch.note) }]);
  for (const path of filled) await store.remove(await store.list(`${path}.p`));
}

/** Moves the edge over a batch. Returns the files to write, and which tiles became full that were there in part before. */
export function growTiles(
  edge: Edge,
  { entries, leaves }: Pick<Batch, 'entries' | 'leaves'>,
): { files: StoredFile[]; filled: string[] } {
  const files = new Map<string, Uint8Array>();
  const filled: string[] = [];
  const sizeBefore = edge.size;
  const emit = (level: number | 'entries', index: number, width: number, bytes: Buffer): void => {
    files.set(tilePath(level, index, width), bytes);
    const before = tileWidthIn(sizeBefore, level === 'entries' ? 0 : level, index);
    if (width === tileWidth && before > 0) filled.push(tilePath(level, index, width));
  };
  const touched = new Set<number>();
  const push = (level: number, hashed: Buffer): void => {
    const tile = (edge.hashes[level] ??= []);
    tile.push(hashed);
    touched.add(level);
    if (tile.length < tileWidth) return;
    emit(level, Math.floor((edge.size - 1) / tileWidth ** (level + 1)), tileWidth, Buffer.concat(tile));
    const root = rootOfFull(tile);
    tile.length = 0;
    push(level + 1, root);
  };
  for (const [i, leaf] of leaves.entries()) {
    const entry = entries[i] as Buffer;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(entry.length);
    edge.entries.push(Buffer.concat([length, entry]));
    edge.size += 1;
    if (edge.entries.length === tileWidth) {
      emit('entries', edge.size / tileWidth - 1, tileWidth, Buffer.concat(edge.entries));
      edge.entries = [];
    }
    push(0, leaf);
  }
  if (edge.entries.length > 0) {
    emit('entries', Math.floor(edge.size / tileWidth), edge.entries.length, Buffer.concat(edge.entries));
  }
  for (const level of touched) {
    const tile = edge.hashes[level] ?? [];
    const index = Math.floor(edge.size / tileWidth ** (level + 1));
    if (tile.length > 0) emit(level, index, tile.length, Buffer.concat(tile));
  }
  return { files: [...files].map(([path, bytes]) => ({ path, bytes })), filled };
}

function rootOfFull(hashes: readonly Buffer[]): Buffer {
  let row = hashes;
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, i) => nodeHash(row[i * 2] as Buffer, row[i * 2 + 1] as Buffer));
  }
  return foldSpan(row);
}

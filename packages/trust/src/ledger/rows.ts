// The index: one row of 64 bytes per leaf, which says what it is, where it is in the journal, and which leaf of its digest was before it.
import type { Position } from './journal.ts';
import type { LedgerStore } from './store.ts';

export interface Row {
  /** 32 zero bytes for genesis and map roots. */
  readonly key: Buffer;
  readonly type: 'genesis' | 'custody' | 'map';
  /** Leaf index of the record of the same digest, or of the map root, before it; −1: none. */
  readonly previous: number;
  /** Of a record its sequence number, of a map root the number of the checkpoint, from 1. */
  readonly sequence: number;
  readonly position: Position;
}

export const rowsPath = 'index';
export const rowBytes = 64;
const types = ['genesis', 'custody', 'map'] as const;

export function formatRow({ key, type, previous, sequence, position }: Row): Buffer {
  const row = Buffer.alloc(rowBytes);
  row.set(key);
  row.writeUIntBE(previous + 1, 32, 6);
  row.writeUIntBE(sequence, 38, 6);
  row.writeUInt32BE(position.segment, 44);
  row.writeUInt32BE(position.offset, 48);
  row[52] = types.indexOf(type);
  return row;
}

export function parseRow(row: Buffer): Row {
  return {
    key: row.subarray(0, 32),
    previous: row.readUIntBE(32, 6) - 1,
    sequence: row.readUIntBE(38, 6),
    position: { segment: row.readUInt32BE(44), offset: row.readUInt32BE(48) },
    type: types[row[52] as number] ?? 'genesis',
  };
}

/** Reads the row of a leaf; undefined where the index ends before it. */
export async function readRow(store: LedgerStore, index: number): Promise<Row | undefined> {
  const bytes = await store.readRange(rowsPath, index * rowBytes, rowBytes);
  return bytes.length === rowBytes ? parseRow(bytes) : undefined;
}

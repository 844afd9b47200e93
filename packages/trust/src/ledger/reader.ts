// Reads a ledger as its checkpoint shows it. Takes no lock: nothing below the size of a checkpoint ever changes.
import { PlombeError } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { parseCheckpoint, signatureProblem, type Checkpoint } from './checkpoint.ts';
import { entryLeaf, recordKeyOf, type RecordKey, type SignedEntry } from './entry.ts';
import { readFrame } from './journal.ts';
import { MerkleMap, mapKey } from './map.ts';
import { parseVerifierKey, type VerifierKey } from './note.ts';
import { parseRow, readRow, rowBytes, rowsPath, type Row } from './rows.ts';
import { parseStatement, type CustodyStatement, type GenesisStatement, type LedgerStatement } from './statements.ts';
import type { LedgerStore } from './store.ts';
import { TileReader, tilePath, tileWidth, tileWidthIn } from './tiles.ts';

/** Files of a ledger besides tiles, index and journal. */
export const ledgerFiles = { verifierKey: 'ledger.vkey', checkpoint: 'checkpoint', recordKey: 'record.pub' } as const;

/** One leaf with what it says. */
export interface ReadEntry<S extends LedgerStatement = LedgerStatement> {
  readonly index: number;
  readonly entry: SignedEntry;
  readonly leaf: Buffer;
  readonly statement: S;
}

export interface LedgerReader {
  readonly store: LedgerStore;
  readonly checkpoint: Checkpoint;
  readonly keys: { readonly log: VerifierKey; readonly cosigner: VerifierKey; readonly record: RecordKey };
  readonly tiles: TileReader;
  /** Returns the entry of a leaf, compared with the tile. Throws `ledger/damaged`. */
  entry(index: number): Promise<ReadEntry>;
  row(index: number): Promise<Row>;
}

/** Opens a ledger for reading. Throws `ledger/missing` where there is none and `ledger/damaged` where its head does not hold. */
export async function openReader(store: LedgerStore): Promise<LedgerReader> {
  await requireLedger(store);
  const log = parseVerifierKey((await store.read(ledgerFiles.verifierKey))?.toString().trim() ?? '');
  if (log === undefined) throw damaged(store, 'ledger.vkey is not a verifier key');
  const checkpoint = parseCheckpoint((await store.read(ledgerFiles.checkpoint))?.toString() ?? '');
  if (checkpoint === undefined || checkpoint.origin !== log.name || checkpoint.size < 2) {
    throw damaged(store, 'its checkpoint is missing or malformed');
  }
  const genesis = await readGenesis(store, log);
  const wrong = signatureProblem(ownSignatures(checkpoint), [log, genesis.cosigner]);
  if (wrong !== undefined) throw damaged(store, `in its checkpoint ${wrong}`);
  const keys = { log, ...genesis };
  const tiles = new TileReader(store, checkpoint.size);
  const row = async (index: number): Promise<Row> =>
    (await readRow(store, index)) ?? Promise.reject(damaged(store, `its index ends before leaf ${index}`));
  const entry = async (index: number): Promise<ReadEntry> => {
    const { position } = await row(index);
    const frame = await readFrame(store, position);
    if (frame === undefined || !('entry' in frame)) throw damaged(store, `leaf ${index} is not in the journal`);
    const leaf = entryLeaf(frame.entry, keys.record);
    const statement = parseStatement(frame.entry.payload.toString());
    if (!leaf.equals(await tiles.leaf(index)) || statement === undefined) {
      throw damaged(store, `leaf ${index} is not what was logged`);
    }
    return { index, entry: frame.entry, leaf, statement };
  };
  return { store, checkpoint, keys, tiles, row, entry };
}

/** Throws `ledger/missing` where there is no ledger: nothing may be made there, not even a lock. */
export async function requireLedger(store: LedgerStore): Promise<void> {
  if ((await store.sizeOf(ledgerFiles.verifierKey)) > 0) return;
  throw new PlombeError('ledger/missing', `There is no ledger in ${store.name}.`);
}

/** The checkpoint with the signatures of the log alone: witnesses are judged where somebody names them. */
export function ownSignatures(checkpoint: Checkpoint): Checkpoint {
  return { ...checkpoint, note: { ...checkpoint.note, signatures: checkpoint.note.signatures.slice(0, 2) } };
}

async function readGenesis(store: LedgerStore, log: VerifierKey) {
  const frame = await readFrame(store, { segment: 0, offset: 0 });
  const statement =
    frame !== undefined && 'entry' in frame ? parseStatement(frame.entry.payload.toString()) : undefined;
  const keys = statement?.type === 'genesis' ? genesisKeys(statement, log) : undefined;
  if (keys === undefined) throw damaged(store, 'the journal does not begin with the genesis entry of this log');
  return keys;
}

/** Returns the keys that a genesis entry binds to the log's key; undefined where it is of another log or a key is not valid. */
export function genesisKeys(
  { origin, logKey, cosignerKey, recordKey }: GenesisStatement,
  log: VerifierKey,
): { readonly cosigner: VerifierKey; readonly record: RecordKey } | undefined {
  const cosigner = parseVerifierKey(cosignerKey);
  const record = recordKeyOf(Buffer.from(recordKey, 'base64'));
  if (origin !== log.name || logKey !== log.text || cosigner?.name !== origin || record === undefined) return undefined;
  return record.spki.toString('base64') === recordKey ? { cosigner, record } : undefined;
}

/** Reads the map of all records below a size out of index and tiles. Throws `ledger/damaged`. */
export async function loadMap(store: LedgerStore, size: number): Promise<MerkleMap> {
  const map = new MerkleMap();
  for (let from = 0; from < size; from += tileWidth) {
    const count = Math.min(tileWidth, size - from);
    const rows = await store.readRange(rowsPath, from * rowBytes, count * rowBytes);
    const tile = from / tileWidth;
    const path = tilePath(0, tile, tileWidthIn(size, 0, tile));
    const leaves = (await store.read(path)) ?? (await store.read(tilePath(0, tile, tileWidth)));
    if (rows.length !== count * rowBytes || leaves === undefined || leaves.length < count * 32) {
      throw damaged(store, `leaves from ${from} on are missing in index or tiles`);
    }
    for (let i = 0; i < count; i++) {
      const { key, type, sequence } = parseRow(rows.subarray(i * rowBytes, (i + 1) * rowBytes));
      if (type === 'custody') map.set(key, { head: leaves.subarray(i * 32, (i + 1) * 32), count: sequence }, from + i);
    }
  }
  return map;
}

/** Returns the leaf indexes of the records of a digest, first to last. Throws `ledger/damaged` where the chain has a gap. */
export async function chainIndexes(ledger: LedgerReader, map: MerkleMap, digest: Digest): Promise<readonly number[]> {
  const key = mapKey(digest);
  const indexes: number[] = [];
  const count = map.get(key)?.count ?? 0;
  for (let at = map.indexOf(key) ?? -1, left = count; left > 0; left--) {
    const { previous, sequence } = at < 0 ? { previous: -1, sequence: -1 } : await ledger.row(at);
    if (sequence !== left) throw damaged(ledger.store, `record ${left} of ${digest} is not in its index`);
    indexes.push(at);
    at = previous;
  }
  return indexes.reverse();
}

/** Returns the records of a digest, first to last, each compared with the log. Throws `ledger/damaged`. */
export async function readRecords(
  ledger: LedgerReader,
  digest: Digest,
): Promise<readonly ReadEntry<CustodyStatement>[]> {
  const map = await loadMap(ledger.store, ledger.checkpoint.size);
  const records: ReadEntry<CustodyStatement>[] = [];
  for (const index of await chainIndexes(ledger, map, digest)) {
    const read = await ledger.entry(index);
    if (read.statement.type !== 'custody' || read.statement.digest !== digest) {
      throw damaged(ledger.store, `leaf ${index} is no record of ${digest}`);
    }
    records.push({ ...read, statement: read.statement });
  }
  return records;
}

export function damaged({ name }: LedgerStore, what: string): PlombeError {
  return new PlombeError('ledger/damaged', `The ledger ${name} is damaged: ${what}.`);
}

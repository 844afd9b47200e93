// After a kill: finishes the batch whose checkpoint reached the journal, and forgets one that did not.
import { parseCheckpoint, signatureProblem } from './checkpoint.ts';
import { commitBatch, readEdge, type Batch } from './commit.ts';
import { entryLeaf, logEntry, type SignedEntry } from './entry.ts';
import { readFrame, segmentPath, type Position } from './journal.ts';
import { MerkleMap, mapKey } from './map.ts';
import { CompactRange, coverOf } from './merkle.ts';
import { damaged, loadMap, type LedgerReader } from './reader.ts';
import { formatRow, type Row } from './rows.ts';
import { parseStatement } from './statements.ts';

/** Returns where the next batch begins: behind the checkpoint that follows the last leaf. Throws `ledger/damaged`. */
export async function tailOf(ledger: LedgerReader): Promise<Position> {
  const { store, checkpoint } = ledger;
  const { position } = await ledger.row(checkpoint.size - 1);
  const last = await readFrame(store, position);
  const commit = last === undefined ? undefined : await readFrame(store, { ...position, offset: last.end });
  if (commit === undefined || !('checkpoint' in commit)) throw damaged(store, 'the journal ends before its checkpoint');
  if (parseCheckpoint(commit.checkpoint)?.note.text !== checkpoint.note.text) {
    throw damaged(store, 'its checkpoint is not the one in the journal');
  }
  return { ...position, offset: commit.end };
}

/** Brings tiles, index and checkpoint up to the journal. There is one batch at most: the next is written only behind a finished one. */
export async function recoverJournal(ledger: LedgerReader): Promise<void> {
  const { store, checkpoint, keys } = ledger;
  const found = await readUnfinished(ledger, await tailOf(ledger));
  if (found === undefined) return;
  const { entries, leaves, note } = found;
  const edge = await readEdge(store, checkpoint.size);
  if (edge === undefined) throw damaged(store, 'a tile or entry bundle at its end is missing or too short');
  const map = await loadMap(store, checkpoint.size);
  const { sequence } = await ledger.row(checkpoint.size - 1);
  const batch: Batch = {
    entries: entries.map(({ entry }) => logEntry(entry, keys.record)),
    leaves,
    rows: rowsOf(entries, leaves, map, { size: checkpoint.size, checkpoints: sequence }),
    note,
  };
  await commitBatch(store, edge, batch);
}

/** A batch in the journal that the checkpoint of the ledger does not show yet. */
interface Unfinished {
  readonly entries: readonly Placed[];
  readonly leaves: readonly Buffer[];
  readonly note: string;
}

/**
 * Returns the batch that a killed writer left behind the tail with its signed checkpoint; some of its tiles may be written already. Undefined where
 * there is none: nothing of a batch whose checkpoint did not reach the journal is anywhere else.
 */
export async function readUnfinished(ledger: LedgerReader, tail: Position): Promise<Unfinished | undefined> {
  const { store, checkpoint, keys } = ledger;
  const next = { segment: tail.segment + 1, offset: 0 };
  const start = (await store.sizeOf(segmentPath(tail.segment))) > tail.offset ? tail : next;
  const found = await readBatch(ledger, start);
  if (found === undefined) return undefined;
  const { entries, note } = found;
  const leaves = entries.map(({ entry }) => entryLeaf(entry, keys.record));
  const range = new CompactRange();
  for (const part of coverOf(0, checkpoint.size)) range.append(await ledger.tiles.subtree(part), part.level);
  for (const leaf of leaves) range.append(leaf);
  const head = parseCheckpoint(note);
  if (head?.size !== range.size || !head.root.equals(range.root())) return undefined;
  if (signatureProblem(head, [keys.log, keys.cosigner]) !== undefined) return undefined;
  return { entries, leaves, note };
}

interface Placed {
  readonly entry: SignedEntry;
  readonly position: Position;
}

/** Reads entries up to their checkpoint; undefined where the journal ends before one. */
async function readBatch(
  { store }: LedgerReader,
  start: Position,
): Promise<{ readonly entries: readonly Placed[]; readonly note: string } | undefined> {
  const entries: Placed[] = [];
  for (let position = start; ;) {
    const frame = await readFrame(store, position);
    if (frame === undefined) return undefined;
    if ('checkpoint' in frame) return { entries, note: frame.checkpoint };
    entries.push({ entry: frame.entry, position });
    position = { ...position, offset: frame.end };
  }
}

function rowsOf(
  entries: readonly Placed[],
  leaves: readonly Buffer[],
  map: MerkleMap,
  { size, checkpoints }: { readonly size: number; readonly checkpoints: number },
): Buffer {
  const rows = entries.map(({ entry, position }, i): Row => {
    const statement = parseStatement(entry.payload.toString());
    if (statement?.type !== 'custody') {
      return { key: Buffer.alloc(32), type: 'map', previous: size - 1, sequence: checkpoints + 1, position };
    }
    const key = mapKey(statement.digest);
    const previous = map.indexOf(key) ?? -1;
    map.set(key, { head: leaves[i] as Buffer, count: statement.sequence }, size + i);
    return { key, type: 'custody', previous, sequence: statement.sequence, position };
  });
  return Buffer.concat(rows.map(formatRow));
}

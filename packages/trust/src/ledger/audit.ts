// Recomputes a whole ledger from its journal and compares every file with what it must be.
import { isPlombeError } from '@plombe/kit';
import { Broken, type BrokenLink } from './broken.ts';
import { parseCheckpoint, signatureProblem, type Checkpoint } from './checkpoint.ts';
import { growTiles, type Edge } from './commit.ts';
import { entryLeaf, logEntry, signedBytes, type SignedEntry } from './entry.ts';
import { readFrame, segmentPath, type Position } from './journal.ts';
import { hashText } from './lines.ts';
import { MerkleMap, mapKey } from './map.ts';
import { CompactRange } from './merkle.ts';
import { genesisKeys, ledgerFiles, openReader, requireLedger, type LedgerReader } from './reader.ts';
import { readUnfinished } from './recover.ts';
import { formatRow, rowBytes, rowsPath, type Row } from './rows.ts';
import { SignatureQueue } from './signatures.ts';
import { parseStatement, type CustodyStatement, type LedgerStatement } from './statements.ts';
import type { LedgerStore } from './store.ts';
import { tilePath, tileWidth } from './tiles.ts';

/** As in an export, but `line` is the index of the leaf at hand, from 0; absent where none was read, as with a broken checkpoint. */
type BrokenLeaf = Omit<BrokenLink, 'line'> & { readonly line?: number };

/** What an audit found. */
export type AuditVerdict =
  | {
      readonly verdict: 'verified';
      readonly size: number;
      readonly records: number;
      readonly digests: number;
      readonly asOf: string;
    }
  | { readonly verdict: 'rejected'; readonly firstBroken: BrokenLeaf };

/**
 * Audits a ledger: leaves, tiles, entry bundles, index, chains, map roots, every checkpoint and every signature. `known`: checkpoints seen
 * elsewhere, which must be in its history. `threads` is as for `verifyExport`. Takes the writer's lock, since a writer moves files meanwhile. Throws
 * `ledger/locked`, `ledger/missing` and `source/unreadable`, and `internal/bug` where a thread of it fails.
 */
export async function auditLedger(
  store: LedgerStore,
  known: readonly Checkpoint[],
  signal: AbortSignal,
  threads = 0,
): Promise<AuditVerdict> {
  await requireLedger(store);
  const release = await store.lock();
  const queue = new SignatureQueue(threads);
  try {
    return await auditLocked(store, known, queue, signal);
  } finally {
    release();
    await queue.close();
  }
}

async function auditLocked(
  store: LedgerStore,
  known: readonly Checkpoint[],
  queue: SignatureQueue,
  signal: AbortSignal,
): Promise<AuditVerdict> {
  let audit: Audit | undefined;
  let outcome: AuditVerdict;
  try {
    const ledger = await openReader(store);
    audit = new Audit(ledger, known, queue);
    outcome = await audit.run(signal);
  } catch (thrown) {
    outcome = { verdict: 'rejected', firstBroken: brokenLeaf(thrown, audit?.index) };
  }
  const forged = await queue.finish();
  const line = outcome.verdict === 'rejected' ? outcome.firstBroken.line : Infinity;
  return forged !== undefined && (line === undefined || forged.line <= line)
    ? { verdict: 'rejected', firstBroken: forged }
    : outcome;
}

/** Throws what is not about the ledger. */
function brokenLeaf(thrown: unknown, index: number | undefined): BrokenLeaf {
  if (isPlombeError(thrown, 'ledger/damaged')) return { link: 'ledger', check: 'format', message: thrown.message };
  if (!(thrown instanceof Broken)) throw thrown;
  const { check, message, link = `leaf ${index}` } = thrown;
  return index === undefined ? { link, check, message } : { line: index, link, check, message };
}

class Audit {
  /** Of the leaf at hand; undefined before the first. */
  index: number | undefined;
  readonly #ledger: LedgerReader;
  readonly #known: readonly Checkpoint[];
  readonly #queue: SignatureQueue;
  readonly #range = new CompactRange();
  readonly #map = new MerkleMap();
  readonly #edge: Edge = { size: 0, hashes: [], entries: [] };
  readonly #paths = new Set<string>();
  #timeMs = 0;
  #records = 0;
  #checkpoints = 0;
  #lastMap = -1;

  constructor(ledger: LedgerReader, known: readonly Checkpoint[], queue: SignatureQueue) {
    this.#ledger = ledger;
    this.#known = known;
    this.#queue = queue;
  }

  async run(signal: AbortSignal): Promise<AuditVerdict> {
    const { checkpoint, store } = this.#ledger;
    const newer = this.#known.find(({ size }) => size > checkpoint.size);
    if (newer !== undefined) {
      throw new Broken(
        'freshness',
        `The ledger is at size ${checkpoint.size}, a checkpoint of size ${newer.size} is known: it was put back.`,
        'checkpoint',
      );
    }
    let position: Position = { segment: 0, offset: 0 };
    while (this.#range.size < checkpoint.size) {
      signal.throwIfAborted();
      position = await this.#batch(position);
      if (this.#queue.isFull) await this.#queue.room();
    }
    this.index = checkpoint.size - 1;
    if (this.#range.size !== checkpoint.size || !this.#range.root().equals(checkpoint.root)) {
      throw new Broken('consistency', 'The checkpoint is not one of the journal.', 'checkpoint');
    }
    await this.#compareFiles(await this.#unfinishedFiles(position));
    const pem = this.#ledger.keys.record.key.export({ format: 'pem', type: 'spki' }) as string;
    if ((await store.read(ledgerFiles.recordKey))?.toString() !== pem) {
      throw new Broken('key', 'record.pub is not the record key of the genesis entry.', ledgerFiles.recordKey);
    }
    const asOf = new Date(this.#timeMs).toISOString();
    return { verdict: 'verified', size: checkpoint.size, records: this.#records, digests: this.#map.size, asOf };
  }

  /** Reads entries to the next checkpoint and judges them. */
  async #batch(start: Position): Promise<Position> {
    const { store, keys } = this.#ledger;
    const entries: Buffer[] = [];
    const leaves: Buffer[] = [];
    const rows: Buffer[] = [];
    let position = start;
    for (;;) {
      const frame = await readFrame(store, position);
      if (
        frame === undefined &&
        position.offset === (await store.sizeOf(segmentPath(position.segment))) &&
        position.offset > 0
      ) {
        position = { segment: position.segment + 1, offset: 0 };
        if (entries.length === 0 && (await store.sizeOf(segmentPath(position.segment))) > 0) continue;
      }
      if (frame === undefined)
        throw new Broken('format', 'The journal is damaged or ends here.', segmentPath(position.segment));
      if ('checkpoint' in frame) {
        this.#checkpoint(frame.checkpoint);
        await this.#compare({ entries, leaves, rows: Buffer.concat(rows) });
        return { ...position, offset: frame.end };
      }
      this.index = this.#range.size;
      const leaf = entryLeaf(frame.entry, keys.record);
      rows.push(formatRow({ ...this.#judge(frame.entry, leaf), position }));
      entries.push(logEntry(frame.entry, keys.record));
      leaves.push(leaf);
      this.#range.append(leaf);
      this.#compareKnown();
      position = { ...position, offset: frame.end };
    }
  }

  #judge(entry: SignedEntry, leaf: Buffer): Omit<Row, 'position'> {
    const { keys } = this.#ledger;
    const statement = parseStatement(entry.payload.toString());
    if (statement === undefined || statement.origin !== keys.log.name) {
      throw new Broken('encoding', 'The entry is not a statement of this log in its one spelling.');
    }
    const index = this.#range.size;
    this.#queue.add(signedBytes(entry.payload), entry.signature, keys.record.key, {
      line: index,
      link: `leaf ${index}`,
    });
    if (statement.timeMs < this.#timeMs) throw new Broken('time', 'The entry is of a time before the entry before it.');
    this.#timeMs = statement.timeMs;
    if (statement.type === 'custody') return this.#record(statement, leaf);
    return this.#ownEntry(statement);
  }

  #record(statement: CustodyStatement, leaf: Buffer): Omit<Row, 'position'> {
    const key = mapKey(statement.digest);
    const before = this.#map.get(key);
    const link = `record ${(before?.count ?? 0) + 1} of ${statement.digest}`;
    if (statement.sequence !== (before?.count ?? 0) + 1) {
      throw new Broken('sequence', `Here is record ${statement.sequence}.`, link);
    }
    if (statement.previous !== (before === undefined ? undefined : hashText(before.head))) {
      throw new Broken('chain', 'The record does not name the record before it by its hash.', link);
    }
    const previous = this.#map.indexOf(key) ?? -1;
    this.#map.set(key, { head: leaf, count: statement.sequence }, this.#range.size);
    this.#records += 1;
    return { key, type: 'custody', previous, sequence: statement.sequence };
  }

  #ownEntry(statement: LedgerStatement): Omit<Row, 'position'> {
    const key = Buffer.alloc(32);
    if (statement.type === 'genesis') {
      if (this.#range.size > 0 || genesisKeys(statement, this.#ledger.keys.log) === undefined) {
        throw new Broken('key', 'A genesis entry is where none may be.');
      }
      return { key, type: 'genesis', previous: -1, sequence: 0 };
    }
    if (statement.type !== 'map') throw new Broken('format', 'The entry is not one of the log.');
    const same = statement.digests === this.#map.size && statement.records === this.#records;
    if (!same || statement.root !== this.#map.root().toString('hex')) {
      throw new Broken('completeness', 'The map root is not that of the records before it.', 'map root');
    }
    const previous = this.#lastMap;
    this.#lastMap = this.#range.size;
    this.#checkpoints += 1;
    return { key, type: 'map', previous, sequence: this.#checkpoints };
  }

  #checkpoint(note: string): void {
    const { log, cosigner } = this.#ledger.keys;
    const checkpoint = parseCheckpoint(note);
    const ends = this.#lastMap === this.#range.size - 1;
    if (!ends || checkpoint?.size !== this.#range.size || !checkpoint.root.equals(this.#range.root())) {
      throw new Broken(
        'consistency',
        'A checkpoint of the journal is not that of the entries before it.',
        'checkpoint',
      );
    }
    const wrong = signatureProblem(checkpoint, [log, cosigner]);
    if (wrong !== undefined) throw new Broken('signature', `In a checkpoint of the journal ${wrong}.`, 'checkpoint');
  }

  #compareKnown(): void {
    const known = this.#known.find(({ size }) => size === this.#range.size);
    if (known !== undefined && !known.root.equals(this.#range.root())) {
      throw new Broken(
        'consistency',
        `The log has another history than the checkpoint of size ${known.size}.`,
        'checkpoint',
      );
    }
  }

  /** Full tiles are compared now; of partial ones those that are there, and at the end the last ones. */
  async #compare(batch: {
    readonly entries: readonly Buffer[];
    readonly leaves: readonly Buffer[];
    readonly rows: Buffer;
  }): Promise<void> {
    const { store, checkpoint } = this.#ledger;
    const before = this.#edge.size;
    const { files } = growTiles(this.#edge, batch);
    const isLast = this.#edge.size === checkpoint.size;
    for (const { path, bytes } of files) {
      const found = await store.read(path);
      if (found === undefined && path.includes('.p/') && !isLast) continue;
      if (found?.equals(bytes) !== true)
        throw new Broken('consistency', `The file ${path} is not what the entries give.`, path);
      this.#paths.add(path);
    }
    const rows = await store.readRange(rowsPath, before * rowBytes, batch.rows.length);
    if (!rows.equals(batch.rows)) throw new Broken('consistency', 'The index is not what the entries give.', rowsPath);
  }

  /** The tiles of a batch that a killed writer put into the journal, and that no checkpoint shows yet: the next writer finishes it. */
  async #unfinishedFiles(tail: Position): Promise<ReadonlyMap<string, Uint8Array>> {
    const { keys } = this.#ledger;
    const found = await readUnfinished(this.#ledger, tail);
    if (found === undefined) return new Map();
    const entries = found.entries.map(({ entry }) => logEntry(entry, keys.record));
    const edge: Edge = {
      size: this.#edge.size,
      hashes: this.#edge.hashes.map((hashes) => [...hashes]),
      entries: [...this.#edge.entries],
    };
    return new Map(growTiles(edge, { entries, leaves: found.leaves }).files.map(({ path, bytes }) => [path, bytes]));
  }

  /** The right edge must be there whole, also where the last batch did not touch it; and nothing else but what a killed writer had begun. */
  async #compareFiles(unfinished: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const { store } = this.#ledger;
    for (const path of await store.list('tile')) {
      if (this.#paths.has(path) || path.endsWith('.part')) continue;
      const bytes = unfinished.get(path);
      if (bytes === undefined || (await store.read(path))?.equals(bytes) !== true) {
        throw new Broken('consistency', `The file ${path} does not belong to the log.`, path);
      }
    }
    for (const path of edgePaths(this.#edge)) {
      if (!this.#paths.has(path)) throw new Broken('consistency', `The file ${path} is missing.`, path);
    }
  }
}

function edgePaths({ size, hashes }: Edge): readonly string[] {
  return hashes.flatMap(({ length }, level) =>
    length === 0 ? [] : [tilePath(level, Math.floor(size / tileWidth ** (level + 1)), length)],
  );
}

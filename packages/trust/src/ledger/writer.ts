// The one writer of a ledger: takes records in batches and answers when they are durable.
import { inert, PlombeError } from '@plombe/kit';
import type { Clock, Digest } from '@plombe/model';
import { canonicalJson, NotCanonical } from './canonical.ts';
import { cosignHead, formatCheckpoint, signNote, type TreeHead } from './checkpoint.ts';
import { commitBatch, readEdge, type Edge } from './commit.ts';
import { entryLeaf, logEntry, signEntry, type SignedEntry } from './entry.ts';
import { formatCheckpointFrame, formatEntryFrame, segmentBytes, segmentPath, type Position } from './journal.ts';
import {
  formatPrivateKey,
  generateKeys,
  keyFiles,
  parsePrivateKey,
  publicKeysOf,
  type LedgerKeys,
  type PublicKeys,
} from './keys.ts';
import { MerkleMap, mapKey } from './map.ts';
import { CompactRange, coverOf } from './merkle.ts';
import { isKeyName } from './note.ts';
import { damaged, ledgerFiles, loadMap, openReader } from './reader.ts';
import { recoverJournal, tailOf } from './recover.ts';
import { formatRow, type Row } from './rows.ts';
import { formatStatement, type CustodyKind, type LedgerStatement } from './statements.ts';
import { sealTitle } from './seal.ts';
import type { LedgerStore } from './store.ts';
import { TileReader } from './tiles.ts';

/** What is to be recorded. */
export interface NewRecord {
  readonly digest: Digest;
  readonly kind: CustodyKind;
  /** Any JSON value; it is stored and shown as it is given. Absent: nothing. */
  readonly content?: unknown;
}

/** A durable record: its leaf index and its number in the chain of its digest, from 1. */
export interface RecordAnswer {
  readonly index: number;
  readonly digest: Digest;
  readonly sequence: number;
}

/** A predicate larger than this is refused: what is larger belongs into a registry, and its digest here. 1 MiB. */
export const maxContentBytes = 1024 * 1024;

/** A chain of fsyncs takes some 10 ms, signing so many records three times as long: larger batches gain little. */
const alignedLeaves = 1024;

/** A clock may be this far behind the last entry: NTP steps and leap smearing stay far below a minute. */
const clockToleranceMs = 60_000;

/** Makes an empty ledger. Throws `ledger/exists`, and `config/invalid` for an origin that cannot be one. Returns the log's verifier key. */
export async function createLedger(store: LedgerStore, origin: string, clock: Clock): Promise<string> {
  if (!isKeyName(origin) || origin === sealTitle) {
    throw new PlombeError('config/invalid', `The origin ${inert(origin)} cannot name a log.`, {
      remedy:
        'Name it like a URL without scheme, without spaces and plus signs, at most 255 bytes: example.com/ledger.',
    });
  }
  if ((await store.sizeOf(ledgerFiles.verifierKey)) > 0) {
    throw new PlombeError('ledger/exists', `There is a ledger in ${store.name} already.`);
  }
  const release = await store.lock();
  try {
    const keys = generateKeys();
    const publicKeys = publicKeysOf(origin, keys);
    await store.write([
      ...(['log', 'cosigner', 'record'] as const).map((name) => ({
        path: keyFiles[name],
        bytes: Buffer.from(formatPrivateKey(keys[name])),
        secret: true,
      })),
      {
        path: ledgerFiles.recordKey,
        bytes: Buffer.from(publicKeys.record.key.export({ format: 'pem', type: 'spki' })),
      },
    ]);
    const edge: Edge = { size: 0, hashes: [], entries: [] };
    const writer = new LedgerWriter(
      { store, keys, publicKeys, origin, clock, release },
      {
        edge,
        range: new CompactRange(),
        map: new MerkleMap(),
        records: 0,
        checkpoints: 0,
        lastMap: -1,
        timeMs: 0,
        tail: { segment: 0, offset: 0 },
      },
    );
    await writer.begin();
    await store.write([{ path: ledgerFiles.verifierKey, bytes: Buffer.from(`${publicKeys.log.text}\n`) }]);
    return publicKeys.log.text;
  } finally {
    release();
  }
}

/** Opens a ledger for writing and finishes what a killed writer left. Throws `ledger/locked`, `ledger/missing`, `ledger/damaged`. */
export async function openWriter(store: LedgerStore, clock: Clock): Promise<LedgerWriter> {
  await openReader(store);
  const release = await store.lock();
  try {
    const keys = await readKeys(store);
    const before = await openReader(store);
    const publicKeys = publicKeysOf(before.keys.log.name, keys);
    const same = publicKeys.log.text === before.keys.log.text && publicKeys.record.spki.equals(before.keys.record.spki);
    if (!same || publicKeys.cosigner.text !== before.keys.cosigner.text) {
      throw damaged(store, 'its private keys are not those of this log');
    }
    await recoverJournal(before);
    const reader = await openReader(store);
    const { size } = reader.checkpoint;
    const edge = await readEdge(store, size);
    if (edge === undefined) throw damaged(store, 'a tile or entry bundle at its end is missing or too short');
    const range = new CompactRange();
    const tiles = new TileReader(store, size);
    for (const part of coverOf(0, size)) range.append(await tiles.subtree(part), part.level);
    if (!range.root().equals(reader.checkpoint.root))
      throw damaged(store, 'its tiles do not give the root of its checkpoint');
    const map = await loadMap(store, size);
    const { statement } = await reader.entry(size - 1);
    if (statement.type !== 'map' || statement.root !== map.root().toString('hex')) {
      throw damaged(store, 'its index does not give the root of its map');
    }
    const { sequence } = await reader.row(size - 1);
    const state = {
      edge,
      range,
      map,
      records: statement.records,
      checkpoints: sequence,
      lastMap: size - 1,
      timeMs: statement.timeMs,
    };
    return new LedgerWriter(
      { store, keys, publicKeys, origin: publicKeys.log.name, clock, release },
      { ...state, tail: await tailOf(reader) },
    );
  } catch (thrown) {
    release();
    throw thrown;
  }
}

/** Reads the private keys. Throws `ledger/missing` where one is not there. */
export async function readKeys(store: LedgerStore): Promise<LedgerKeys> {
  const read = async (name: string) => {
    const pem = await store.read(name);
    if (pem === undefined)
      throw new PlombeError('ledger/missing', `The key ${name} is not in the ledger ${store.name}.`);
    return parsePrivateKey(pem, name);
  };
  return {
    log: await read(keyFiles.log),
    cosigner: await read(keyFiles.cosigner),
    record: await read(keyFiles.record),
  };
}

interface Fixed {
  readonly store: LedgerStore;
  readonly keys: LedgerKeys;
  readonly publicKeys: PublicKeys;
  readonly origin: string;
  readonly clock: Clock;
  readonly release: () => void;
}

interface State {
  readonly edge: Edge;
  readonly range: CompactRange;
  readonly map: MerkleMap;
  records: number;
  checkpoints: number;
  lastMap: number;
  timeMs: number;
  tail: Position;
}

/** One batch while it is made. */
interface Pending {
  readonly signed: SignedEntry[];
  readonly leaves: Buffer[];
  readonly rows: Row[];
  offset: number;
}

export class LedgerWriter {
  readonly #fixed: Fixed;
  readonly #state: State;
  #last: Promise<unknown> = Promise.resolve();
  #broken = false;

  /** Use `openWriter`. */
  constructor(fixed: Fixed, state: State) {
    this.#fixed = fixed;
    this.#state = state;
  }

  /** Writes the genesis entry. */
  begin(): Promise<readonly RecordAnswer[]> {
    const { cosigner, log, record } = this.#fixed.publicKeys;
    const keys = { logKey: log.text, cosignerKey: cosigner.text, recordKey: record.spki.toString('base64') };
    return this.#inTurn([{ type: 'genesis', ...keys }]);
  }

  /**
   * Records a batch: all of it or nothing, in the order given. Answers once it is durable and in a signed checkpoint. One batch costs one chain
   * of fsyncs however long it is. Throws `config/invalid` for content that cannot be kept exactly, `ledger/clock`, `source/unreadable`.
   */
  append(records: readonly NewRecord[]): Promise<readonly RecordAnswer[]> {
    return this.#inTurn(records.map((record) => ({ type: 'custody' as const, ...record })));
  }

  /**
   * How many records the next batch best has at most: then its checkpoint ends at a multiple of 1,024 leaves, and one hash is enough to show
   * that later trees continue it.
   */
  get batchRecords(): number {
    const free = alignedLeaves - (this.#state.range.size % alignedLeaves) - 1;
    return free > 0 ? free : free + alignedLeaves;
  }

  /** Waits for what is under way and lets another writer in. */
  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    this.#fixed.release();
  }

  #inTurn(parts: readonly Part[]): Promise<readonly RecordAnswer[]> {
    const next = this.#last.catch(() => undefined).then(() => this.#commit(parts));
    this.#last = next;
    return next;
  }

  async #commit(parts: readonly Part[]): Promise<readonly RecordAnswer[]> {
    const { store, publicKeys } = this.#fixed;
    const state = this.#state;
    if (this.#broken) throw damaged(store, 'writing failed before; open it again');
    const timeMs = this.#timeMs();
    for (const part of parts) checkContent(part);
    if (state.tail.offset >= segmentBytes) state.tail = { segment: state.tail.segment + 1, offset: 0 };
    // From here on the state in memory is ahead of the disk: what fails leaves a writer that must not go on.
    this.#broken = true;
    const pending: Pending = { signed: [], leaves: [], rows: [], offset: state.tail.offset };
    const answers = parts.flatMap((part) => this.#add(pending, part, timeMs) ?? []);
    this.#addMap(pending, timeMs);
    const note = this.#sign(timeMs);
    const frames = [...pending.signed.map(formatEntryFrame), formatCheckpointFrame(note)];
    const journal = Buffer.concat(frames);
    await store.append(segmentPath(state.tail.segment), state.tail.offset, journal);
    await commitBatch(store, state.edge, {
      entries: pending.signed.map((entry) => logEntry(entry, publicKeys.record)),
      leaves: pending.leaves,
      rows: Buffer.concat(pending.rows.map(formatRow)),
      note,
    });
    state.tail = { segment: state.tail.segment, offset: state.tail.offset + journal.length };
    this.#broken = false;
    return answers;
  }

  /** Never before the last entry's time. */
  #timeMs(): number {
    const nowMs = this.#fixed.clock.nowMs();
    if (nowMs < this.#state.timeMs - clockToleranceMs) {
      const [last, now] = [this.#state.timeMs, nowMs].map((ms) => new Date(ms).toISOString());
      throw new PlombeError('ledger/clock', `The last entry is of ${last}, and the clock says ${now}.`);
    }
    this.#state.timeMs = Math.max(nowMs, this.#state.timeMs);
    return this.#state.timeMs;
  }

  #add(pending: Pending, part: Part, timeMs: number): RecordAnswer | undefined {
    const { origin } = this.#fixed;
    const { map, range } = this.#state;
    if (part.type === 'genesis') {
      this.#log(
        pending,
        { ...part, origin, timeMs },
        { type: 'genesis', key: Buffer.alloc(32), previous: -1, sequence: 0 },
      );
      return undefined;
    }
    const key = mapKey(part.digest);
    const before = map.get(key);
    const sequence = (before?.count ?? 0) + 1;
    const link = before === undefined ? {} : { previous: `sha256:${before.head.toString('hex')}` };
    const index = range.size;
    const row = { type: 'custody', key, previous: map.indexOf(key) ?? -1, sequence } as const;
    const head = this.#log(pending, { ...part, origin, sequence, timeMs, ...link }, row);
    map.set(key, { head, count: sequence }, index);
    this.#state.records += 1;
    return { index, digest: part.digest, sequence };
  }

  #addMap(pending: Pending, timeMs: number): void {
    const state = this.#state;
    const index = state.range.size;
    const counts = { digests: state.map.size, records: state.records };
    const root = state.map.root().toString('hex');
    state.checkpoints += 1;
    this.#log(
      pending,
      { type: 'map', origin: this.#fixed.origin, timeMs, root, ...counts },
      {
        type: 'map',
        key: Buffer.alloc(32),
        previous: state.lastMap,
        sequence: state.checkpoints,
      },
    );
    state.lastMap = index;
  }

  #log(pending: Pending, statement: LedgerStatement, row: Omit<Row, 'position'>): Buffer {
    const signed = signEntry(formatStatement(statement), this.#fixed.keys.record);
    const leaf = entryLeaf(signed, this.#fixed.publicKeys.record);
    pending.signed.push(signed);
    pending.leaves.push(leaf);
    pending.rows.push({ ...row, position: { segment: this.#state.tail.segment, offset: pending.offset } });
    pending.offset += 5 + 2 + signed.signature.length + signed.payload.length;
    this.#state.range.append(leaf);
    return leaf;
  }

  #sign(timeMs: number): string {
    const { origin, keys, publicKeys } = this.#fixed;
    const { range } = this.#state;
    const head: TreeHead = { origin, size: range.size, root: range.root() };
    return formatCheckpoint(head, [
      signNote(formatCheckpoint(head, []).slice(0, -1), publicKeys.log, keys.log),
      cosignHead(head, publicKeys.cosigner, keys.cosigner, Math.floor(timeMs / 1000)),
    ]);
  }
}

type Part =
  | ({ readonly type: 'custody' } & NewRecord)
  | { readonly type: 'genesis'; readonly logKey: string; readonly cosignerKey: string; readonly recordKey: string };

function checkContent(part: Part): void {
  if (part.type !== 'custody' || part.content === undefined) return;
  if (lengthOf(part.content, part.digest) > maxContentBytes) {
    throw new PlombeError('config/invalid', `A predicate for ${part.digest} is over ${maxContentBytes} bytes.`, {
      remedy: 'Keep the document in the registry and record its digest.',
    });
  }
}

function lengthOf(content: unknown, digest: Digest): number {
  try {
    return Buffer.byteLength(canonicalJson(content));
  } catch (thrown) {
    if (!(thrown instanceof NotCanonical)) throw thrown;
    throw new PlombeError('config/invalid', `A predicate for ${digest} cannot be kept as it is: ${thrown.message}.`);
  }
}

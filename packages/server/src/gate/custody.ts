// The gate's records in the ledger: in the order they were given, many to a batch, with the ledger free for others in between.
import { setTimeout as sleep } from 'node:timers/promises';
import { isPlombeError } from '@plombe/kit';
import type { Context, Digest } from '@plombe/model';
import {
  folderStore,
  loadMap,
  mapKey,
  openReader,
  openWriter,
  type LedgerReader,
  type LedgerWriter,
  type NewRecord,
} from '@plombe/trust';
import { stampOf } from './policy-set.ts';

/** The ledger of a gate. */
export interface Custody {
  /** Resolves once the records are durable. Throws `ledger/…` where they cannot be written: what they are about must not happen then. */
  record(records: readonly NewRecord[]): Promise<void>;
  /** As `record`, with the next batch or within a second: nobody waits for them. */
  recordLater(records: readonly NewRecord[]): Promise<void>;
  /** Whether the newest record that says so says that the digest runs: `run`, not `retire`. */
  runs(digest: Digest): Promise<boolean>;
  /** Another text means that something was recorded, by whomever. */
  stamp(): string;
  /** How many batches were not taken. */
  failures(): number;
  /** Writes what is waiting, and lets go of the ledger. */
  close(): Promise<void>;
}

/** No ledger: nothing is recorded, and nothing is known to run. */
export const noCustody: Custody = {
  record: async () => {},
  recordLater: async () => {},
  runs: async () => false,
  stamp: () => '',
  failures: () => 0,
  close: async () => {},
};

/** The ledger is kept open so long after a batch: opening it reads its map, and others wait meanwhile. */
const idleMs = 500;
/** A batch costs a chain of flushes however long it is, so what is in no hurry waits for company. */
const laterMs = 1000;
/** Another process writes for some milliseconds, or, with `--from`, for some seconds. */
const lockedWaitsMs = [20, 50, 100, 200, 400, 800, 1600, 2000];

/** The map is kept so long after it was asked. */
const forgetMs = 5000;

interface Waiting {
  readonly records: readonly NewRecord[];
  resolve(): void;
  reject(thrown: unknown): void;
}

/** Opens the ledger of a folder for a gate; checks that there is one. Throws `ledger/missing`, `ledger/damaged`. */
export async function openCustody(folder: string, ctx: Context): Promise<Custody> {
  const store = folderStore(folder);
  await openReader(store);
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  let writer: LedgerWriter | undefined;
  let idle: NodeJS.Timeout | undefined;
  let later: NodeJS.Timeout | undefined;
  let failures = 0;
  const stamp = (): string => stampOf([`${folder}/checkpoint`]);
  let lookup: { readonly stamp: string; readonly find: Promise<(digest: Digest) => Promise<boolean>> } | undefined;
  let forget: NodeJS.Timeout | undefined;

  async function openNow(): Promise<LedgerWriter> {
    for (const waitMs of lockedWaitsMs) {
      try {
        return await openWriter(store, ctx.clock);
      } catch (thrown) {
        if (!isPlombeError(thrown, 'ledger/locked')) throw thrown;
        await sleep(waitMs);
      }
    }
    return openWriter(store, ctx.clock);
  }

  async function letGo(): Promise<void> {
    const open = writer;
    writer = undefined;
    await open?.close();
  }

  /** Whatever fails, the writer is opened anew for the next batch: it does not go on after a failure. */
  async function drain(): Promise<void> {
    clearTimeout(idle);
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        writer ??= await openNow();
        await writer.append(batch.flatMap(({ records }) => records));
        for (const one of batch) one.resolve();
      } catch (thrown) {
        failures += 1;
        for (const one of batch) one.reject(thrown);
        await letGo().catch(() => undefined);
      }
    }
    idle = setTimeout(() => {
      if (running === undefined) running = letGo().finally(next);
    }, idleMs);
    idle.unref();
  }

  function next(): void {
    running = undefined;
    if (waiting.length > 0) running = drain().finally(next);
  }

  const enqueue = (records: readonly NewRecord[], start: () => void): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ records, resolve, reject });
      start();
    });
  const startNow = (): void => {
    clearTimeout(later);
    later = undefined;
    if (running === undefined) next();
  };

  return {
    record: (records) => enqueue(records, startNow),
    recordLater: (records) =>
      enqueue(records, () => {
        later ??= setTimeout(startNow, laterMs);
      }),
    runs: async (digest) => {
      const now = stamp();
      // Many digests are asked about at a time, and the map is as large as the ledger is long.
      if (lookup?.stamp !== now) lookup = { stamp: now, find: openRuns(await openReader(store)) };
      const { find } = lookup;
      clearTimeout(forget);
      forget = setTimeout(() => (lookup = undefined), forgetMs);
      forget.unref();
      return (await find)(digest);
    },
    stamp,
    failures: () => failures,
    close: async () => {
      startNow();
      while (running !== undefined) await running;
      clearTimeout(idle);
      clearTimeout(forget);
      await letGo();
    },
  };
}

/** Returns what looks from a digest's newest record back for the first that says whether it runs. */
async function openRuns(ledger: LedgerReader): Promise<(digest: Digest) => Promise<boolean>> {
  const map = await loadMap(ledger.store, ledger.checkpoint.size);
  return async (digest) => {
    for (let at = map.indexOf(mapKey(digest)) ?? -1; at >= 0; at = (await ledger.row(at)).previous) {
      const { statement } = await ledger.entry(at);
      if (statement.type !== 'custody') return false;
      if (statement.kind === 'run' || statement.kind === 'retire') return statement.kind === 'run';
    }
    return false;
  };
}

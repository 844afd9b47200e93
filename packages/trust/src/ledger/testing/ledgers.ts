// Small ledgers for tests: in folders that go away, with a clock that ticks by a second.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Digest } from '@plombe/model';
import { exportLines, type ExportOptions } from '../export.ts';
import { folderStore } from '../folder.ts';
import { openReader } from '../reader.ts';
import type { LedgerStore } from '../store.ts';
import { createLedger, openWriter, readKeys, type NewRecord } from '../writer.ts';

/** A clock that begins in 2026 and goes on by a second each time it is read. */
export function tickingClock(startMs = Date.UTC(2026, 0, 1)): Clock {
  let nowMs = startMs;
  return { nowMs: () => (nowMs += 1000) };
}

/** Returns the digest with that number as its hexadecimal digits. */
export function digestOf(number: number): Digest {
  return `sha256:${number.toString(16).padStart(64, '0')}` as Digest;
}

/** A folder that `end` takes away. */
export function temporaryFolder(): { readonly path: string; readonly end: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'plombe-ledger-'));
  return { path, end: () => rmSync(path, { recursive: true, force: true }) };
}

/** Makes a ledger and records the batches in it. */
export async function makeLedger(
  path: string,
  batches: readonly (readonly NewRecord[])[],
  options: { readonly origin?: string; readonly clock?: Clock } = {},
): Promise<LedgerStore> {
  const { origin = 'example.com/ledger', clock = tickingClock() } = options;
  const store = folderStore(path);
  await createLedger(store, origin, clock);
  await record(store, batches, clock);
  return store;
}

/** Records batches in a ledger that is there. */
export async function record(
  store: LedgerStore,
  batches: readonly (readonly NewRecord[])[],
  clock: Clock,
): Promise<void> {
  const writer = await openWriter(store, clock);
  try {
    for (const batch of batches) await writer.append(batch);
  } finally {
    await writer.close();
  }
}

/** Returns an export as text. */
export async function exportText(
  store: LedgerStore,
  digests: readonly Digest[],
  options: Partial<ExportOptions> = {},
): Promise<string> {
  const { log } = await readKeys(store);
  const lines = exportLines(await openReader(store), { digests, logKey: log, ...options });
  return (await Array.fromAsync(lines)).join('');
}

/** Numbers from a seed, for tests that repeat: mulberry32. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

// Which earlier checkpoints an export is made consistent with, and the subtree hashes that show it.
import { coverOf } from './merkle.ts';
import type { LedgerReader } from './reader.ts';
import { parseRow, rowBytes, rowsPath } from './rows.ts';

/** Hashes for an export of few records: 448 take 21 KiB, which leaves two thirds of 64 KiB to the records. */
const leastHashes = 448;
/** And at most, 3 MiB: the line has to be held as a whole. */
const mostHashes = 65_536;
/** Per record that is exported, some 2 KiB, so many hashes more. */
const hashesPerRecord = 8;
/** Kept when others are left out: whoever holds a checkpoint has mostly one from the beginning or a recent one. */
const keptOldest = 16;
const keptNewest = 64;

/** Rows of the index read at a time, 4 MiB. */
const rowsAtOnce = 65_536;

/**
 * Returns earlier sizes in ascending order: all sizes that ever had a checkpoint as long as their proof stays small, else the oldest, the newest
 * and a choice of those between. `wanted` sizes are always in.
 */
export async function chooseSizes(
  ledger: LedgerReader,
  records: number,
  wanted: readonly number[],
): Promise<readonly number[]> {
  const { size } = ledger.checkpoint;
  const budget = Math.min(mostHashes, leastHashes + hashesPerRecord * records);
  const all = await checkpointSizes(ledger);
  const chosen = thinned(all, (sizes) => costOf(sizes, size) <= budget);
  const always = wanted.filter((one) => one > 0 && one < size);
  return [...new Set([...chosen, ...always])].sort((a, b) => a - b);
}

/** Leaves out every second, then three of four … between the oldest and newest; then of these too. */
export function thinned(all: readonly number[], fits: (sizes: readonly number[]) => boolean): readonly number[] {
  let sizes = all;
  for (let step = 2; !fits(sizes) && step <= all.length; step *= 2) {
    sizes = all.filter((_, i) => i < keptOldest || i >= all.length - keptNewest || i % step === 0);
  }
  for (let kept = keptNewest / 2; !fits(sizes) && kept >= 1; kept /= 2) {
    sizes = all.filter((_, i) => i < Math.floor(kept / 4) || i >= all.length - kept);
  }
  return sizes;
}

async function checkpointSizes({ store, checkpoint }: LedgerReader): Promise<number[]> {
  const sizes: number[] = [];
  for (let from = 0; from < checkpoint.size; from += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, checkpoint.size - from);
    const rows = await store.readRange(rowsPath, from * rowBytes, count * rowBytes);
    for (let i = 0; i < count; i++) {
      const row = rows.subarray(i * rowBytes, (i + 1) * rowBytes);
      if (row.length === rowBytes && parseRow(row).type === 'map') sizes.push(from + i + 1);
    }
  }
  return sizes.filter((size) => size < checkpoint.size);
}

function costOf(sizes: readonly number[], size: number): number {
  return spans(sizes, size).reduce((sum, [from, to]) => sum + coverOf(from, to).length, 0);
}

/** Returns the stretches between the sizes, from 0 to the whole tree. */
export function spans(sizes: readonly number[], size: number): readonly (readonly [number, number])[] {
  return [...sizes, size].map((to, i) => [i === 0 ? 0 : (sizes[i - 1] as number), to] as const);
}

/** Returns the hashes that cover the tree, split at the sizes, from left to right. */
export async function coverHashes(ledger: LedgerReader, sizes: readonly number[]): Promise<readonly Buffer[]> {
  const hashes: Buffer[] = [];
  for (const [from, to] of spans(sizes, ledger.checkpoint.size)) {
    for (const part of coverOf(from, to)) hashes.push(await ledger.tiles.subtree(part));
  }
  return hashes;
}

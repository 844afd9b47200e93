// Stops a writer at each single operation, in the middle of it too, and looks what is there afterwards.
import { cpSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { auditLedger } from './audit.ts';
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { folderStore } from './folder.ts';
import { openReader, readRecords } from './reader.ts';
import type { LedgerStore } from './store.ts';
import { digestOf, makeLedger, temporaryFolder, tickingClock } from './testing/ledgers.ts';
import { openWriter, type NewRecord } from './writer.ts';

const folder = temporaryFolder();
afterAll(() => folder.end());

class Stopped extends Error {}

/** A store that stops at its n-th writing operation: before it, in the middle, or just after it. */
function stoppingStore(inner: LedgerStore, operation: number, where: 'before' | 'within' | 'after'): LedgerStore {
  let count = 0;
  const at = async (whole: () => Promise<void>, half: () => Promise<void>): Promise<void> => {
    count += 1;
    if (count > operation) throw new Stopped();
    if (count < operation || where === 'after') await whole();
    else if (where === 'within') await half();
    if (count === operation) throw new Stopped();
  };
  return {
    ...inner,
    write: (files) =>
      at(
        () => inner.write(files),
        () => inner.write(files.slice(0, Math.floor(files.length / 2))),
      ),
    append: (path, offset, bytes) =>
      at(
        () => inner.append(path, offset, bytes),
        () => inner.append(path, offset, bytes.subarray(0, Math.floor(bytes.length * 0.7))),
      ),
    remove: (paths) =>
      at(
        () => inner.remove(paths),
        () => inner.remove(paths.slice(1)),
      ),
  };
}

const image = digestOf(1);
const batchOf = (count: number): readonly NewRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    digest: i % 2 === 0 ? image : digestOf(1000 + i),
    kind: 'scan',
    content: { i },
  }));

test('no acknowledged record is lost and no fork is left, wherever the writer stops', async () => {
  const base = join(folder.path, 'base');
  cpSync((await makeBase()).path, base, { recursive: true });
  const before = checkpointIn(base);
  const outcomes = new Set<string>();
  for (let operation = 1; operation <= 5; operation++) {
    for (const where of ['before', 'within', 'after'] as const) {
      const path = join(folder.path, `${operation}-${where}`);
      cpSync(base, path, { recursive: true });
      const clock = tickingClock(Date.UTC(2026, 1, 1));
      const writer = await openWriter(stoppingStore(folderStore(path), operation, where), clock);
      const acknowledged = await writer.append(batchOf(300)).then(
        (answers) => answers.length,
        (thrown: unknown) => {
          expect(thrown).toBeInstanceOf(Stopped);
          return 0;
        },
      );
      await expect(writer.append(batchOf(1))).rejects.toThrow();
      await writer.close();
      const seen = checkpointIn(path);
      // What a killed writer had begun is no tampering, also while nobody has finished it.
      const early = await auditLedger(folderStore(path), [before, seen], new AbortController().signal);
      expect([operation, where, early]).toMatchObject([operation, where, { verdict: 'verified', size: seen.size }]);
      const again = await openWriter(folderStore(path), clock);
      const recovered = checkpointIn(path);
      await again.append(batchOf(3));
      await again.close();
      const audit = await auditLedger(folderStore(path), [before, seen, recovered], new AbortController().signal);
      expect(audit).toMatchObject({ verdict: 'verified' });
      const records = await readRecords(await openReader(folderStore(path)), image);
      const kept = records.length - 2 - 100;
      expect([0, 150]).toContain(kept);
      if (acknowledged > 0) expect(kept).toBe(150);
      if (seen.size > before.size) expect(kept).toBe(150);
      outcomes.add(`${operation} ${where} ${kept}`);
    }
  }
  // A half-written journal is forgotten, a whole one is finished.
  expect(outcomes).toContain('1 within 0');
  expect(outcomes).toContain('1 after 150');
  expect(outcomes).toContain('2 within 150');
});

test('a tile ahead of the checkpoint is tampering unless the journal has its batch', async () => {
  const base = await makeBase();
  const path = join(folder.path, 'ahead');
  cpSync(base.path, path, { recursive: true });
  const clock = tickingClock(Date.UTC(2026, 1, 1));
  const writer = await openWriter(stoppingStore(folderStore(path), 2, 'after'), clock);
  await expect(writer.append(batchOf(1))).rejects.toThrow(Stopped);
  await writer.close();
  const audit = async () => auditLedger(folderStore(path), [], new AbortController().signal);
  expect(await audit()).toMatchObject({ verdict: 'verified' });
  const ahead = (await folderStore(path).list('tile')).filter((file) => !existsSync(join(base.path, file)));
  expect(ahead.length).toBeGreaterThan(0);
  const tile = join(path, ahead[0] ?? '');
  const bytes = readFileSync(tile);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(tile, bytes);
  expect(await audit()).toMatchObject({ verdict: 'rejected', firstBroken: { link: ahead[0], check: 'consistency' } });
  // Without its checkpoint in the journal a batch was never begun.
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(tile, bytes);
  const journal = join(path, 'journal/000000');
  truncateSync(journal, statSync(journal).size - 1);
  expect(await audit()).toMatchObject({ verdict: 'rejected', firstBroken: { check: 'consistency' } });
});

async function makeBase() {
  const base = temporaryFolder();
  afterAll(() => base.end());
  await makeLedger(base.path, [batchOf(200)]);
  return base;
}

function checkpointIn(path: string): Checkpoint {
  const checkpoint = parseCheckpoint(readFileSync(join(path, 'checkpoint'), 'utf8'));
  if (checkpoint === undefined) throw new Error('no checkpoint');
  return checkpoint;
}

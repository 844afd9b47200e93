import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { thinned } from './history.ts';
import { openReader } from './reader.ts';
import { digestOf, exportText, makeLedger, temporaryFolder, tickingClock } from './testing/ledgers.ts';
import { verifyExport, type VerifyOptions } from './verify.ts';
import { openWriter } from './writer.ts';

const folder = temporaryFolder();
afterAll(folder.end);

describe('earlier checkpoints', () => {
  const all = Array.from({ length: 1000 }, (_, i) => (i + 1) * 10);

  test.each([1000, 700, 300, 120, 80, 40, 10, 1])('are thinned to %i, the newest last to go', (most) => {
    const sizes = thinned(all, ({ length }) => length <= most);
    expect(sizes.length).toBeLessThanOrEqual(most);
    expect(sizes.at(-1)).toBe(10_000);
    if (most > 40) expect(sizes.slice(0, 4)).toEqual([10, 20, 30, 40]);
    if (most > 80) expect(sizes.slice(-64)).toEqual(all.slice(-64));
  });

  test('of a ledger that is filled in large batches cost one hash each, and all hold', async () => {
    const clock = tickingClock();
    const store = await makeLedger(folder.path, [[{ digest: digestOf(1), kind: 'build' }]], { clock });
    const checkpoints: string[] = [];
    const writer = await openWriter(store, clock);
    for (let batch = 0; batch < 6; batch++) {
      checkpoints.push(readFileSync(join(folder.path, 'checkpoint'), 'utf8'));
      const room = writer.batchRecords;
      await writer.append(
        Array.from({ length: room }, (_, i) => ({ digest: digestOf(2 + (i % 90)), kind: 'scan' as const })),
      );
    }
    await writer.close();
    const ledger = await openReader(store);
    expect(ledger.checkpoint.size).toBe(6 * 1024);
    const text = await exportText(store, [digestOf(1)]);
    const line = text.split('\n').find((one) => one.includes('"consistencyProof"'));
    const proof = JSON.parse(line ?? '{}') as { sizes: number[]; hashes: string[] };
    expect(proof.sizes).toEqual([2, 4, 1024, 2048, 3072, 4096, 5120]);
    expect(proof.hashes.length).toBeLessThan(20);
    const judge = (more: Partial<VerifyOptions>) =>
      verifyExport(
        (async function* () {
          yield Buffer.from(text);
        })(),
        { logKey: ledger.keys.log, ...more },
      );
    expect((await judge({ checkpoints })).verdict).toBe('verified');
  });

  test('that an export does not show are a rejection that says what to do, and --since shows them', async () => {
    const own = temporaryFolder();
    try {
      const clock = tickingClock();
      const store = await makeLedger(own.path, [], { clock });
      const notes: string[] = [];
      const writer = await openWriter(store, clock);
      for (let i = 0; i < 700; i++) {
        await writer.append([{ digest: digestOf(i), kind: 'run' }]);
        notes.push(readFileSync(join(own.path, 'checkpoint'), 'utf8'));
      }
      await writer.close();
      const { log } = (await openReader(store)).keys;
      const judge = async (text: string, known: string) =>
        verifyExport(
          (async function* () {
            yield Buffer.from(text);
          })(),
          { logKey: log, checkpoints: [known] },
        );
      const text = await exportText(store, [digestOf(3)]);
      const shown = await Promise.all(notes.map((note) => judge(text, note)));
      const left = shown.findIndex(({ verdict }) => verdict === 'rejected');
      expect(left).toBeGreaterThan(10);
      expect(shown[left]).toMatchObject({
        firstBroken: { check: 'consistency', message: expect.stringContaining('--since') as string },
      });
      const size = Number((notes[left] as string).split('\n')[1]);
      const since = await exportText(store, [digestOf(3)], { since: [size] });
      expect((await judge(since, notes[left] as string)).verdict).toBe('verified');
      expect(Buffer.byteLength(text)).toBeLessThan(40 * 1024);
    } finally {
      own.end();
    }
  });
});

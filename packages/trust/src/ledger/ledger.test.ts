import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { splitBundle } from './commit.ts';
import { leafHash } from './merkle.ts';
import { folderStore } from './folder.ts';
import { openReader, readRecords } from './reader.ts';
import { tilePath, tileWidthIn } from './tiles.ts';
import { digestOf, makeLedger, record, temporaryFolder, tickingClock } from './testing/ledgers.ts';
import { createLedger, openWriter, type NewRecord } from './writer.ts';

let folders: ReturnType<typeof temporaryFolder>[] = [];
afterEach(() => {
  for (const folder of folders) folder.end();
  folders = [];
});
const fresh = (): string => {
  const folder = temporaryFolder();
  folders.push(folder);
  return folder.path;
};

const image = digestOf(1);

describe('tiles', () => {
  test.each([
    [0, 0, 256, 'tile/0/000'],
    [2, 1_234_067, 256, 'tile/2/x001/x234/067'],
    [0, 999, 112, 'tile/0/999.p/112'],
    ['entries' as const, 1000, 1, 'tile/entries/x001/000.p/1'],
  ])('level %s, index %i, width %i is %s', (level, index, width, path) =>
    expect(tilePath(level, index, width)).toBe(path),
  );

  test('a tree of 70,000 has the widths that the specification names', () => {
    expect(tileWidthIn(70_000, 0, 272)).toBe(256);
    expect(tileWidthIn(70_000, 0, 273)).toBe(112);
    expect(tileWidthIn(70_000, 1, 0)).toBe(256);
    expect(tileWidthIn(70_000, 1, 1)).toBe(17);
    expect(tileWidthIn(70_000, 2, 0)).toBe(1);
  });

  test('entries hash to the tile, across full and partial ones', async () => {
    const path = fresh();
    const batch = Array.from({ length: 700 }, (_, i): NewRecord => ({
      digest: digestOf(i % 5),
      kind: 'scan',
      content: i,
    }));
    await makeLedger(path, [batch]);
    for (const name of ['000', '001', '002.p/191']) {
      const bundle = splitBundle(readFileSync(join(path, 'tile/entries', name)));
      const leaves = readFileSync(join(path, 'tile/0', name));
      const hashes = bundle?.map((entry) => leafHash(entry.subarray(2)));
      expect(Buffer.concat(hashes ?? [])).toEqual(leaves);
    }
    expect(statSync(join(path, 'tile/1/000.p/2')).size).toBe(64);
  });

  test('partial tiles go away when the tile is full', async () => {
    const path = fresh();
    const store = await makeLedger(
      path,
      Array.from({ length: 130 }, () => [{ digest: image, kind: 'run' }]),
    );
    expect((await store.list('tile')).filter((name) => name.includes('/000.p/'))).toEqual(['tile/1/000.p/1']);
  });
});

describe('writing', () => {
  test('keys are for their owner alone', async () => {
    const path = fresh();
    await makeLedger(path, []);
    for (const name of ['log.key', 'cosigner.key', 'record.key'])
      expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
  });

  test('sequence numbers have no gaps, and each record names the one before', async () => {
    const store = await makeLedger(fresh(), [
      [
        { digest: image, kind: 'build' },
        { digest: digestOf(2), kind: 'build' },
        { digest: image, kind: 'scan', content: null },
      ],
      [{ digest: image, kind: 'sign', content: { key: 'k' } }],
    ]);
    const records = await readRecords(await openReader(store), image);
    expect(records.map(({ statement }) => [statement.sequence, statement.kind])).toEqual([
      [1, 'build'],
      [2, 'scan'],
      [3, 'sign'],
    ]);
    expect(records.map(({ statement }) => statement.previous)).toEqual([
      undefined,
      ...records.slice(0, 2).map(({ leaf }) => `sha256:${leaf.toString('hex')}`),
    ]);
    expect(records[1]?.statement.content).toBeNull();
    expect(records[0]?.statement).not.toHaveProperty('content');
  });

  test('batches given at once are recorded in turn', async () => {
    const store = await makeLedger(fresh(), []);
    const writer = await openWriter(store, tickingClock(Date.UTC(2026, 1, 1)));
    const answers = await Promise.all(Array.from({ length: 5 }, () => writer.append([{ digest: image, kind: 'run' }])));
    expect(answers.flat().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    await writer.close();
  });

  test('a second writer is refused, and let in when the first has ended', async () => {
    const path = fresh();
    await makeLedger(path, []);
    const first = await openWriter(folderStore(path), tickingClock());
    await expect(openWriter(folderStore(path), tickingClock())).rejects.toMatchObject({
      code: 'ledger/locked',
      retryable: true,
    });
    await first.close();
    await (await openWriter(folderStore(path), tickingClock())).close();
  });

  test('no record is taken where the folder was moved, or its volume is gone, and no other ledger begun in its place', async () => {
    const path = join(fresh(), 'ledger');
    const one: NewRecord = { digest: image, kind: 'scan' };
    const store = await makeLedger(path, [[one]]);
    const writer = await openWriter(store, tickingClock());
    renameSync(path, `${path}.away`);
    await expect(writer.append([one])).rejects.toMatchObject({ code: 'source/unreadable' });
    await writer.close();
    await expect(openWriter(store, tickingClock())).rejects.toMatchObject({ code: 'ledger/missing' });
    expect(existsSync(path)).toBe(false);
    renameSync(`${path}.away`, path);
    const again = await openWriter(folderStore(path), tickingClock());
    await again.append([one]);
    await again.close();
  });

  test('a ledger is not made twice', async () => {
    const store = await makeLedger(fresh(), []);
    await expect(createLedger(store, 'example.com/x', tickingClock())).rejects.toMatchObject({ code: 'ledger/exists' });
  });

  test.each(['', 'a b', 'a+b', 'a\nb', 'plombe.dev/custody-export/v1', 'x'.repeat(256)])(
    '%j is no origin',
    async (origin) => {
      await expect(createLedger(folderStore(fresh()), origin, tickingClock())).rejects.toMatchObject({
        code: 'config/invalid',
      });
    },
  );

  test('T70 a clock moved back is refused, a minute is smoothed', async () => {
    const store = await makeLedger(fresh(), [[{ digest: image, kind: 'build' }]]);
    const lastMs = Date.UTC(2026, 0, 1);
    await record(store, [[{ digest: image, kind: 'scan' }]], { nowMs: () => lastMs - 30_000 });
    await expect(
      record(store, [[{ digest: image, kind: 'run' }]], { nowMs: () => lastMs - 90_000 }),
    ).rejects.toMatchObject({
      code: 'ledger/clock',
    });
    const times = (await readRecords(await openReader(store), image)).map(({ statement }) => statement.timeMs);
    expect(times[1]).toBeGreaterThanOrEqual(times[0] as number);
  });

  test.each([
    ['over 1 MiB', 'x'.repeat(1024 * 1024)],
    ['without canonical form', '\ud800'],
    ['nested too deep', JSON.parse('['.repeat(200) + ']'.repeat(200))],
  ])('T56 content %s is refused, and the writer goes on', async (_, content) => {
    const store = await makeLedger(fresh(), []);
    const writer = await openWriter(store, tickingClock());
    await expect(writer.append([{ digest: image, kind: 'scan', content }])).rejects.toMatchObject({
      code: 'config/invalid',
    });
    expect(await writer.append([{ digest: image, kind: 'scan' }])).toMatchObject([{ sequence: 1 }]);
    await writer.close();
  });

  test('T73 content with names of the language is kept as it is', async () => {
    const content: unknown = JSON.parse(
      '{"__proto__":{"admin":true},"constructor":1,"toString":null,"hasOwnProperty":[]}',
    );
    const store = await makeLedger(fresh(), [[{ digest: image, kind: 'scan', content }]]);
    const [read] = await readRecords(await openReader(store), image);
    expect(JSON.stringify(read?.statement.content)).toBe(
      '{"__proto__":{"admin":true},"constructor":1,"hasOwnProperty":[],"toString":null}',
    );
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  test('T66 no message says anything of a key', async () => {
    const path = fresh();
    const store = await makeLedger(path, []);
    const secret = readFileSync(join(path, 'log.key'), 'utf8');
    writeFileSync(join(path, 'log.key'), secret.replace('PRIVATE', 'SECRET'));
    const body = secret.split('\n')[1] ?? '';
    await expect(openWriter(store, tickingClock())).rejects.toSatisfy(
      (thrown: Error) => !String(thrown.stack).includes(body),
    );
  });

  test("T70 another log's keys are refused", async () => {
    const [path, other] = [fresh(), fresh()];
    const store = await makeLedger(path, []);
    await makeLedger(other, []);
    writeFileSync(join(path, 'record.key'), readFileSync(join(other, 'record.key')));
    await expect(openWriter(store, tickingClock())).rejects.toMatchObject({ code: 'ledger/damaged' });
  });
});

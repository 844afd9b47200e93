// Signatures on threads: the same verdict as without them, whatever they are given; and none where a thread fails.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { SignatureQueue } from './signatures.ts';
import { openReader } from './reader.ts';
import { digestOf, exportText, makeLedger, temporaryFolder } from './testing/ledgers.ts';
import { verifyExport, type VerifyOptions } from './verify.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });

interface Signed {
  readonly bytes: Buffer;
  readonly signature: Uint8Array;
  readonly key: KeyObject;
}

const genuine: readonly Signed[] = Array.from({ length: 2200 }, (_, i) => {
  // Some are larger than a batch.
  const bytes = Buffer.alloc(i % 500 === 499 ? 700_000 : 200 + (i % 7), i);
  return { bytes, signature: sign('sha256', bytes, privateKey), key: publicKey };
});

const at = (...places: readonly number[]): readonly Signed[] =>
  genuine.map((one, i) => (places.includes(i + 1) ? { ...one, signature: genuine[0]?.signature ?? one.bytes } : one));

async function firstForged(signed: readonly Signed[], threads: number, program?: string): Promise<number | undefined> {
  const queue = new SignatureQueue(threads, program);
  try {
    for (const [i, { bytes, signature, key }] of signed.entries()) {
      queue.add(bytes, signature, key, { line: i + 1, link: `leaf ${i}` });
      if (queue.isFull) await queue.room();
    }
    return (await queue.finish())?.line;
  } finally {
    await queue.close();
  }
}

describe.each([0, 1, 3, 64])('with %d threads', (threads) => {
  test('all that hold are found to', async () => {
    expect(await firstForged(genuine, threads)).toBeUndefined();
    expect(await firstForged(genuine.slice(0, 3), threads)).toBeUndefined();
    expect(await firstForged([], threads)).toBeUndefined();
  });

  test.each([
    [[2], 2],
    [[999, 1000], 999],
    [[1001], 1001],
    [[2200], 2200],
    [[2000, 1500, 1129], 1129],
    [[2150, 900], 900],
  ])('forged ones at %j: the first is named', async (places, first) => {
    expect(await firstForged(at(...places), threads)).toBe(first);
  });

  test('what is no signature holds no more than one by another key', async () => {
    const broken = [Buffer.alloc(0), Buffer.alloc(70), sign('sha256', Buffer.alloc(207), stranger.privateKey)];
    for (const signature of broken) {
      const signed = genuine.map((one, i) => (i === 1499 ? { ...one, signature } : one));
      expect(await firstForged(signed, threads)).toBe(1500);
    }
  });

  test('each is verified with its own key', async () => {
    const signed = genuine.map((one, i) => (i === 1600 ? { ...one, key: stranger.publicKey } : one));
    expect(await firstForged(signed, threads)).toBe(1601);
    const byStranger = signed.map((one, i) =>
      i === 1600 ? { ...one, signature: sign('sha256', one.bytes, stranger.privateKey) } : one,
    );
    expect(await firstForged(byStranger, threads)).toBeUndefined();
  });
});

const port = `const { parentPort } = require('node:worker_threads');`;

describe('a thread that fails is an error and never a verdict', () => {
  test.each([
    ['cannot be started', 'this is no program'],
    ['ends at once', 'process.exit(0)'],
    ['ends when it is asked', `${port} parentPort.on('message', () => process.exit(0));`],
    ['throws', `${port} parentPort.on('message', () => { throw new Error('out of order'); });`],
    [
      'claims more than it was asked',
      `${port} parentPort.on('message', (asked) => parentPort.postMessage({ ...asked, holding: 1e6 }));`,
    ],
    [
      'answers another question',
      `${port} parentPort.on('message', ({ bytes }) => parentPort.postMessage({ number: -1, bytes, holding: 128 }));`,
    ],
    [
      'answers nothing that is an answer',
      `${port} parentPort.on('message', ({ number, bytes }) => parentPort.postMessage({ number, bytes, holding: NaN }));`,
    ],
  ])('%s', async (_, program) => {
    await expect(firstForged(genuine, 2, program)).rejects.toMatchObject({ code: 'internal/bug' });
  });
});

describe('an export of 1,500 records', async () => {
  const folder = temporaryFolder();
  afterAll(() => folder.end());
  const digests = Array.from({ length: 15 }, (_, i) => digestOf(i));
  const batches = [0, 1].map((half) =>
    Array.from({ length: 750 }, (_, i) => ({
      digest: digestOf(i % 15),
      kind: 'scan' as const,
      content: { half, i, text: i === 700 ? 'é' : 'e' },
    })),
  );
  const store = await makeLedger(folder.path, batches);
  const lines = (await exportText(store, digests)).split(/(?<=\n)/);
  const { log: logKey } = (await openReader(store)).keys;

  async function judge(text: string, options: Partial<VerifyOptions>) {
    const source = (async function* () {
      yield* text.match(/[^]{1,300000}/g)?.map((part) => Buffer.from(part)) ?? [];
    })();
    return verifyExport(source, { logKey, ...options });
  }

  /** Changes that line and answers what is found, which must be the same with and without threads. */
  async function broken(...changes: readonly (readonly [line: number, change: (line: string) => string])[]) {
    const text = changes
      .reduce((all, [line, change]) => all.with(line - 1, change(all[line - 1] ?? '')), lines)
      .join('');
    const [without, withThreads] = await Promise.all([judge(text, {}), judge(text, { threads: 2 })]);
    expect(withThreads).toEqual(without);
    return without.verdict === 'rejected' ? without.firstBroken : undefined;
  }

  // Three lines per record, and a map proof after each hundred; eight lines before the first.
  const bundleOf = (record: number): number => 8 + 3 * (record - 1) + Math.floor((record - 1) / 100) + 2;
  const signatureOf = (line: string): string => /"sig":"([^"]+)"/.exec(line)?.[1] ?? '';
  const forge = (line: string): string =>
    line.replace(/"sig":"[^"]+"/, `"sig":"${signatureOf(lines[bundleOf(3) - 1] ?? '')}"`);

  test('is verified, and has its bundles where this test looks for them', async () => {
    for (const record of [1, 100, 101, 1400]) expect(lines[bundleOf(record) - 1]).toMatch(/^\{"bundle"/);
    expect(await broken()).toBeUndefined();
  });

  test('is rejected for a signature before what breaks because of it', async () => {
    expect(await broken([bundleOf(1400), forge])).toMatchObject({ line: bundleOf(1400), check: 'signature' });
    expect(
      await broken([bundleOf(1050), forge], [bundleOf(1049) + 1, (line) => line.replace('"index"', '"Index"')]),
    ).toMatchObject({ line: bundleOf(1049) + 1, check: 'encoding' });
    expect(await broken([lines.length, () => ''])).toMatchObject({ check: 'end' });
  });

  test('can be stopped', async () => {
    const stop = new AbortController();
    const source = (async function* () {
      for (const line of lines) {
        if (line.includes('"sequence":90,')) stop.abort(new Error('enough'));
        yield Buffer.from(line);
      }
    })();
    await expect(verifyExport(source, { logKey, threads: 2, signal: stop.signal })).rejects.toThrow('enough');
  });
});

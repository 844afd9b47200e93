// Decompression against the tools that compress, in every framing they use, and against bombs and damage.
import { defaultLayerLimits, isPlombeError, mebibyte } from '@plombe/kit';
import fc from 'fast-check';
import { execFileSync, spawnSync } from 'node:child_process';
import { constants, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decompress, type DecompressOptions } from './decompress.ts';
import type { Engines } from './engine.ts';
import { observeContexts } from './native-contexts.ts';
import { nativeEngines } from './native-engine.ts';
import { defaultEngines } from './engines.ts';
import { streamEngines } from './stream-engine.ts';
import { detectCompression } from './detect.ts';

const signal = new AbortController().signal;

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(size);
  for (let i = 0; i < bytes.length; i += size) {
    // One buffer used again, as the contract allows a source to do.
    const piece = bytes.subarray(i, i + size);
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
  }
}

interface Outcome {
  readonly bytes: Buffer;
  readonly code?: string;
  readonly message?: string;
  readonly remarks: readonly string[];
}

async function expandWith(
  engines: Engines,
  stored: Uint8Array,
  options: Partial<DecompressOptions> = {},
  size = mebibyte,
): Promise<Outcome> {
  const chunks: Buffer[] = [];
  const remarks: string[] = [];
  const onRemark = (message: string): void => void remarks.push(message);
  try {
    for await (const chunk of decompress(pieces(stored, size), {
      signal,
      limits: defaultLayerLimits,
      onRemark,
      engines,
      ...options,
    })) {
      chunks.push(Buffer.from(chunk));
    }
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    return { bytes: Buffer.concat(chunks), code: error.code, message: error.message, remarks };
  }
  return { bytes: Buffer.concat(chunks), remarks };
}

/** Bytes that compress to about half, the same in every run. */
function sample(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0, seed = 7; i < size; i++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = (seed >>> 24) & 0x0f;
  }
  return bytes;
}

const big = sample(3 * mebibyte + 17);
const skippable = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from('abc')]);
const named = ((): Buffer => {
  const plain = gzipSync('named');
  const extra = Buffer.from([2, 0, 9, 9]);
  const header = Buffer.concat([plain.subarray(0, 3), Buffer.from([0x1e]), plain.subarray(4, 10), extra]);
  return Buffer.concat([header, Buffer.from('name\0comment\0\x12\x34', 'latin1'), plain.subarray(10)]);
})();

function flip(bytes: Uint8Array, at: number, mask = 1): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] as number) ^ mask;
  return copy;
}

const written = new Map<string, Buffer>();

/** What the tool makes of `big`, once for all kinds of engines. */
function writtenBy(tool: string, flags: readonly string[]): Buffer {
  const key = [tool, ...flags].join(' ');
  const known = written.get(key) ?? execFileSync(tool, [...flags, '-c'], { input: big, maxBuffer: 2 ** 26 });
  written.set(key, known);
  return known;
}

const contexts = observeContexts();
const kinds: readonly (readonly [string, Engines])[] = [
  ['streams', streamEngines],
  ...(contexts === undefined ? [] : [['native contexts', nativeEngines(contexts)] as const]),
];

describe.each(kinds)('with %s', (kind, engines) => {
  const expand = (stored: Uint8Array, options: Partial<DecompressOptions> = {}, size?: number): Promise<Outcome> =>
    expandWith(engines, stored, options, size);

  describe.each([mebibyte, 1000, 7])('in pieces of %i bytes', (size) => {
    test.each<[string, Uint8Array, string | Uint8Array]>([
      ['gzip', gzipSync('hello'), 'hello'],
      ['empty gzip', gzipSync(''), ''],
      ['gzip of several members', Buffer.concat([gzipSync('a'), gzipSync(''), gzipSync('b')]), 'ab'],
      ['gzip with zero padding', Buffer.concat([gzipSync('a'), Buffer.alloc(5000)]), 'a'],
      ['gzip with every header field', named, 'named'],
      ['stored blocks', gzipSync(big.subarray(0, 100_000), { level: 0 }), big.subarray(0, 100_000)],
      ['zstd', zstdCompressSync(Buffer.from('hello')), 'hello'],
      ['empty zstd', zstdCompressSync(Buffer.alloc(0)), ''],
      ['zstd frames', Buffer.concat([zstdCompressSync(Buffer.from('a')), zstdCompressSync(Buffer.from('b'))]), 'ab'],
      ['skippable frames', Buffer.concat([skippable, zstdCompressSync(Buffer.from('a')), skippable]), 'a'],
      [
        'zstd with a check sum',
        zstdCompressSync(Buffer.from('a'), { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
        'a',
      ],
      ['nothing', Buffer.alloc(0), ''],
      ['a short text', Buffer.from('BZ'), 'BZ'],
      ['a tar whose first file is called BZh9', Buffer.from('BZh9.txt\0\0\0\0'), 'BZh9.txt\0\0\0\0'],
    ])('%s', async (_, stored, content) => {
      expect(await expand(stored, {}, size)).toEqual({ bytes: Buffer.from(content), remarks: [] });
    });
  });

  test.each<[string, Uint8Array]>([
    ['gzip', gzipSync(big)],
    ['zstd', zstdCompressSync(big)],
    [
      'a thousand members',
      Buffer.concat(Array.from({ length: 1000 }, (_, i) => gzipSync(big.subarray(i * 3000, (i + 1) * 3000)))),
    ],
  ])('more than one buffer: %s', async (_, stored) => {
    const whole = _ === 'a thousand members' ? big.subarray(0, 3_000_000) : big;
    for (const size of [mebibyte, 70_001]) expect((await expand(stored, {}, size)).bytes.equals(whole)).toBe(true);
  });

  const tools: readonly (readonly [string, readonly string[]])[] = [
    ['gzip', ['-1']],
    ['gzip', ['-9']],
    ['pigz', ['-p', '4', '-b', '128']],
    ['pigz', ['-11', '-b', '128']],
    ['zstd', ['-1']],
    ['zstd', ['-19', '--long=24']],
    ['zstd', ['-T2', '-B1MiB']],
  ];
  for (const [tool, flags] of tools) {
    const missing = spawnSync(tool, ['--version']).status !== 0;
    test.skipIf(missing)(`reads what ${tool} ${flags.join(' ')} writes`, async () => {
      const stored = writtenBy(tool, flags);
      expect((await expand(stored)).bytes.equals(big)).toBe(true);
    });
  }

  describe('damage', () => {
    test.each<[string, Uint8Array, string | undefined, string]>([
      ['gzip cut in a header', gzipSync('a').subarray(0, 6), 'archive/corrupt', ''],
      ['gzip cut in a trailer', gzipSync('a').subarray(0, -3), 'archive/corrupt', 'a'],
      ['gzip with a wrong check sum', flip(gzipSync('a'), -8), 'archive/corrupt', 'a'],
      ['gzip with a wrong length', flip(gzipSync('a'), -4), 'archive/corrupt', 'a'],
      [
        'gzip with a reserved block type',
        Buffer.concat([gzipSync('').subarray(0, 10), Buffer.from([7])]),
        'archive/corrupt',
        '',
      ],
      ['gzip and then garbage', Buffer.concat([gzipSync('a'), Buffer.from('garbage')]), undefined, 'a'],
      ['gzip and then half a member', Buffer.concat([gzipSync('a'), gzipSync('b').subarray(0, 4)]), undefined, 'a'],
      ['zstd cut', zstdCompressSync(big).subarray(0, 200), 'archive/corrupt', ''],
      ['zstd cut in a skippable frame', skippable.subarray(0, 9), 'archive/corrupt', ''],
      [
        'zstd and then garbage',
        Buffer.concat([zstdCompressSync(Buffer.from('a')), Buffer.from('garbage')]),
        undefined,
        'a',
      ],
    ])('%s', async (_, stored, code, content) => {
      const outcome = await expand(stored);
      expect(outcome.code).toBe(code);
      expect(String(outcome.bytes)).toBe(content);
      expect(outcome.remarks).toHaveLength(code === undefined ? 1 : 0);
    });

    test.each(['lz4', 'lzip', 'compress'] as const)('T06 %s is named as unsupported', async (format) => {
      const heads = {
        lz4: [4, 0x22, 0x4d, 0x18],
        lzip: [0x4c, 0x5a, 0x49, 0x50, 1],
        compress: [0x1f, 0x9d],
      };
      expect(detectCompression(Uint8Array.from(heads[format]))).toBe(format);
      expect(await expand(Uint8Array.from(heads[format]))).toMatchObject({ code: 'archive/unsupported' });
    });

    test.each([
      ['gzip', gzipSync(big.subarray(0, 5000))],
      ['zstd', zstdCompressSync(big.subarray(0, 5000))],
    ])('cuts and bit flips of %s never hang or pass unseen', async (_, stored) => {
      await fc.assert(
        fc.asyncProperty(fc.nat(stored.length - 1), fc.nat(7), fc.boolean(), async (at, bit, cut) => {
          const bad = cut ? stored.subarray(0, at) : flip(stored, at, 1 << bit);
          const outcome = await expand(bad);
          // zstd without a check sum may decode to other bytes; the digest of the layer tells that.
          if (cut && at > 18) expect(outcome.code).toBe('archive/corrupt');
          expect(outcome.bytes.length).toBeLessThan(mebibyte);
        }),
        { numRuns: 200 },
      );
    });
  });

  describe('T05 bombs', () => {
    const limits = { layerBytes: 100 * mebibyte, ratio: 200, ratioFromBytes: 8 * mebibyte };

    test.each([
      ['gzip', gzipSync(Buffer.alloc(64 * mebibyte))],
      ['zstd', zstdCompressSync(Buffer.alloc(64 * mebibyte))],
    ])('%s stops at the ratio', async (_, bomb) => {
      const outcome = await expand(bomb, { limits });
      expect(outcome.code).toBe('archive/limit');
      expect(outcome.message).toContain('200 times');
      expect(outcome.bytes.length).toBeLessThan(10 * mebibyte);
    });

    test.each([
      ['gzip', gzipSync(big)],
      ['zstd', zstdCompressSync(big)],
      ['none', big],
    ])('%s stops at the size', async (_, stored) => {
      const outcome = await expand(stored, { limits: { ...limits, layerBytes: mebibyte } });
      expect(outcome.code).toBe('archive/limit');
      expect(outcome.bytes.length).toBeLessThan(2.1 * mebibyte);
    });

    test('a zstd window over 128 MiB is refused', async () => {
      const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (28 - 10) << 3, 0x03, 0x00, 0x00, 0x61]);
      expect(await expand(frame)).toMatchObject({ code: 'archive/limit' });
    });

    test('endless empty members end with the source', async () => {
      const member = Buffer.concat([gzipSync('').subarray(0, 10), deflateRawSync(''), Buffer.alloc(8)]);
      const many = Buffer.concat(Array.from({ length: kind === 'streams' ? 2000 : 50_000 }, () => member));
      expect(await expand(many)).toEqual({ bytes: Buffer.alloc(0), remarks: [] });
    });
  });

  test('cancellation and a consumer that stops early close the source', async () => {
    let closed = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield gzipSync(big);
        yield gzipSync(big);
      } finally {
        closed += 1;
      }
    }
    for await (const chunk of decompress(source(), { signal, limits: defaultLayerLimits, engines })) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(closed).toBe(1);
    const controller = new AbortController();
    const aborted = async (): Promise<void> => {
      for await (const chunk of decompress(source(), {
        signal: controller.signal,
        limits: defaultLayerLimits,
        engines,
      })) {
        if (chunk.length > 0) controller.abort();
      }
    };
    await expect(aborted()).rejects.toThrow('abort');
    expect(closed).toBe(2);
  });
});

describe('T07 members without content', () => {
  const engines = defaultEngines();
  async function* endless(member: Uint8Array, bytes: number): AsyncGenerator<Uint8Array> {
    const many = Buffer.concat(Array.from({ length: Math.floor(mebibyte / member.length) }, () => member));
    for (let sent = 0; sent < bytes; sent += many.length) yield await Promise.resolve(many);
  }

  test.each([
    ['frames', Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])],
    ['members', gzipSync('')],
  ])('sixteen million %s are enough', async (word, member) => {
    const read = async (): Promise<void> => {
      const source = endless(member, 17_000_000 * member.length);
      for await (const chunk of decompress(source, { signal, limits: defaultLayerLimits, engines })) {
        expect(chunk.length).toBe(0);
      }
    };
    await expect(read()).rejects.toThrow(`more than 16000000 ${word}`);
  });
});

describe('the choice of engines', () => {
  test('both kinds give the same bytes and the same verdict, whatever the damage', async () => {
    const contexts = observeContexts();
    if (contexts === undefined) throw new Error('this Node has no contexts that are expected');
    const bases = [gzipSync(big.subarray(0, 90_000)), zstdCompressSync(big.subarray(0, 90_000)), named];
    const change = fc.tuple(fc.nat(), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...bases), fc.array(change, { maxLength: 3 }), async (base, changes) => {
        const bad = Buffer.from(base);
        for (const [at, value] of changes) bad[at % bad.length] = value;
        const native = await expandWith(nativeEngines(contexts), bad, {}, 30_000);
        expect(await expandWith(streamEngines, bad, {}, 30_000)).toEqual(native);
      }),
      { numRuns: 300 },
    );
  });

  test('this Node, which Plombe brings, has the contexts that are expected', () => {
    expect(observeContexts()).toBeDefined();
  });

  test.each(['22.20.0', '25.0.0', '27.1.0', ''])('Node %s is driven through its public streams', (version) => {
    expect(observeContexts(version)).toBeUndefined();
  });

  test('a context never gets a call that would end the process', async () => {
    const engines = nativeEngines(
      observeContexts() ??
        (() => {
          throw new Error('no contexts');
        })(),
    );
    const engine = engines.openInflate();
    const to = new Uint8Array(10);
    const piece = { from: new Uint8Array(10), at: 0, size: 10, to, toAt: 0, toSize: 10 };
    expect(() => engine.run({ ...piece, size: 11 }, true)).toThrow('outside its buffer');
    expect(() => engine.run({ ...piece, toAt: 5 }, true)).toThrow('outside its buffer');
    expect(() => engine.run({ ...piece, at: -1 }, true)).toThrow('outside its buffer');
    expect(() => engine.run({ ...piece, from: 'text' as unknown as Uint8Array }, true)).toThrow('not bytes');
    const running = engine.run(piece, false);
    expect(() => engine.run(piece, true)).toThrow('under way');
    expect(() => engine.reset()).toThrow('reset while decoding');
    // Closing meanwhile is put off by the native side.
    engine.close();
    engine.close();
    await running;
    expect(() => engine.run(piece, true)).toThrow('closed');
    expect(() => engine.reset()).toThrow('closed');
  });
});

// bzip2 against the program that makes it, in every level, and against damage and bombs.
import { defaultLayerLimits, isPlombeError, mebibyte } from '@plombe/kit';
import fc from 'fast-check';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { decompress } from '../decompress.ts';

const hasBzip2 = spawnSync('bzip2', ['--help']).error === undefined;
if (!hasBzip2) console.warn('skipped: bzip2 is not installed');

const signal = new AbortController().signal;
const pack = (bytes: Uint8Array, level = 9): Buffer =>
  execFileSync('bzip2', [`-${level}`, '-c'], { input: bytes, maxBuffer: 256 * mebibyte });

async function unpack(stored: Uint8Array, size = 50_000, limits = defaultLayerLimits) {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < stored.length; at += size) yield stored.subarray(at, at + size);
  }
  const chunks: Buffer[] = [];
  const remarks: string[] = [];
  try {
    const onRemark = (message: string): void => void remarks.push(message);
    for await (const chunk of decompress(pieces(), { signal, limits, onRemark })) chunks.push(Buffer.from(chunk));
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    return { bytes: Buffer.concat(chunks), code: error.code, remarks };
  }
  return { bytes: Buffer.concat(chunks), remarks };
}

/** Text, noise, one byte without end, and runs about the four that begin a count. */
const samples: readonly (readonly [string, Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from('x')],
  ['text', Buffer.from('<definition id="oval:com.oracle.elsa:def:20070057"/>\n'.repeat(40_000))],
  ['noise', randomBytes(1_200_000)],
  ['zeros', Buffer.alloc(3_000_000)],
  ['runs', Buffer.concat(Array.from({ length: 600 }, (_, i) => Buffer.alloc(i % 300, i % 7)))],
  ['all bytes', Buffer.from(Uint8Array.from({ length: 256 * 9 }, (_, i) => i))],
];

describe.skipIf(!hasBzip2)('bzip2', () => {
  test.each(samples)('gives back what the program packed: %s', async (_, bytes) => {
    for (const level of [1, 5, 9]) {
      const { bytes: found, code } = await unpack(pack(bytes, level));
      expect(code).toBeUndefined();
      expect(found.equals(bytes)).toBe(true);
    }
  });

  test('gives back any bytes, cut into any pieces', async () => {
    const part = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 300 }));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 60 }), fc.integer({ min: 1, max: 700 }), async (parts, size) => {
        const bytes = Buffer.concat(parts.map(([byte, length]) => Buffer.alloc(length, byte)));
        expect((await unpack(pack(bytes), size)).bytes.equals(bytes)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('streams in a row are one, and what follows the last is told', async () => {
    const two = Buffer.concat([pack(Buffer.from('ab')), pack(Buffer.alloc(0)), pack(Buffer.from('cd'), 1)]);
    expect(String((await unpack(two)).bytes)).toBe('abcd');
    const odd = await unpack(Buffer.concat([two, Buffer.from('more')]));
    expect(String(odd.bytes)).toBe('abcd');
    expect(odd.remarks).toHaveLength(1);
  });

  test('T06 a bomb ends at the limit', async () => {
    const bomb = pack(Buffer.alloc(64 * mebibyte));
    const small = { ...defaultLayerLimits, ratioFromBytes: mebibyte, ratio: 100 };
    const { code, bytes } = await unpack(bomb, 50_000, small);
    expect(code).toBe('archive/limit');
    expect(bytes.length).toBeLessThan(8 * mebibyte);
  });

  test('T06 cuts and bit flips never hang or pass unseen', async () => {
    const bytes = Buffer.from('what is said of packages, '.repeat(300));
    const stored = pack(bytes);
    await fc.assert(
      fc.asyncProperty(fc.nat(stored.length - 1), fc.nat(7), fc.boolean(), async (at, bit, cut) => {
        const bad = cut ? stored.subarray(0, at) : Buffer.from(stored);
        if (!cut) bad[at] = (bad[at] as number) ^ (1 << bit);
        const outcome = await unpack(bad);
        // A flip in the padding of the last byte changes nothing; one in the magic makes it another file.
        const isHead = at < 10;
        if (cut && at >= 10) expect(outcome.code).toBe('archive/corrupt');
        else if (!isHead && outcome.code === undefined) expect(outcome.bytes.equals(bytes)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

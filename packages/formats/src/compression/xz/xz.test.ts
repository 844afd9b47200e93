// xz against the program that makes it, in its presets, checks and block forms, and against damage and bombs.
import { defaultLayerLimits, isPlombeError, mebibyte } from '@plombe/kit';
import fc from 'fast-check';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decompress } from '../decompress.ts';

const hasXz = spawnSync('xz', ['--help']).error === undefined;
if (!hasXz) console.warn('skipped: xz is not installed');
// xz 5.6 has it, Debian 12's 5.4 has not.
const hasRiscV = hasXz && spawnSync('xz', ['--riscv', '--lzma2', '-c'], { input: '' }).status === 0;
if (hasXz && !hasRiscV) console.warn('skipped: this xz has no filter for RISC-V');

const signal = new AbortController().signal;
const pack = (bytes: Uint8Array, ...args: string[]): Buffer =>
  execFileSync('xz', ['-c', ...(args.length === 0 ? ['-1'] : args)], { input: bytes, maxBuffer: 256 * mebibyte });

async function unpack(stored: Uint8Array, size = 50_000, limits = defaultLayerLimits) {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < stored.length; at += size) yield await Promise.resolve(stored.subarray(at, at + size));
  }
  const chunks: Buffer[] = [];
  const remarks: string[] = [];
  try {
    const onRemark = (message: string): void => void remarks.push(message);
    for await (const chunk of decompress(pieces(), { signal, limits, onRemark })) chunks.push(Buffer.from(chunk));
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    return { bytes: Buffer.concat(chunks), code: error.code, message: error.message, remarks };
  }
  return { bytes: Buffer.concat(chunks), remarks };
}

/** Changes the header of the first block: size, flags, filters with the size of their properties and these, padding, check sum. */
function withHeader(stored: Buffer, change: (header: Buffer) => void): void {
  const header = stored.subarray(12, 12 + ((stored[12] ?? 0) + 1) * 4);
  change(header.subarray(0, -4));
  header.writeUInt32LE(crc32(header.subarray(0, -4)), header.length - 4);
}

const program = spawnSync('sh', ['-c', 'cat "$(command -v xz)"'], { maxBuffer: mebibyte * 8 }).stdout;
const samples: readonly (readonly [string, Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from('x')],
  ['text', Buffer.from('<definition id="oval:com.oracle.elsa:def:20070057"/>\n'.repeat(40_000))],
  ['noise', randomBytes(700_000)],
  ['zeros', Buffer.alloc(3_000_000)],
  ['noise and text in turn', Buffer.concat(Array.from({ length: 60 }, (_, i) => Buffer.concat([randomBytes(9000 + i), Buffer.from('text '.repeat(i * 100))])))],
  ['a program', program],
]; // prettier-ignore

describe.skipIf(!hasXz)('xz', () => {
  test.each(samples)('gives back what the program packed: %s', async (_, bytes) => {
    const forms = [['-0'], ['-6'], ['-9e'], ['--check=none'], ['--check=crc32'], ['--check=sha256'], ['--block-size=100000', '-T2'], ['--lzma2=dict=4KiB,lc=0,lp=3,pb=4'], ['--lzma2=preset=6,lc=4,pb=0']]; // prettier-ignore
    for (const form of forms) {
      const { bytes: found, code } = await unpack(pack(bytes, ...form));
      expect(code).toBeUndefined();
      expect(found.equals(bytes)).toBe(true);
    }
  });

  test('gives back any bytes, cut into any pieces', async () => {
    const part = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 300 }));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 40 }), fc.integer({ min: 1, max: 700 }), async (parts, size) => {
        const bytes = Buffer.concat(
          parts.map(([own, times]) => Buffer.concat(Array.from({ length: times }, () => own))),
        );
        expect((await unpack(pack(bytes), size)).bytes.equals(bytes)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('streams in a row with padding are one, and what follows the last is told', async () => {
    const two = Buffer.concat([
      pack(Buffer.from('ab')),
      Buffer.alloc(8),
      pack(Buffer.alloc(0)),
      pack(Buffer.from('cd'), '-9'),
    ]);
    expect(String((await unpack(two)).bytes)).toBe('abcd');
    const odd = await unpack(Buffer.concat([two, Buffer.from('more')]));
    expect(String(odd.bytes)).toBe('abcd');
    expect(odd.remarks).toHaveLength(1);
  });

  const filters = [
    '--x86',
    '--arm',
    '--armthumb',
    '--arm64',
    '--ia64',
    '--powerpc',
    ...(hasRiscV ? ['--riscv'] : []),
    '--sparc',
    '--delta=dist=1',
    '--delta=dist=256',
  ];

  test.each(filters)('undoes the filter %s', async (filter) => {
    // Bytes that instructions of all machines are made of, alone and in a program.
    const odd = Buffer.from([
      0xe8, 0xe9, 0, 0xff, 0xeb, 0xf0, 0xf8, 0x48, 0x40, 0x7f, 0x94, 0x97, 0x90, 0xb0, 1, 0xef, 0x17, 0x97, 0x10, 0x31,
      0xe7, 0x80, 0x67,
    ]);
    const soup = Buffer.from(Array.from(randomBytes(400_000), (byte) => odd[byte % odd.length] ?? 0));
    for (const bytes of [program, soup, soup.subarray(0, 5), randomBytes(300_001), Buffer.alloc(0)]) {
      const start = filter.startsWith('--delta') ? '' : '=start=4096';
      for (const form of [filter, `${filter}${start}`]) {
        const { bytes: found, code } = await unpack(pack(bytes, form, '--lzma2=preset=1'));
        expect(code).toBeUndefined();
        expect(found.equals(bytes)).toBe(true);
      }
    }
  });

  test.skipIf(!hasRiscV)('undoes pairs of instructions of RISC-V, packed and such as look packed', async () => {
    const words = Array.from({ length: 60_000 }, (_, i) => {
      const noise = randomBytes(4).readUInt32LE();
      const register = (i >>> 1) % 7 === 0 ? 2 : ((i >>> 1) * 5) % 32;
      return (
        (i % 2 === 0
          ? (noise & ~0xfff) | (register << 7) | 0x17
          : (noise & ~0xff07f) | (register << 15) | (i % 3 === 0 ? 0x13 : 0x03)) >>> 0
      );
    });
    const bytes = Buffer.alloc(words.length * 4);
    for (const [i, word] of words.entries()) bytes.writeUInt32LE(word, i * 4);
    for (const from of [0, 2, 4]) {
      const { bytes: found, code } = await unpack(pack(bytes.subarray(from), '--riscv', '--lzma2=preset=0'), 7001);
      expect(code).toBeUndefined();
      expect(found.equals(bytes.subarray(from))).toBe(true);
    }
  });

  test('undoes any filters in a row, of any bytes', async () => {
    const byte = fc.oneof(fc.constantFrom(0xe8, 0xe9, 0, 0xff), fc.nat(255));
    const row = fc.array(fc.constantFrom(...filters), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(byte, { maxLength: 300 }),
        row,
        fc.integer({ min: 1, max: 90 }),
        async (own, forms, size) => {
          const bytes = Buffer.from(own);
          expect((await unpack(pack(bytes, ...forms, '--lzma2=preset=0'), size)).bytes.equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('a filter that is not read is named', async () => {
    const stored = pack(Buffer.from('x'.repeat(5000)), '-T1', '--ia64', '--lzma2=preset=1');
    withHeader(stored, (header) => void (header[2] = 12));
    const { code, message } = await unpack(stored);
    expect(code).toBe('archive/unsupported');
    expect(message).toContain('filter');
  });

  test('T05 a bomb ends at the limit', async () => {
    const small = { ...defaultLayerLimits, ratioFromBytes: mebibyte, ratio: 100 };
    const { code, bytes } = await unpack(pack(Buffer.alloc(64 * mebibyte)), 50_000, small);
    expect(code).toBe('archive/limit');
    expect(bytes.length).toBeLessThan(8 * mebibyte);
  });

  test('T06 a dictionary of 4 GiB is refused before a byte of it is taken', async () => {
    const stored = pack(Buffer.from('hello '.repeat(100)));
    withHeader(stored, (header) => void (header[header.lastIndexOf(0x21) + 2] = 40));
    const { code, message } = await unpack(stored);
    expect(code).toBe('archive/limit');
    expect(message).toContain('dictionary');
  });

  test('T06 cuts and bit flips never hang or pass unseen', async () => {
    const bytes = Buffer.from('what is said of packages, '.repeat(300));
    const stored = pack(Buffer.concat([bytes, randomBytes(50), bytes]));
    const whole = (await unpack(stored)).bytes;
    await fc.assert(
      fc.asyncProperty(fc.nat(stored.length - 1), fc.nat(7), fc.boolean(), async (at, bit, cut) => {
        const bad = cut ? stored.subarray(0, at) : Buffer.from(stored);
        if (!cut) bad[at] = (bad[at] ?? 0) ^ (1 << bit);
        const outcome = await unpack(bad);
        // One in the magic makes it another file.
        if (at < 6) return;
        expect(outcome.code).toBeDefined();
        expect(whole.subarray(0, outcome.bytes.length).length).toBe(outcome.bytes.length);
      }),
      { numRuns: 200 },
    );
  });
});

import { isPlombeError, kibibyte, mebibyte } from '@plombe/kit';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Engines } from './engine.ts';
import { defaultEngines } from './engines.ts';
import { expandZstd, expandZstdPieces } from './expand-zstd.ts';
import { streamEngines } from './stream-engine.ts';

function expand(bytes: Uint8Array, maxBytes: number, engines: Engines): Buffer | string {
  try {
    // Copied: the next chunk is written to the same place.
    return Buffer.concat(Array.from(expandZstd(bytes, maxBytes, engines), (chunk) => Buffer.from(chunk)));
  } catch (thrown) {
    if (!isPlombeError(thrown)) throw thrown;
    return thrown.code;
  }
}

describe.each<[string, Engines]>([
  ["the engines of this machine's Node", defaultEngines()],
  ['the engines of public streams', streamEngines],
])('expandZstd with %s', (_, engines) => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from('x')],
    ['exactly one chunk', Buffer.alloc(256 * kibibyte, 'a')],
    ['more than one chunk', randomBytes(3 * mebibyte + 17)],
  ])('gives back %s', (_name, plain) => {
    expect(expand(zstdCompressSync(plain), plain.length, engines)).toEqual(plain);
  });

  it('gives back any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (plain) => {
        const given = expand(zstdCompressSync(plain), plain.length, engines);
        return Buffer.isBuffer(given) && given.equals(plain);
      }),
    );
  });

  it('gives back any bytes that come in pieces of any size, of one buffer', () => {
    function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
      const buffer = new Uint8Array(size);
      for (let at = 0; at < bytes.length; at += size) {
        const piece = bytes.subarray(at, at + size);
        buffer.fill(0);
        buffer.set(piece);
        yield buffer.subarray(0, piece.length);
      }
    }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400_000 }), fc.integer({ min: 1, max: 70_000 }), (length, size) => {
        const plain = Buffer.concat([randomBytes(Math.ceil(length / 2)), Buffer.alloc(Math.floor(length / 2), 'a')]);
        const given = Array.from(expandZstdPieces(pieces(zstdCompressSync(plain), size), length, engines), (chunk) =>
          Buffer.from(chunk),
        );
        return Buffer.concat(given).equals(plain);
      }),
      { numRuns: 30 },
    );
  });

  it('T05 stops at the limit', () => {
    const large = zstdCompressSync(Buffer.alloc(64 * mebibyte));
    expect(() => Array.from(expandZstdPieces([large], mebibyte, engines))).toThrow('more than 1048576');
    expect(expand(zstdCompressSync(Buffer.alloc(64 * mebibyte)), mebibyte, engines)).toBe('archive/limit');
  });

  it('refuses what is truncated, damaged, twice there or no zstd', () => {
    const whole = zstdCompressSync(randomBytes(100_000));
    expect(expand(whole.subarray(0, -1), mebibyte, engines)).toBe('archive/corrupt');
    expect(expand(Buffer.concat([whole, whole]), mebibyte, engines)).toBe('archive/corrupt');
    expect(expand(Buffer.from('not zstd'), mebibyte, engines)).toBe('archive/corrupt');
    const damaged = Buffer.from(zstdCompressSync(Buffer.from('ab'.repeat(5000) + 'c'.repeat(70))));
    damaged.fill(0xff, 9, 20);
    expect(expand(damaged, mebibyte, engines)).toBe('archive/corrupt');
  });
});

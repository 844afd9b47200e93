// CBOR: the examples of RFC 8949 appendix A that COSE can use, round trips, and hostile bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCbor } from './decode.ts';
import { encodeCbor } from './encode.ts';
import type { CborValue } from './value.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const examples: readonly (readonly [CborValue, string])[] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [1000, '1903e8'],
  [1_000_000, '1a000f4240'],
  [1_000_000_000_000, '1b000000e8d4a51000'],
  [18446744073709551615n, '1bffffffffffffffff'],
  [-1, '20'],
  [-38, '3825'],
  [-18446744073709551616n, '3bffffffffffffffff'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [undefined, 'f7'],
  [hex('01020304'), '4401020304'],
  ['', '60'],
  ['ü', '62c3bc'],
  [[1, [2, 3]], '8201820203'],
  [
    new Map([
      [1, 2],
      [3, 4],
    ]),
    'a201020304',
  ],
  [{ kind: 'tag', tag: 1, value: 1363896240 }, 'c11a514b67b0'],
  [{ kind: 'float', value: 1.1 }, 'fb3ff199999999999a'],
];

describe('CBOR', () => {
  it.each(examples.map(([value, bytes]) => ({ value, bytes })))('reads and writes $bytes', ({ value, bytes }) => {
    expect(toHex(encodeCbor(value))).toBe(bytes);
    expect(plain(decodeCbor(hex(bytes)))).toEqual(plain(value));
  });

  it('reads short floats', () => {
    expect(decodeCbor(hex('f93c00'))).toEqual({ kind: 'float', value: 1 });
    expect(decodeCbor(hex('fa47c35000'))).toEqual({ kind: 'float', value: 100_000 });
  });

  it('sorts keys by their encoded bytes', () => {
    const map = new Map<number | string, CborValue>([
      ['a', 1],
      [-1, 2],
      [100, 3],
      [10, 4],
    ]);
    expect(toHex(encodeCbor(map))).toBe('a40a041864032002616101');
  });

  it('gives back what was written', () => {
    const leaf = fc.oneof(fc.maxSafeInteger(), fc.string({ unit: 'grapheme' }), fc.boolean(), fc.constant(null));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, leaf, fc.uint8Array(), fc.array(tie('tree'), { maxLength: 5 })),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const bytes = encodeCbor(value as CborValue);
        expect(plain(decodeCbor(bytes))).toEqual(plain(value as CborValue));
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['trailing bytes', '0000'],
    ['an indefinite array', '9f01ff'],
    ['indefinite text', '7f61616162ff'],
    ['a break alone', 'ff'],
    ['a number not in shortest form', '1800'],
    ['a long number not in shortest form', '1b00000000ffffffff'],
    ['a length not in shortest form', '580161'],
    ['a duplicate key', 'a201010102'],
    ['a duplicate key of both spellings', 'a20101180102'],
    ['a key that is an array', 'a18001'],
    ['text that is not UTF-8', '61ff'],
    ['a reserved simple value', 'f8ff'],
    ['a truncated string', '44010203'],
    ['T48 an array that claims 4 billion items', '9affffffff'],
    ['T48 a string that claims 2^63 bytes', '5b8000000000000000'],
    ['T48 nesting without end', '81'.repeat(100_000)],
    ['T48 tags without end', 'c1'.repeat(100_000)],
  ])('refuses %s', (_name, bytes) => {
    expect(() => decodeCbor(hex(bytes))).toThrow(/^CBOR: /);
  });

  it('T48 refuses more items than an envelope can need', () => {
    expect(() => decodeCbor(hex(`99ffff${'00'.repeat(65_535)}`))).toThrow('more than');
  });

  it('T73 keeps a key like __proto__ a key', () => {
    const map = decodeCbor(hex(`a169${Buffer.from('__proto__').toString('hex')}01`)) as ReadonlyMap<string, unknown>;
    expect(map.get('__proto__')).toBe(1);
  });

  it('throws nothing but its own error for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeCbor(bytes);
        } catch (thrown) {
          expect(String(thrown)).toMatch(/^Malformed: CBOR: /);
        }
      }),
    );
  });
});

/** Buffers and arrays of bytes compare alike. */
function plain(value: CborValue): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

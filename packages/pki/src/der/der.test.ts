// DER in and out: values that round-trip, encodings that are refused, and hostile bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fields, inner } from './fields.ts';
import { defaultDerLimits, parseDer } from './reader.ts';
import { readText } from './text.ts';
import {
  readBitBytes,
  readBoolean,
  readIntegerBytes,
  readIntegerHex,
  readNamedBits,
  readOctets,
  readOid,
  readSmallInteger,
  readTime,
} from './values.ts';
import {
  derBits,
  derBoolean,
  derGeneralizedTime,
  derInteger,
  derNamedBits,
  derOctets,
  derOid,
  derSequence,
  derSet,
  derText,
  derTime,
  derValue,
} from './writer.ts';

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('parseDer', () => {
  it.each([
    ['nothing', ''],
    ['half a header', '30'],
    ['an indefinite length', '3080 0000'],
    ['a long form for a short length', '0481 01 00'],
    ['a length with a leading zero', `0482 0080 ${'00'.repeat(128)}`],
    ['a length of five bytes', '0485 0000000001 00'],
    ['a length that is cut off', '0482 01'],
    ['content that is cut off', '0402 00'],
    ['trailing bytes', '0401 00 00'],
    ['a child longer than its parent', '3003 0402 00'],
    ['a tag of several bytes', '1f8101 00'],
    ['a tag of zero', '0000'],
  ])('refuses %s', (_name, text) => {
    expect(() => parseDer(hex(text))).toThrow('Malformed');
  });

  it('refuses what is larger, deeper or more than the limits', () => {
    expect(() => parseDer(new Uint8Array(defaultDerLimits.bytes + 1))).toThrow('KiB');
    let deep: Uint8Array = derBoolean(true);
    for (let i = 0; i < 31; i++) deep = derSequence(deep);
    expect(parseDer(deep).tag).toBe(0x30);
    expect(() => parseDer(derSequence(deep))).toThrow('deeper');
    const item = derBoolean(true);
    expect(parseDer(derSequence(...Array.from({ length: 9999 }, () => item))).children).toHaveLength(9999);
    expect(() => parseDer(derSequence(...Array.from({ length: 10_000 }, () => item)))).toThrow('more values');
  });

  it('throws nothing but PlombeError on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          expect(parseDer(bytes).bytes).toEqual(bytes);
        } catch (error) {
          expect(error).toHaveProperty('name', 'PlombeError');
        }
      }),
    );
  });

  it('reads back any tree that is written', () => {
    const { tree } = fc.letrec<{ tree: Uint8Array; leaf: Uint8Array }>((tie) => ({
      leaf: fc.oneof(
        fc.uint8Array({ maxLength: 300 }).map(derOctets),
        fc.nat().map(derInteger),
        fc.boolean().map(derBoolean),
      ),
      tree: fc.oneof(
        { maxDepth: 4 },
        tie('leaf'),
        fc.array(tie('tree'), { maxLength: 4 }).map((parts) => derSequence(...parts)),
      ),
    }));
    const write = (node: ReturnType<typeof parseDer>): Uint8Array =>
      node.tag === 0x30 ? derSequence(...node.children.map(write)) : derValue(node.tag, node.content);
    fc.assert(
      fc.property(tree, (bytes) => {
        expect(Buffer.compare(write(parseDer(bytes)), bytes)).toBe(0);
      }),
    );
  });
});

describe('values', () => {
  it.each(['1.2.840.113549.1.1.11', '2.5.29.15', '0.9.2342.19200300.100.1.1', '1.3.6.1.4.1.57264.1.7', '2.999.3'])(
    'round-trips %s',
    (dotted) => {
      expect(readOid(parseDer(derOid(dotted)))).toBe(dotted);
    },
  );

  it.each([
    ['a boolean of 1', '010101', readBoolean],
    ['a boolean of two bytes', '01020000', readBoolean],
    ['a boolean as integer', '020101', readBoolean],
    ['an empty integer', '0200', readIntegerHex],
    ['an integer with a leading zero', '02020001', readIntegerHex],
    ['a negative integer with leading ones', '0202ff80', readIntegerHex],
    ['a negative number', '0201ff', readSmallInteger],
    ['a large number', '02050100000000', readSmallInteger],
    ['an empty identifier', '0600', readOid],
    ['an identifier that is cut off', '06022a86', readOid],
    ['an identifier with a leading zero group', '06032a8001', readOid],
    ['an identifier with an enormous arc', '060a2affffffffffffffff7f', readOid],
    ['a bit string without padding', '0300', readBitBytes],
    ['a bit string of part of a byte', '03020180', readBitBytes],
    ['a bit string whose padding is set', '03020101', readNamedBits],
    ['an empty bit string with padding', '030101', readNamedBits],
    ['a constructed octet string', '2403040100', readOctets],
    ['a time without seconds', '170b3236303130313030303030', readTime],
    ['text that is no UTF-8', '0c01ff', readText],
    ['IA5 that is no ASCII', '1601ff', readText],
    ['half a BMP character', '1e0100', readText],
    ['a universal character beyond Unicode', '1c0400110000', readText],
    ['no text', '0500', readText],
  ] as const)('refuses %s', (_name, text, read) => {
    expect(() => read(parseDer(hex(text)))).toThrow('Malformed');
  });

  it.each([
    ['500101000000Z', 0x17, Date.UTC(1950, 0, 1)],
    ['491231235959Z', 0x17, Date.UTC(2049, 11, 31, 23, 59, 59)],
    ['20500101000000Z', 0x18, Date.UTC(2050, 0, 1)],
    ['99991231235959Z', 0x18, Date.UTC(9999, 11, 31, 23, 59, 59)],
    ['260230000000Z', 0x17, undefined],
    ['261301000000Z', 0x17, undefined],
    ['260101240000Z', 0x17, undefined],
    ['20260101000000.5Z', 0x18, undefined],
    ['20260101000000+0100', 0x18, undefined],
  ])('reads the time %s', (text, as, expected) => {
    const node = parseDer(derValue(as, Buffer.from(text)));
    if (expected === undefined) expect(() => readTime(node)).toThrow('Malformed');
    else expect(readTime(node)).toBe(expected);
  });

  it('reads fractions of a second only where they are allowed', () => {
    const node = parseDer(derValue(0x18, Buffer.from('20260101000000.125Z')));
    expect(readTime(node, true)).toBe(Date.UTC(2026, 0, 1) + 125);
    expect(() => readTime(parseDer(derValue(0x18, Buffer.from('20260101000000.50Z'))), true)).toThrow('fraction');
  });

  it('round-trips numbers, bits, times and texts', () => {
    fc.assert(
      fc.property(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 159n }), fc.uint8Array(), (small, large, bytes) => {
        expect(readSmallInteger(parseDer(derInteger(small)))).toBe(small);
        const text = large.toString(16);
        const even = text.length % 2 === 0 ? text : `0${text}`;
        expect(readIntegerHex(parseDer(derInteger(Buffer.from(even, 'hex'))))).toBe(even);
        expect(Buffer.compare(readBitBytes(parseDer(derBits(bytes))), bytes)).toBe(0);
      }),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(31)),
        fc.integer({ min: 0, max: 4_000_000_000 }),
        fc.string(),
        (bits, seconds, text) => {
          expect(readNamedBits(parseDer(derNamedBits(bits)))).toEqual(bits.toSorted((a, b) => a - b));
          expect(readTime(parseDer(derTime(seconds * 1000)))).toBe(seconds * 1000);
          expect(readTime(parseDer(derGeneralizedTime(seconds * 1000)))).toBe(seconds * 1000);
          expect(readText(parseDer(derText(text)))).toBe(Buffer.from(text).toString());
        },
      ),
    );
    expect(readIntegerBytes(parseDer(derInteger(128)))).toEqual(Buffer.of(0, 128));
    expect(readText(parseDer(hex('1e04d83dde00')))).toBe('😀');
    expect(readText(parseDer(hex('1c040001f600')))).toBe('😀');
    expect(readText(parseDer(hex('1401e4')))).toBe('ä');
  });

  it('sorts a set by its encodings', () => {
    expect(derSet(derInteger(2), derInteger(1))).toEqual(derSet(derInteger(1), derInteger(2)));
  });
});

describe('Fields', () => {
  it('refuses parts that are missing, of another type or left over', () => {
    const node = parseDer(derSequence(derInteger(1), derBoolean(true)));
    expect(() => new Fields(node, 'x', 0x31)).toThrow('x has tag 48, not 49');
    const fields = new Fields(node, 'x');
    expect(() => fields.take(1)).toThrow('where 1 belongs');
    expect(fields.optional(2)).toBeUndefined();
    expect(fields.next).toBe(1);
    expect(() => fields.end()).toThrow('unknown parts');
    expect(readBoolean(fields.any())).toBe(true);
    fields.end();
    expect(() => fields.any()).toThrow('ends early');
    expect(() => inner(node, 'x')).toThrow('exactly one');
  });
});

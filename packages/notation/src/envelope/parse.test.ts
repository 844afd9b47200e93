// Whatever the bytes, an envelope or a payload is parsed or malformed; nothing is thrown.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../cbor/encode.ts';
import type { CborValue } from '../cbor/value.ts';
import { envelopeFormat, parseEnvelope } from './parse.ts';
import { formatPayload, parsePayload } from './payload.ts';
import { formatTime, parseSeconds, parseTime } from './time.ts';

describe('parsing', () => {
  it('throws nothing for any bytes, JSON or CBOR', () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array(),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc
          .array(fc.tuple(fc.oneof(fc.integer(), fc.string()), tie('tree')), { maxLength: 4 })
          .map((one) => new Map(one)),
      ),
    }));
    const sign1 = fc.array(tree, { minLength: 4, maxLength: 4 }).map((value) => ({ kind: 'tag', tag: 18, value }));
    const cbor = fc.oneof(tree, sign1).map((value) => encodeCbor(value as CborValue));
    const json = fc.oneof(
      fc.json(),
      fc.record({ payload: fc.base64String(), protected: fc.base64String() }).map((one) => JSON.stringify(one)),
    );
    const bytes = fc.oneof(
      fc.uint8Array(),
      cbor,
      json.map((text) => Uint8Array.from(Buffer.from(text))),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        expect(parseEnvelope('jws', input).kind).not.toBe('parsed');
        expect(parseEnvelope('cose', input).kind).not.toBe('parsed');
        expect(parsePayload(input).kind).toBe('malformed');
      }),
      { numRuns: 2000 },
    );
  });

  it('knows the two media types', () => {
    expect(envelopeFormat('application/jose+json')).toBe('jws');
    expect(envelopeFormat('application/cose')).toBe('cose');
    expect(envelopeFormat('application/json')).toBeUndefined();
  });
});

describe('a payload', () => {
  it.each([
    ['sha256', 64],
    ['sha384', 96],
    ['sha512', 128],
  ])('with a digest of %s comes back as written', (algorithm, length) => {
    const target = {
      mediaType: 'text/plain',
      digest: `${algorithm}:${'0'.repeat(length)}`,
      sizeBytes: 0,
      artifactType: 'x',
      annotations: { a: 'b' },
    };
    expect(parsePayload(formatPayload(target))).toMatchObject({ kind: 'parsed', target });
  });

  it('T73 keeps an annotation named __proto__ an annotation', () => {
    const text = `{"targetArtifact":{"mediaType":"a","digest":"sha256:${'0'.repeat(64)}","size":1,"annotations":{"__proto__":"x"}}}`;
    const parsed = parsePayload(Buffer.from(text));
    expect(parsed.kind === 'parsed' && Object.entries(parsed.target.annotations)).toEqual([['__proto__', 'x']]);
  });
});

describe('times', () => {
  it.each([
    ['2026-01-01T00:00:00Z', Date.UTC(2026, 0, 1)],
    ['2026-01-01T00:00:00.999Z', Date.UTC(2026, 0, 1)],
    ['2026-01-01t01:30:00+01:30', Date.UTC(2026, 0, 1)],
    ['2025-12-31T23:00:00-01:00', Date.UTC(2026, 0, 1)],
    ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59)],
    ['0001-01-01T00:00:00Z', -62135596800000],
  ])('%s is read', (text, ms) => {
    expect(parseTime(text, 'x')).toBe(ms);
  });

  it.each([
    '',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00+24:00',
    ' 2026-01-01T00:00:00Z',
    '+12026-01-01T00:00:00Z',
  ])('%s is refused', (text) => {
    expect(() => parseTime(text, 'x')).toThrow(/^x: /);
  });

  it('come back as written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        expect(parseTime(formatTime(seconds * 1000), 'x')).toBe(parseSeconds(seconds, 'x'));
      }),
    );
  });
});

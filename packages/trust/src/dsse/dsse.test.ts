// Envelopes: the bytes that are signed, the spellings that are read, and what is refused.
import { testKey } from '@plombe/pki/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signerOf } from '../keys/signer.ts';
import { envelopeToJson, inTotoPayloadType, parseEnvelope } from './envelope.ts';
import { preAuthEncoding } from './pae.ts';
import { signEnvelope } from './sign.ts';

it.each([
  ['application/x', 'hello', 'DSSEv1 13 application/x 5 hello'],
  ['', '', 'DSSEv1 0  0 '],
  ['é', 'ß', 'DSSEv1 2 é 2 ß'],
])('encodes %s and %s in bytes', (type, payload, expected) => {
  expect(Buffer.from(preAuthEncoding(type, Buffer.from(payload))).toString()).toBe(expected);
});

it('never encodes two different pairs alike', () => {
  const pair = fc.tuple(fc.string(), fc.string());
  fc.assert(
    fc.property(pair, pair, ([a, b], [c, d]) => {
      const same = Buffer.compare(preAuthEncoding(a, Buffer.from(b)), preAuthEncoding(c, Buffer.from(d))) === 0;
      expect(same).toBe(a === c && b === d);
    }),
  );
});

describe('parseEnvelope', () => {
  const good = { payloadType: 'x', payload: 'aGVsbG8+', signatures: [{ sig: 'AQID', keyid: 'k' }] };
  const kind = (value: unknown): string => parseEnvelope(JSON.stringify(value)).kind;

  it('reads back what is signed', async () => {
    const envelope = await signEnvelope(Buffer.from('payload'), signerOf(testKey('p256')));
    expect(envelope.payloadType).toBe(inTotoPayloadType);
    expect(parseEnvelope(JSON.stringify(envelopeToJson(envelope)))).toEqual({ kind: 'parsed', value: envelope });
  });

  it('reads the URL-safe alphabet and missing padding as DSSE allows', () => {
    expect(kind(good)).toBe('parsed');
    const read = parseEnvelope(JSON.stringify({ ...good, payload: 'aGVsbG8-', signatures: [{ sig: 'AQ' }] }));
    expect(read.kind === 'parsed' && Buffer.from(read.value.payload).toString()).toBe('hello>');
    expect(read.kind === 'parsed' && read.value.signatures[0]?.signature).toEqual(Buffer.from([1]));
  });

  it.each([
    ['another field', { ...good, extra: 1 }],
    ['no payload', { ...good, payload: undefined }],
    ['no type', { ...good, payloadType: '' }],
    ['no signature', { ...good, signatures: [] }],
    ['an empty signature', { ...good, signatures: [{ sig: '' }] }],
    ['noise in base64', { ...good, payload: 'aGVs bG8=' }],
    ['bits after the end', { ...good, payload: 'aGVsbG9=' }],
    ['a list', [good]],
    ['null', null],
  ])('T47 refuses %s', (_, value) => {
    expect(kind(value)).toBe('malformed');
  });

  it('T48 refuses 10^5 signatures and 50 MB unread', () => {
    expect(kind({ ...good, signatures: Array.from({ length: 100_000 }, () => ({ sig: 'AA==' })) })).toBe('limit');
    expect(parseEnvelope(Buffer.alloc(50_000_000)).kind).toBe('limit');
  });
});

// COSE envelopes as CBOR: which structures and labels are refused.
import { describe, expect, it } from 'vitest';
import { decodeCbor } from '../cbor/decode.ts';
import { encodeCbor } from '../cbor/encode.ts';
import type { CborKey, CborTag, CborValue } from '../cbor/value.ts';
import { parseEnvelope } from '../envelope/parse.ts';
import { signed, testNowMs } from '../testing/world.ts';

const bytes = await signed('cose', { expiryMs: testNowMs + 5000 });
const parts = (decodeCbor(bytes) as CborTag).value as readonly [
  Uint8Array,
  Map<CborKey, CborValue>,
  Uint8Array,
  Uint8Array,
];
const [protectedBytes, unprotectedHeader, payload, signature] = parts;
const protectedHeader = decodeCbor(protectedBytes) as Map<CborKey, CborValue>;

/** Takes a header away. */
const gone = Symbol('gone');

const tagged = (value: CborValue, tag = 18): CborValue => ({ kind: 'tag', tag, value });
const parse = (value: CborValue) => parseEnvelope('cose', encodeCbor(value));
const edited = (
  map: ReadonlyMap<CborKey, CborValue>,
  ...changes: readonly (readonly [CborKey, CborValue | typeof gone])[]
) => {
  const copy = new Map(map);
  for (const [key, value] of changes)
    if (value === gone) copy.delete(key);
    else copy.set(key, value);
  return copy;
};
const withProtected = (...changes: readonly (readonly [CborKey, CborValue | typeof gone])[]) =>
  tagged([encodeCbor(edited(protectedHeader, ...changes)), unprotectedHeader, payload, signature]);
const withUnprotected = (...changes: readonly (readonly [CborKey, CborValue | typeof gone])[]) =>
  tagged([protectedBytes, edited(unprotectedHeader, ...changes), payload, signature]);

const crit = protectedHeader.get(2) as readonly string[];
const chain = unprotectedHeader.get(33) as readonly Uint8Array[];
const second = (value: CborValue): CborValue => tagged(value, 1);

describe('a COSE envelope', () => {
  it('as written is read', () => {
    expect(parse(tagged(parts))).toMatchObject({
      kind: 'parsed',
      envelope: { attributes: { signingTimeMs: testNowMs } },
    });
    expect(parse(withUnprotected(['x-foreign', 1])).kind).toBe('parsed');
    expect(parse(withProtected(['com.example.note', [1, 2]], [4, Uint8Array.of(1)])).kind).toBe('parsed');
  });

  it('may hold its chain in the protected header', () => {
    const moved = tagged([
      encodeCbor(edited(protectedHeader, [33, chain], [2, [...crit, 33]])),
      edited(unprotectedHeader, [33, gone]),
      payload,
      signature,
    ]);
    expect(parse(moved)).toMatchObject({ kind: 'parsed', envelope: { chain } });
  });

  const cases: readonly (readonly [string, CborValue, string])[] = [
    ['no tag', [...parts], 'not a tagged'],
    ['another tag', tagged([...parts], 98), 'not a tagged'],
    ['three parts', tagged(parts.slice(0, 3)), 'array of four'],
    ['five parts', tagged([...parts, null]), 'array of four'],
    ['no protected bytes', tagged([protectedHeader, unprotectedHeader, payload, signature]), 'protected header'],
    ['an empty protected header', tagged([new Uint8Array(), unprotectedHeader, payload, signature]), 'ends before'],
    ['no unprotected map', tagged([protectedBytes, [], payload, signature]), 'unprotected header'],
    ['a detached payload', tagged([protectedBytes, unprotectedHeader, null, signature]), 'payload'],
    ['no signature', tagged([protectedBytes, unprotectedHeader, payload, null]), 'signature'],
    ['alg HMAC', withProtected([1, 5]), 'alg'],
    ['alg as text', withProtected([1, 'ES256']), 'alg'],
    ['another content type', withProtected([3, 'text/plain']), 'content type'],
    ['a content type as number', withProtected([3, 50]), 'content type'],
    ['no crit', withProtected([2, gone]), 'crit'],
    ['an empty crit', withProtected([2, []]), 'crit'],
    ['alg in crit', withProtected([2, [...crit, 1]]), 'must not list label 1'],
    ['an unknown label in crit', withProtected([2, [...crit, 99]]), 'not a protected header'],
    ['bytes in crit', withProtected([2, [Uint8Array.of(1)]]), 'not a list of labels'],
    ['an expiry not in crit', withProtected([2, ['io.cncf.notary.signingScheme']]), 'not in crit'],
    ['no scheme', withProtected(['io.cncf.notary.signingScheme', gone]), 'not a protected header'],
    ['no signing time', withProtected(['io.cncf.notary.signingTime', gone]), 'missing'],
    ['a time without its tag', withProtected(['io.cncf.notary.signingTime', 1_700_000_000]), 'whole seconds'],
    ['a time with another tag', withProtected(['io.cncf.notary.signingTime', tagged(1, 0)]), 'whole seconds'],
    [
      'a time with a fraction',
      withProtected(['io.cncf.notary.signingTime', second({ kind: 'float', value: 1.5 })]),
      'whole seconds',
    ],
    ['a time before 1970', withProtected(['io.cncf.notary.signingTime', second(-1)]), 'whole seconds'],
    ['a time beyond years', withProtected(['io.cncf.notary.signingTime', second(10n ** 18n)]), 'whole seconds'],
    ['the chain twice', withProtected([33, chain]), 'both protected and unprotected'],
    ['no chain', withUnprotected([33, gone]), 'no certificates'],
    ['T47 an empty chain', withUnprotected([33, []]), 'no certificates'],
    ['a chain of texts', withUnprotected([33, ['x']]), 'not a byte string'],
    ['T48 a chain of 11', withUnprotected([33, Array.from({ length: 11 }, () => Uint8Array.of(1))]), 'more than 10'],
    ['a time stamp that is a text', withUnprotected(['io.cncf.notary.timestampSignature', 'x']), 'not a byte string'],
    ['a label that a name imitates', withProtected([4, 1], ['label 4', 2]), 'collide'],
  ];

  it.each(cases)('with %s is refused', (_name, value, message) => {
    expect(parse(value)).toEqual({
      kind: message.startsWith('more than') ? 'limit' : 'malformed',
      message: expect.stringContaining(message) as string,
    });
  });

  it('with bytes behind it is refused', () => {
    expect(parseEnvelope('cose', Buffer.concat([bytes, Buffer.of(0)])).kind).toBe('malformed');
  });
});

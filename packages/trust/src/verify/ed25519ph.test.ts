import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyEd25519ph, verifyEdwards } from './ed25519ph.ts';
import { signatureOutcome } from './signature.ts';

/** RFC 8032, 7.3: the vector of Ed25519ph, over `abc`. */
const secret = '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42';
const signature = Buffer.from(
  '98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41' +
    '31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406',
  'hex',
);
const message = Buffer.from('abc');

function keyOf(seedHex: string): KeyObject {
  const der = Buffer.from(`302e020100300506032b657004220420${seedHex}`, 'hex');
  return createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

const sha512 = (bytes: Uint8Array): Buffer => createHash('sha512').update(bytes).digest();
const rawOf = (key: KeyObject): Buffer => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
const none = Buffer.alloc(0);

describe('Ed25519ph', () => {
  it('takes the vector of RFC 8032, also as the signature of a content', () => {
    const key = keyOf(secret);
    expect(verifyEd25519ph(key, sha512(message), signature)).toBe(true);
    expect(signatureOutcome(key, { kind: 'bytes', bytes: message }, signature)).toBe('fits');
    const digest = { kind: 'digest', algorithm: 'sha512', value: sha512(message) } as const;
    expect(signatureOutcome(key, digest, signature)).toBe('fits');
    expect(signatureOutcome(key, { kind: 'bytes', bytes: Buffer.from('abd') }, signature)).toBe('differs');
  });

  it('is not Ed25519, in either direction (T40)', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const digest = sha512(message);
    // A plain signature over the digest is no prehashed signature over the message.
    expect(verifyEd25519ph(publicKey, digest, sign(null, digest, privateKey))).toBe(false);
    expect(verifyEdwards(rawOf(keyOf(secret)), none, digest, signature)).toBe(false);
    expect(signatureOutcome(publicKey, { kind: 'bytes', bytes: message }, sign(null, digest, privateKey))).toBe(
      'differs',
    );
  });

  it('computes on the curve as Node does, for any message, and refuses any changed bit', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = rawOf(publicKey);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 511 }), (bytes, bit) => {
        const made = sign(null, bytes, privateKey);
        expect(verifyEdwards(raw, none, bytes, made)).toBe(true);
        made[bit >> 3] = (made[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(verifyEdwards(raw, none, bytes, made)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses what is malformed: lengths, S not below the order, keys off the curve or encoded twice', () => {
    const digest = sha512(message);
    const raw = rawOf(keyOf(secret));
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
    const larger = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
    expect(verifyEd25519ph(keyOf(secret), digest, Buffer.concat([signature.subarray(0, 32), larger]))).toBe(false);
    for (const length of [0, 63, 65]) {
      expect(verifyEd25519ph(keyOf(secret), digest, Buffer.concat([signature, none], length))).toBe(false);
    }
    const offCurve = Buffer.from(`02${'00'.repeat(31)}`, 'hex');
    const beyondP = Buffer.from(`ee${'ff'.repeat(30)}7f`, 'hex');
    const minusZero = Buffer.from(`01${'00'.repeat(30)}80`, 'hex');
    for (const key of [none, raw.subarray(1), offCurve, beyondP, minusZero]) {
      expect(verifyEdwards(key, none, digest, signature)).toBe(false);
    }
  });
});

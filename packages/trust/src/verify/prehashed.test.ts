// Signatures over digests must be judged exactly as Node judges them over messages.
import { constants, createHash, generateKeyPairSync, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ContentHash } from './evidence.ts';
import { verifyDigest } from './prehashed.ts';

const keys: readonly (readonly [string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }])[] = [
  ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 })],
];
const hashes: readonly ContentHash[] = ['sha256', 'sha384', 'sha512'];
const digestOf = (hash: ContentHash, data: Uint8Array): Uint8Array => createHash(hash).update(data).digest();

describe.each(keys)('%s', (_, { privateKey, publicKey }) => {
  it.each(hashes)('accepts what Node signed over %s and nothing that is changed', (hash) => {
    for (let round = 0; round < 8; round++) {
      const data = randomBytes(20 + round);
      const signature = sign(hash, data, privateKey);
      expect(verifyDigest(publicKey, hash, digestOf(hash, data), signature)).toBe(true);
      expect(verifyDigest(publicKey, hash, digestOf(hash, randomBytes(20)), signature)).not.toBe(true);
      const changed = Buffer.from(signature);
      const at = randomBytes(4).readUInt32BE() % changed.length;
      changed[at] = (changed[at] as number) ^ (1 << round);
      expect(verifyDigest(publicKey, hash, digestOf(hash, data), changed) === true).toBe(
        verify(hash, data, publicKey, changed),
      );
    }
  });
});

it.each([2048, 2049, 2055, 3072])('judges RSA-PSS of %i bits as Node does', (modulusLength) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  for (const hash of hashes) {
    const data = randomBytes(20);
    const signature = sign(hash, data, { key: privateKey, ...pss });
    expect(verifyDigest(publicKey, hash, digestOf(hash, data), signature)).toBe(true);
    expect(verifyDigest(publicKey, hash, digestOf(hash, randomBytes(20)), signature)).toBe(false);
    for (let round = 0; round < 8; round++) {
      const changed = Buffer.from(signature);
      const at = randomBytes(4).readUInt32BE() % changed.length;
      changed[at] = (changed[at] as number) ^ (1 << round);
      expect(verifyDigest(publicKey, hash, digestOf(hash, data), changed)).toBe(false);
    }
    const long = sign(hash, data, { key: privateKey, ...pss, saltLength: 10 });
    expect(verifyDigest(publicKey, hash, digestOf(hash, data), long)).toBe(false);
    expect(verifyDigest(publicKey, hash, digestOf(hash, data), signature.subarray(1))).toBe(false);
  }
});

it('cannot tell without the message for Ed25519 and P-521', () => {
  const ed25519 = generateKeyPairSync('ed25519').publicKey;
  const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey;
  expect(verifyDigest(ed25519, 'sha256', randomBytes(32), randomBytes(64))).toBeUndefined();
  expect(verifyDigest(p521, 'sha512', randomBytes(64), randomBytes(138))).toBeUndefined();
});

it.each([
  ['r = 0', '3006020100020101'],
  ['s = 0', '3006020101020100'],
  ['negative', '3006020180020101'],
  ['padded', '300702020001020101'],
  ['trailing', '300602010102010100'],
  ['three numbers', '3009020101020101020101'],
  ['empty', ''],
])('rejects a signature that is %s', (_, hex) => {
  const key = (keys[0] as (typeof keys)[number])[1].publicKey;
  expect(verifyDigest(key, 'sha256', randomBytes(32), Buffer.from(hex, 'hex'))).toBe(false);
});

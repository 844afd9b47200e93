// Every algorithm of the table: signs, verifies, refuses other content, other keys and keys that are too weak.
import { constants, createPublicKey, generateKeyPairSync, sign as nodeSign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseDer } from '../der/reader.ts';
import { derInteger, derNull, derOid, derSequence, derTagged } from '../der/writer.ts';
import { algorithmIdentifier, testKey, type TestKeyKind } from '../testing/authority.ts';
import { defaultAlgorithm, signatureAlgorithms, type SignatureAlgorithm } from './algorithms.ts';
import { hashOids, readHash, readSignatureAlgorithm } from './identifier.ts';
import { sign, verifySignature } from './signature.ts';

const keys: Readonly<Record<string, KeyObject>> = Object.fromEntries(
  (['p256', 'p384', 'p521', 'rsa2048', 'ed25519', 'ml-dsa-44'] as const).map((kind) => [kind, testKey(kind)]),
);
const data = Buffer.from('content');

function keyOf(algorithm: SignatureAlgorithm): KeyObject {
  const kind = algorithm.startsWith('rsa') ? 'rsa2048' : (/p\d+/.exec(algorithm)?.[0] ?? algorithm);
  return keys[kind] as KeyObject;
}

const algorithms = Object.keys(signatureAlgorithms) as SignatureAlgorithm[];

describe('verifySignature', () => {
  it.each(algorithms)('%s', (algorithm) => {
    const key = keyOf(algorithm);
    const publicKey = createPublicKey(key);
    const signature = sign({ algorithm, key, data });
    expect(verifySignature({ algorithm, key: publicKey, data, signature })).toEqual({ kind: 'verified' });
    expect(verifySignature({ algorithm, key: publicKey, data: Buffer.from('other'), signature }).kind).toBe('rejected');
    for (let at = 0; at < signature.length; at += 7) {
      const changed = Uint8Array.from(signature);
      changed[at] = (changed[at] as number) ^ 1;
      expect(verifySignature({ algorithm, key: publicKey, data, signature: changed }).kind).toBe('rejected');
    }
    for (const bytes of [new Uint8Array(), signature.subarray(1), Buffer.concat([signature, Buffer.of(0)])]) {
      expect(verifySignature({ algorithm, key: publicKey, data, signature: bytes }).kind).toBe('rejected');
    }
    for (const other of algorithms.filter((one) => one !== algorithm)) {
      expect([other, verifySignature({ algorithm: other, key: publicKey, data, signature }).kind]).toEqual([
        other,
        'rejected',
      ]);
    }
  });

  it.each(['rsa-pkcs1-sha256', 'rsa-pss-sha256'] as const)('%s has the length of the key', (algorithm) => {
    const key = keyOf(algorithm);
    // One in 256 begins with a zero, without which it is the same number.
    const signed = Array.from({ length: 10_000 }, (_, index) => Buffer.from(`${index}`))
      .values()
      .map((content) => ({ content, signature: sign({ algorithm, key, data: content }) }))
      .find(({ signature }) => signature[0] === 0);
    const { content = data, signature = new Uint8Array() } = signed ?? {};
    const input = { algorithm, key: createPublicKey(key), data: content };
    expect(verifySignature({ ...input, signature }).kind).toBe('verified');
    expect(verifySignature({ ...input, signature: signature.subarray(1) })).toEqual({
      kind: 'rejected',
      reason: 'the signature does not have the length of the key',
    });
  });

  it('reads r and s side by side where told so', () => {
    const key = keyOf('ecdsa-p521-sha512');
    const signature = sign({ algorithm: 'ecdsa-p521-sha512', key, data, encoding: 'p1363' });
    const input = { algorithm: 'ecdsa-p521-sha512', key: createPublicKey(key), data, signature } as const;
    expect(signature).toHaveLength(132);
    expect(verifySignature({ ...input, encoding: 'p1363' }).kind).toBe('verified');
    expect(verifySignature(input).kind).toBe('rejected');
    expect(verifySignature({ ...input, encoding: 'p1363', signature: new Uint8Array(132) }).kind).toBe('rejected');
  });

  it('wants a salt as long as the hash', () => {
    const key = keyOf('rsa-pss-sha256');
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    for (const [saltLength, kind] of [
      [32, 'verified'],
      [20, 'rejected'],
    ] as const) {
      const signature = nodeSign('sha256', data, { key, padding, saltLength });
      expect(verifySignature({ algorithm: 'rsa-pss-sha256', key: createPublicKey(key), data, signature }).kind).toBe(
        kind,
      );
    }
  });

  it('signs with a key that is only for RSASSA-PSS', () => {
    const hashes = { hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256' };
    const { privateKey: key, publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048, ...hashes });
    const signature = sign({ algorithm: 'rsa-pss-sha256', key, data });
    expect(verifySignature({ algorithm: 'rsa-pss-sha256', key: publicKey, data, signature }).kind).toBe('verified');
    expect(verifySignature({ algorithm: 'rsa-pkcs1-sha256', key: publicKey, data, signature }).kind).toBe('rejected');
    expect(defaultAlgorithm(key)).toBe('rsa-pss-sha256');
  });

  it.each([
    ['rsa-pkcs1-sha256', 'rsa1024', '1024 bits'],
    ['rsa-pss-sha256', 'p256', 'not RSA'],
    ['ecdsa-p256-sha256', 'secp256k1', 'secp256k1'],
    ['ecdsa-p256-sha256', 'p384', 'secp384r1'],
    ['ecdsa-p256-sha256', 'ed25519', 'not ECDSA'],
    ['ed25519', 'p256', 'not ed25519'],
    ['ml-dsa-44', 'ed25519', 'not ml-dsa-44'],
  ] as const)('%s refuses a key of %s', (algorithm, kind: TestKeyKind, reason) => {
    const key = testKey(kind);
    expect(() => sign({ algorithm, key, data })).toThrow(reason);
    expect(verifySignature({ algorithm, key: createPublicKey(key), data, signature: new Uint8Array(64) })).toEqual({
      kind: 'rejected',
      reason: expect.stringContaining(reason),
    });
  });

  it('names the algorithm that fits a key', () => {
    const named = Object.fromEntries(Object.entries(keys).map(([kind, key]) => [kind, defaultAlgorithm(key)]));
    expect(named).toEqual({
      p256: 'ecdsa-p256-sha256',
      p384: 'ecdsa-p384-sha384',
      p521: 'ecdsa-p521-sha512',
      rsa2048: 'rsa-pkcs1-sha256',
      ed25519: 'ed25519',
      'ml-dsa-44': 'ml-dsa-44',
    });
    expect(() => defaultAlgorithm(testKey('rsa1024'))).toThrow('No signature algorithm');
  });
});

describe('readSignatureAlgorithm', () => {
  it.each(algorithms)('reads the identifier of %s', (algorithm) => {
    const { family } = signatureAlgorithms[algorithm];
    expect(readSignatureAlgorithm(parseDer(algorithmIdentifier(algorithm)))).toMatchObject({ family });
  });

  const sha1 = derSequence(derOid('1.3.14.3.2.26'));
  const sha256 = derSequence(derOid(hashOids.sha256));
  const pss = (...parts: Uint8Array[]): Uint8Array =>
    derSequence(derOid('1.2.840.113549.1.1.10'), derSequence(...parts));
  const mgf = (hash: Uint8Array): Uint8Array => derTagged(1, derSequence(derOid('1.2.840.113549.1.1.8'), hash));
  it.each([
    ['SHA-1 with RSA', derSequence(derOid('1.2.840.113549.1.1.5'), derNull()), 'not supported'],
    ['MD5 with RSA', derSequence(derOid('1.2.840.113549.1.1.4'), derNull()), 'not supported'],
    ['ECDSA with SHA-1', derSequence(derOid('1.2.840.10045.4.1')), 'not supported'],
    ['a bare RSA key without a hash', derSequence(derOid('1.2.840.113549.1.1.1'), derNull()), 'not supported'],
    ['ECDSA with parameters', derSequence(derOid('1.2.840.10045.4.3.2'), derInteger(1)), 'parameters'],
    ['PSS with the hash left to SHA-1', pss(), 'SHA-1'],
    ['PSS over SHA-1', pss(derTagged(0, sha1), mgf(sha1)), 'not supported'],
    [
      'PSS with another hash in its mask',
      pss(derTagged(0, sha256), mgf(derSequence(derOid(hashOids.sha512)))),
      'same hash',
    ],
    ['PSS with another trailer', pss(derTagged(0, sha256), mgf(sha256), derTagged(3, derInteger(2))), 'trailer'],
  ])('refuses %s', (_name, bytes, reason) => {
    expect(() => readSignatureAlgorithm(parseDer(bytes))).toThrow(reason);
  });

  it('takes the hash from CMS where the identifier names only RSA', () => {
    const node = parseDer(derSequence(derOid('1.2.840.113549.1.1.1'), derNull()));
    expect(readSignatureAlgorithm(node, 'sha384')).toEqual({ family: 'rsa-pkcs1', hash: 'sha384' });
    expect(() => readHash(parseDer(sha1))).toThrow('not supported');
  });
});

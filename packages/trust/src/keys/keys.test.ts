// Keys in every form: what Node and OpenSSL write is read, what is written is read back, nothing secret gets out.
import {
  createPrivateKey,
  createPublicKey,
  ECDH,
  generateKeyPairSync,
  randomBytes,
  scryptSync,
  verify,
  type KeyObject,
} from 'node:crypto';
import { secretbox } from '@noble/ciphers/salsa.js';
import { isPlombeError } from '@plombe/kit';
import { derBits, derOid, derSequence, writePem } from '@plombe/pki';
import { describe, expect, it } from 'vitest';
import { keyDetailsOf } from './algorithms.ts';
import { generatePrivateKey, keyFiles, keyTypes, readPrivateKey, type KeyType } from './private-key.ts';
import { publicKeyOf, publicKeyOfSpki, publicKeyPem, readPublicKey } from './public-key.ts';
import { signerOf } from './signer.ts';

const code = (run: () => unknown): string => {
  try {
    run();
    return 'nothing thrown';
  } catch (error) {
    return isPlombeError(error) ? error.code : String(error);
  }
};

describe('generated keys', () => {
  it.each([
    ['ecdsa-p256', 'ecdsa-p256-sha256', 'PKIX_ECDSA_P256_SHA_256'],
    ['ecdsa-p384', 'ecdsa-p384-sha256', undefined],
    ['ed25519', 'ed25519', 'PKIX_ED25519'],
    ['rsa-3072', 'rsa-pkcs1-sha256', 'PKIX_RSA_PKCS1V15_3072_SHA256'],
  ] as const)('%s are written in cosign format and read back', async (type, algorithm, details) => {
    const key = await generatePrivateKey(type);
    for (const passphrase of ['', 'correct horse', 'Zürich']) {
      const files = keyFiles(key, passphrase);
      expect(files.privatePem).toMatch(/^-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n/);
      const read = readPrivateKey(files.privatePem, passphrase);
      expect(read.equals(key)).toBe(true);
      expect(readPublicKey(files.publicPem).id).toBe(publicKeyOf(key).id);
    }
    const signer = signerOf(key);
    expect(signer.algorithm).toBe(algorithm);
    expect(keyDetailsOf(signer.algorithm, signer.publicKey.key)).toBe(details);
    const data = randomBytes(30);
    const hash = type === 'ed25519' ? undefined : 'sha256';
    expect(verify(hash, data, createPublicKey(publicKeyPem(signer.publicKey)), await signer.sign(data))).toBe(true);
  });

  it('are of the documented types', () => {
    expect(keyTypes).toEqual(['ecdsa-p256', 'ecdsa-p384', 'ed25519', 'rsa-3072'] satisfies KeyType[]);
  });
});

describe('plain forms', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const forms: readonly (readonly [string, KeyObject, string])[] = [
    ['PKCS#8', ec, ec.export({ format: 'pem', type: 'pkcs8' }).toString()],
    ['SEC1', ec, ec.export({ format: 'pem', type: 'sec1' }).toString()],
    ['PKCS#1', rsa, rsa.export({ format: 'pem', type: 'pkcs1' }).toString()],
    ['CRLF', ec, ec.export({ format: 'pem', type: 'pkcs8' }).toString().replaceAll('\n', '\r\n')],
    [
      'parameters before the key',
      ec,
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${ec.export({ format: 'pem', type: 'sec1' }).toString()}`,
    ],
  ];

  it.each(forms)('%s is read', (_, key, pem) => {
    expect(readPrivateKey(pem, undefined).equals(key)).toBe(true);
    expect(readPrivateKey(pem, 'ignored').equals(key)).toBe(true);
  });

  it('encrypted PKCS#8 is read with its passphrase only', () => {
    const pem = ec.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString();
    expect(readPrivateKey(pem, 'secret').equals(ec)).toBe(true);
    expect(code(() => readPrivateKey(pem, 'wrong'))).toBe('trust/key-passphrase');
    expect(code(() => readPrivateKey(pem, undefined))).toBe('trust/key-passphrase');
  });

  it('SEC1 and PKCS#1 encrypted by OpenSSL (RFC 1421 headers) are read with their passphrase only', () => {
    for (const [key, type] of [
      [ec, 'sec1'],
      [rsa, 'pkcs1'],
    ] as const) {
      const pem = key.export({ format: 'pem', type, cipher: 'aes-256-cbc', passphrase: 'secret' }).toString();
      expect(pem).toContain('Proc-Type: 4,ENCRYPTED');
      expect(readPrivateKey(pem, 'secret').equals(key)).toBe(true);
      expect(code(() => readPrivateKey(pem, 'wrong'))).toBe('trust/key-passphrase');
      expect(code(() => readPrivateKey(pem, ''))).toBe('trust/key-passphrase');
      expect(code(() => readPrivateKey(pem, undefined))).toBe('trust/key-passphrase');
      expect(code(() => readPrivateKey(pem.replaceAll('PRIVATE', 'PUBLIC'), 'secret'))).toBe('trust/key-invalid');
    }
  });

  it('public keys are read from SPKI and PKCS#1, and private ones refused', () => {
    const pkcs1 = createPublicKey(rsa).export({ format: 'pem', type: 'pkcs1' }).toString();
    expect(readPublicKey(pkcs1).id).toBe(publicKeyOf(rsa).id);
    expect(publicKeyOf(ec).id).toMatch(/^key:sha256:[0-9a-f]{64}$/);
    expect(code(() => readPublicKey(ec.export({ format: 'pem', type: 'pkcs8' }).toString()))).toBe('trust/key-invalid');
  });
});

it('T44 a key has one id and one encoding, however its point is written', () => {
  for (const [namedCurve, name, curve] of [
    ['P-256', 'prime256v1', '1.2.840.10045.3.1.7'],
    ['P-384', 'secp384r1', '1.3.132.0.34'],
  ] as const) {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve });
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
    const short = ECDH.convertKey(point, name, undefined, undefined, 'compressed') as Buffer;
    const compressed = derSequence(derSequence(derOid('1.2.840.10045.2.1'), derOid(curve)), derBits(short));
    const read = readPublicKey(writePem({ label: 'PUBLIC KEY', bytes: compressed }));
    expect(read.id).toBe(publicKeyOf(publicKey).id);
    expect(Buffer.from(read.spki)).toEqual(spki);
    expect(publicKeyOfSpki(compressed).id).toBe(read.id);
  }
});

describe('bad keys', () => {
  it.each([
    ['empty', ''],
    ['text', 'not a key'],
    ['a certificate', writePem({ label: 'CERTIFICATE', bytes: Buffer.from('x') })],
    ['noise', writePem({ label: 'PRIVATE KEY', bytes: Buffer.from('noise') })],
    ['noise in cosign form', writePem({ label: 'ENCRYPTED SIGSTORE PRIVATE KEY', bytes: Buffer.from('noise') })],
    ['no end', '-----BEGIN PRIVATE KEY-----\nAAAA\n'],
    ['a public key', publicKeyPem(publicKeyOf(generateKeyPairSync('ed25519').privateKey))],
  ])('%s is refused', (_, pem) => {
    expect(code(() => readPrivateKey(pem, ''))).toMatch(/^trust\/key-/);
  });

  it('weak RSA and foreign curves are refused', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    const foreign = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
    const exchange = generateKeyPairSync('x25519').privateKey;
    for (const key of [weak, foreign, exchange]) {
      const pem = key.export({ format: 'pem', type: 'pkcs8' }).toString();
      const publicPem = createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString();
      expect(code(() => readPrivateKey(pem, undefined))).toBe('trust/key-invalid');
      // No signature could ever fit it: a mistake of the caller, never a rejection.
      expect(code(() => readPublicKey(publicPem))).toBe('trust/key-invalid');
    }
  });

  it('T48 hostile scrypt parameters are refused before they cost anything', () => {
    for (const params of [
      { N: 2 ** 30, r: 8, p: 1 },
      { N: 65_536, r: 2 ** 20, p: 1 },
      { N: 65_536, r: 8, p: 1000 },
      { N: 65_535, r: 8, p: 1 },
      { N: 0, r: 8, p: 1 },
      { N: -2, r: 8, p: 1 },
    ]) {
      expect(code(() => readPrivateKey(cosignPem(params, 'ENCRYPTED SIGSTORE PRIVATE KEY'), ''))).toBe(
        'trust/key-invalid',
      );
    }
  });

  it('the older label and the older work factor are read', () => {
    const pem = cosignPem({ N: 32_768, r: 8, p: 1 }, 'ENCRYPTED COSIGN PRIVATE KEY');
    expect(readPrivateKey(pem, 'old').equals(oldKey)).toBe(true);
    expect(code(() => readPrivateKey(pem, 'new'))).toBe('trust/key-passphrase');
  });

  it('T66 no message names a passphrase or a piece of the key', () => {
    const pem = keyFiles(oldKey, 'canary-passphrase').privatePem;
    const secret = oldKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
    for (const run of [
      () => readPrivateKey(pem, 'canary-wrong'),
      () => readPublicKey(oldKey.export({ format: 'pem', type: 'pkcs8' }).toString()),
    ]) {
      try {
        run();
      } catch (error) {
        expect(JSON.stringify([String(error), error])).not.toMatch(/canary/);
        expect(JSON.stringify([String(error), error])).not.toContain(secret.slice(20, 40));
      }
    }
  });
});

const oldKey = createPrivateKey(
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
);

/** What cosign writes, made here with other parameters; those that scrypt refuses get a dummy ciphertext. */
function cosignPem(params: { readonly N: number; readonly r: number; readonly p: number }, label: string): string {
  const salt = randomBytes(32);
  const nonce = randomBytes(24);
  const pkcs8 = oldKey.export({ format: 'der', type: 'pkcs8' });
  const usable = params.N === 32_768;
  const ciphertext = usable
    ? secretbox(scryptSync('old', salt, 32, { ...params, maxmem: 2 ** 27 }), nonce).seal(pkcs8)
    : pkcs8;
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const json = {
    kdf: { name: 'scrypt', params, salt: base64(salt) },
    cipher: { name: 'nacl/secretbox', nonce: base64(nonce) },
    ciphertext: base64(ciphertext),
  };
  return writePem({ label, bytes: Buffer.from(JSON.stringify(json)) });
}

// Private keys: read from every PEM form in use, generated, and written in cosign's encrypted form.
import { createPrivateKey, generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { inert, isPlombeError, PlombeError } from '@plombe/kit';
import { writePem } from '@plombe/pki';
import { requireUsable } from './algorithms.ts';
import { cosignKeyLabels, decryptCosignKey, encryptCosignKey } from './cosign-key.ts';
import { keyBlocks, publicKeyOf, publicKeyPem } from './public-key.ts';

/**
 * Reads the first private key of a PEM file: cosign's encrypted form, `PRIVATE KEY` and `ENCRYPTED PRIVATE KEY` (PKCS#8),
 * `EC PRIVATE KEY` (SEC1) and `RSA PRIVATE KEY` (PKCS#1), both also encrypted as OpenSSL does. Throws `trust/key-invalid`, also for a key that no signature algorithm fits, and
 * `trust/key-passphrase`.
 * No message holds anything of the key or the passphrase.
 */
export function readPrivateKey(pem: string, passphrase: string | undefined): KeyObject {
  if (traditionallyEncrypted.test(pem)) return fromTraditional(pem, passphrase);
  const block = keyBlocks(pem).find(({ label }) => label !== 'EC PARAMETERS');
  if (block === undefined) throw new PlombeError('trust/key-invalid', 'The file holds no PEM block.');
  const { label, bytes } = block;
  const encrypted = label.startsWith('ENCRYPTED ');
  if (encrypted && passphrase === undefined) throw noPassphrase();
  const key = (cosignKeyLabels as readonly string[]).includes(label)
    ? fromPem('PRIVATE KEY', decryptCosignKey(bytes, passphrase ?? ''), undefined)
    : fromPem(label, bytes, encrypted ? (passphrase ?? '') : undefined);
  requireUsable(key);
  return key;
}

/** What OpenSSL wrote before PKCS#8: the key of a PEM file under a cipher that its headers name (RFC 1421). */
const traditionallyEncrypted = /^-----BEGIN (?:EC|RSA) PRIVATE KEY-----\r?\nProc-Type: 4,ENCRYPTED\r?$/m;

function fromTraditional(pem: string, passphrase: string | undefined): KeyObject {
  if (passphrase === undefined) throw noPassphrase();
  try {
    const key = createPrivateKey({ key: pem, passphrase });
    requireUsable(key);
    return key;
  } catch (error) {
    throw isPlombeError(error) ? error : wrongPassphrase();
  }
}

function noPassphrase(): PlombeError {
  return new PlombeError('trust/key-passphrase', 'The private key is encrypted and no passphrase was given.');
}

function wrongPassphrase(): PlombeError {
  return new PlombeError('trust/key-passphrase', 'The passphrase does not open the private key.');
}

const plainLabels = ['PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY'];

function fromPem(label: string, bytes: Uint8Array, passphrase: string | undefined): KeyObject {
  if (!plainLabels.includes(label)) {
    throw new PlombeError('trust/key-invalid', `The file holds "${inert(label)}", not a private key.`);
  }
  try {
    const key = writePem({ label, bytes });
    return createPrivateKey(passphrase === undefined ? key : { key, passphrase });
  } catch {
    throw passphrase === undefined
      ? new PlombeError('trust/key-invalid', 'The private key cannot be read.')
      : wrongPassphrase();
  }
}

/** The kinds of keys that `plombe keys generate` makes. */
export type KeyType = 'ecdsa-p256' | 'ecdsa-p384' | 'ed25519' | 'rsa-3072';

const generate = promisify(generateKeyPair) as (type: string, options: object) => Promise<{ privateKey: KeyObject }>;

const generators: Readonly<Record<KeyType, () => Promise<{ privateKey: KeyObject }>>> = {
  'ecdsa-p256': () => generate('ec', { namedCurve: 'P-256' }),
  'ecdsa-p384': () => generate('ec', { namedCurve: 'P-384' }),
  ed25519: () => generate('ed25519', {}),
  'rsa-3072': () => generate('rsa', { modulusLength: 3072 }),
};

/** The names that `generatePrivateKey` takes. */
export const keyTypes = Object.keys(generators) as readonly KeyType[];

/** Makes a fresh private key with the system's randomness. */
export async function generatePrivateKey(type: KeyType): Promise<KeyObject> {
  return (await generators[type]()).privateKey;
}

/** A key pair as the two files that cosign writes. */
export interface KeyFiles {
  readonly privatePem: string;
  readonly publicPem: string;
}

/** Writes a key in cosign's format under a passphrase, which may be empty. Salt and nonce come from the system's randomness. */
export function keyFiles(privateKey: KeyObject, passphrase: string): KeyFiles {
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  return {
    privatePem: encryptCosignKey(pkcs8, passphrase, randomBytes),
    publicPem: publicKeyPem(publicKeyOf(privateKey)),
  };
}

// Private keys: read from every PEM form in use, generated, and written in cosign's encrypted form.
import { createPrivateKey, generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { inert, PlombeError } from '@plombe/kit';
import { writePem } from '@plombe/pki';
import { algorithmsFor } from './algorithms.ts';
import { cosignKeyLabels, decryptCosignKey, encryptCosignKey } from './cosign-key.ts';
import { keyBlocks, publicKeyOf, publicKeyPem } from './public-key.ts';

/**
 * Reads the first private key of a PEM file: cosign's encrypted form, `PRIVATE KEY` and `ENCRYPTED PRIVATE KEY` (PKCS#8),
 * `EC PRIVATE KEY` (SEC1), `RSA PRIVATE KEY` (PKCS#1). Throws `trust/key-invalid`, `trust/key-passphrase`, `pki/unsupported`.
 * No message holds anything of the key or the passphrase.
 */
export function readPrivateKey(pem: string, passphrase: string | undefined): KeyObject {
  const block = keyBlocks(pem).find(({ label }) => label !== 'EC PARAMETERS');
  if (block === undefined) throw new PlombeError('trust/key-invalid', 'The file holds no PEM block.');
  const { label, bytes } = block;
  const encrypted = label.startsWith('ENCRYPTED ');
  if (encrypted && passphrase === undefined) {
    throw new PlombeError('trust/key-passphrase', 'The private key is encrypted and no passphrase was given.');
  }
  const key = (cosignKeyLabels as readonly string[]).includes(label)
    ? fromPem('PRIVATE KEY', decryptCosignKey(bytes, passphrase ?? ''), undefined)
    : fromPem(label, bytes, encrypted ? (passphrase ?? '') : undefined);
  algorithmsFor(key);
  return key;
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
      : new PlombeError('trust/key-passphrase', 'The passphrase does not open the private key.');
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

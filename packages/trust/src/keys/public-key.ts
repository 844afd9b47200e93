// Public keys: read from PEM or DER, named by the hash of their SubjectPublicKeyInfo, written as PEM.
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { inert, isPlombeError, PlombeError } from '@plombe/kit';
import { parsePem, writePem, type Certificate, type PemBlock } from '@plombe/pki';
import { requireUsable } from './algorithms.ts';

/** A public key that can verify. */
export interface PublicKey {
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array;
  /** `key:sha256:` and the lower-case hexadecimal SHA-256 of `spki`: the signer's id. */
  readonly id: string;
}

/** Returns the key of a SubjectPublicKeyInfo in DER. Throws `trust/key-invalid`. */
export function publicKeyOfSpki(spki: Uint8Array): PublicKey {
  try {
    return publicKeyOf(createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }));
  } catch (cause) {
    throw new PlombeError('trust/key-invalid', 'The public key cannot be read.', { cause });
  }
}

/** Returns the public half of a key object, with its id. The encoding is made anew, so one key has one id (T44). */
export function publicKeyOf(keyObject: KeyObject): PublicKey {
  const given = keyObject.type === 'private' ? createPublicKey(keyObject) : keyObject;
  const key = isNist(given) ? withWholePoint(given) : given;
  const spki = key.export({ format: 'der', type: 'spki' });
  return { key, spki, id: `key:sha256:${createHash('sha256').update(spki).digest('hex')}` };
}

function isNist({ asymmetricKeyDetails }: KeyObject): boolean {
  return ['prime256v1', 'secp384r1', 'secp521r1'].includes(asymmetricKeyDetails?.namedCurve ?? '');
}

/** OpenSSL keeps a point compressed as it was read, which would be another encoding of the same key. */
function withWholePoint(key: KeyObject): KeyObject {
  return createPublicKey({ key: key.export({ format: 'jwk' }), format: 'jwk' });
}

/** Returns the key of a certificate. Its encoding is taken as it is, which saves making it anew for each signature. */
export function keyOfCertificate({ publicKey, spki }: Certificate): PublicKey {
  return { key: publicKey, spki, id: `key:sha256:${createHash('sha256').update(spki).digest('hex')}` };
}

/**
 * Reads the first key of a PEM file: `PUBLIC KEY`, `RSA PUBLIC KEY` (PKCS#1) or `CERTIFICATE` (its key). Throws
 * `trust/key-invalid`, also for a key that no signature algorithm fits; a private key is refused, so that nobody hands one around as a
 * public one.
 */
export function readPublicKey(pem: string): PublicKey {
  const block = keyBlocks(pem).find(({ label }) => label !== 'EC PARAMETERS');
  if (block === undefined) throw new PlombeError('trust/key-invalid', 'The file holds no PEM block.');
  const { label, bytes } = block;
  if (label.includes('PRIVATE KEY')) {
    throw new PlombeError('trust/key-invalid', 'The file holds a private key where a public key is meant.');
  }
  if (label !== 'PUBLIC KEY' && label !== 'RSA PUBLIC KEY' && label !== 'CERTIFICATE') {
    throw new PlombeError('trust/key-invalid', `The file holds "${inert(label)}", not a public key.`);
  }
  const read = publicKeyOfPem(label, bytes);
  requireUsable(read.key);
  return read;
}

function publicKeyOfPem(label: string, bytes: Uint8Array): PublicKey {
  try {
    return publicKeyOf(createPublicKey(writePem({ label, bytes })));
  } catch (cause) {
    throw new PlombeError('trust/key-invalid', 'The public key cannot be read.', { cause });
  }
}

/** Returns the PEM blocks of a key file. Throws `trust/key-invalid`. */
export function keyBlocks(pem: string): readonly PemBlock[] {
  try {
    return parsePem(pem);
  } catch (cause) {
    if (!isPlombeError(cause)) throw cause;
    throw new PlombeError('trust/key-invalid', 'The file is not a PEM file.', { cause });
  }
}

/** Writes a key as `PUBLIC KEY` PEM, as cosign and OpenSSL read it. */
export function publicKeyPem(key: PublicKey): string {
  return writePem({ label: 'PUBLIC KEY', bytes: key.spki });
}

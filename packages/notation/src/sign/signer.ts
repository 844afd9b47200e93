// The seam behind which a private key is: a file, an environment variable, a key vault or a plugin.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { PlombeError } from '@plombe/kit';
import { sign, type Certificate, type SignatureAlgorithm } from '@plombe/pki';
import { chainProblem, nameOf } from '../certificates/requirements.ts';
import { algorithmOfKey, type NotaryAlgorithm } from '../envelope/algorithm.ts';

/** A private key, wherever it is. */
export interface NotaryKey {
  /** Must be the one the specification gives the certificate's key: `algorithmOfKey(key).signature`. */
  readonly algorithm: SignatureAlgorithm;
  /** Hashes and signs; ECDSA signatures may come as DER or as r and s side by side. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** A key with its certificates; plugins bring them only with each signature. */
export interface NotarySigner {
  readonly algorithm: NotaryAlgorithm;
  /** `chain`: leaf first, root last. */
  sign(bytes: Uint8Array): Promise<{ readonly signature: Uint8Array; readonly chain: readonly Certificate[] }>;
}

/** Returns a key for a private key at hand. Throws `notation/signing` for one the specification has no algorithm for. */
export function keyAtHand(privateKey: KeyObject): NotaryKey {
  const algorithm = algorithmOfKey(createPublicKey(privateKey))?.signature;
  if (algorithm === undefined)
    throw refused('the key is not RSA of 2048, 3072 or 4096 bits, nor on P-256, P-384 or P-521');
  return {
    algorithm,
    sign: (data) => Promise.resolve(sign({ algorithm, key: privateKey, data, encoding: 'p1363' })),
  };
}

/** Joins a key and its chain (leaf first, root last). Throws `notation/signing` before anything is signed where they cannot belong together. */
export function chainSigner(key: NotaryKey, chain: readonly Certificate[]): NotarySigner {
  const problem = chainProblem(chain);
  const [leaf] = chain;
  if (problem !== undefined || leaf === undefined) throw refused(problem ?? 'there is no certificate');
  const algorithm = algorithmOfKey(leaf.publicKey);
  if (algorithm?.signature !== key.algorithm)
    throw refused(
      `the certificate ${nameOf(leaf)} wants ${String(algorithm?.signature)}, the key signs with ${key.algorithm}`,
    );
  return { algorithm, sign: async (bytes) => ({ signature: await key.sign(bytes), chain }) };
}

/** The error of everything that stands in the way of a signature. */
export function refused(problem: string): PlombeError {
  return new PlombeError('notation/signing', `Cannot sign: ${problem}.`);
}

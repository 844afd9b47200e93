// The seam behind which a private key is: a file, an environment variable, a key vault or a plugin.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { PlombeError } from '@plombe/kit';
import { sign, type SignatureAlgorithm } from '@plombe/pki';
import { algorithmOfKey } from '../envelope/algorithm.ts';

/** Signs bytes, hashing them itself. */
export interface NotarySigner {
  /** Must be the one the specification gives the certificate's key: `algorithmOfKey(key).signature`. */
  readonly algorithm: SignatureAlgorithm;
  /** ECDSA signatures may come as DER or as r and s side by side. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Returns a signer for a private key at hand. Throws `notation/signing` for a key the specification has no algorithm for. */
export function signerOfKey(privateKey: KeyObject): NotarySigner {
  const algorithm = algorithmOfKey(createPublicKey(privateKey))?.signature;
  if (algorithm === undefined)
    throw new PlombeError(
      'notation/signing',
      'The key is not RSA of 2048, 3072 or 4096 bits, nor on P-256, P-384 or P-521.',
    );
  return {
    algorithm,
    sign: (data) => Promise.resolve(sign({ algorithm, key: privateKey, data, encoding: 'p1363' })),
  };
}

// The seam of whoever signs: a key in a file, in the environment or in a vault look alike.
import type { KeyObject } from 'node:crypto';
import { sign, type SignatureAlgorithm } from '@plombe/pki';
import { algorithmsFor } from './algorithms.ts';
import { publicKeyOf, type PublicKey } from './public-key.ts';

/** Signs bytes. `sign` hashes them itself; ECDSA answers DER. Asynchronous, so that a remote vault fits. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm;
  readonly publicKey: PublicKey;
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/**
 * Returns a signer with a private key in memory. Without `algorithm` it signs as cosign verifies: SHA-256 for every curve and
 * RSA PKCS#1 v1.5 (docs/adr/0010-sigstore.md). Throws `pki/unsupported` for another kind of key.
 */
export function signerOf(privateKey: KeyObject, algorithm?: SignatureAlgorithm): Signer {
  const publicKey = publicKeyOf(privateKey);
  const chosen = algorithm ?? cosignAlgorithm(publicKey.key);
  return {
    algorithm: chosen,
    publicKey,
    sign: (data) => Promise.resolve(sign({ algorithm: chosen, key: privateKey, data })),
  };
}

function cosignAlgorithm(key: KeyObject): SignatureAlgorithm {
  const candidates = algorithmsFor(key);
  return candidates.find((name) => name.startsWith('ecdsa-') && name.endsWith('-sha256')) ?? candidates[0]!;
}

// The six signature algorithms of the Notary Project, each fixed by the kind and size of the key (signature-specification, "Algorithm Selection").
import type { KeyObject } from 'node:crypto';
import type { HashName, SignatureAlgorithm } from '@plombe/pki';

export type KeySpec = 'RSA-2048' | 'RSA-3072' | 'RSA-4096' | 'EC-256' | 'EC-384' | 'EC-521';

/** One row of the specification's table, with its names in each place that names it. */
export interface NotaryAlgorithm {
  /** The key that calls for it; the name is also the plugin protocol's. */
  readonly keySpec: KeySpec;
  /** The plugin protocol's `signingAlgorithm`. */
  readonly name: string;
  /** JWS `alg`, RFC 7518 section 3.1. */
  readonly jws: string;
  /** COSE `alg`, IANA COSE Algorithms. */
  readonly cose: number;
  /** Hash over the signed bytes, and over the signature in a time stamp request. */
  readonly hash: HashName;
  /** The same algorithm for signing and verifying. */
  readonly signature: SignatureAlgorithm;
}

/** The whole table; no other algorithm is accepted. */
export const notaryAlgorithms: readonly NotaryAlgorithm[] = [
  {
    keySpec: 'RSA-2048',
    name: 'RSASSA-PSS-SHA-256',
    jws: 'PS256',
    cose: -37,
    hash: 'sha256',
    signature: 'rsa-pss-sha256',
  },
  {
    keySpec: 'RSA-3072',
    name: 'RSASSA-PSS-SHA-384',
    jws: 'PS384',
    cose: -38,
    hash: 'sha384',
    signature: 'rsa-pss-sha384',
  },
  {
    keySpec: 'RSA-4096',
    name: 'RSASSA-PSS-SHA-512',
    jws: 'PS512',
    cose: -39,
    hash: 'sha512',
    signature: 'rsa-pss-sha512',
  },
  { keySpec: 'EC-256', name: 'ECDSA-SHA-256', jws: 'ES256', cose: -7, hash: 'sha256', signature: 'ecdsa-p256-sha256' },
  { keySpec: 'EC-384', name: 'ECDSA-SHA-384', jws: 'ES384', cose: -35, hash: 'sha384', signature: 'ecdsa-p384-sha384' },
  { keySpec: 'EC-521', name: 'ECDSA-SHA-512', jws: 'ES512', cose: -36, hash: 'sha512', signature: 'ecdsa-p521-sha512' },
];

const curves: Readonly<Record<string, string>> = { prime256v1: 'EC-256', secp384r1: 'EC-384', secp521r1: 'EC-521' };

/** Returns the one algorithm a key may sign with, or undefined where the specification knows no such key. */
export function algorithmOfKey(key: KeyObject): NotaryAlgorithm | undefined {
  const details = key.asymmetricKeyDetails;
  const spec =
    key.asymmetricKeyType === 'rsa'
      ? `RSA-${String(details?.modulusLength ?? 0)}`
      : key.asymmetricKeyType === 'ec'
        ? curves[details?.namedCurve ?? '']
        : undefined;
  return notaryAlgorithms.find((row) => row.keySpec === spec);
}

// Which signature algorithms a key may have been used with, most usual first, and Sigstore's names for them.
import type { KeyObject } from 'node:crypto';
import { isPlombeError, PlombeError } from '@plombe/kit';
import { keyProblem, signatureAlgorithms, type SignatureAlgorithm } from '@plombe/pki';

/**
 * P-384 and P-521 come with their own hash (Sigstore's algorithm registry) or with SHA-256 (cosign); RSA as PKCS#1 v1.5 (cosign) or
 * PSS (Azure Key Vault).
 */
const inOrder: readonly SignatureAlgorithm[] = [
  'ecdsa-p256-sha256',
  'ecdsa-p384-sha384',
  'ecdsa-p384-sha256',
  'ecdsa-p521-sha512',
  'ecdsa-p521-sha256',
  'ed25519',
  'ml-dsa-44',
  'rsa-pkcs1-sha256',
  'rsa-pss-sha256',
  'rsa-pkcs1-sha384',
  'rsa-pkcs1-sha512',
  'rsa-pss-sha384',
  'rsa-pss-sha512',
];

const known = new WeakMap<KeyObject, readonly SignatureAlgorithm[]>();

/** Returns the algorithms that fit a key, at least one. Throws `pki/unsupported` for a key of no known kind or size. */
export function algorithmsFor(key: KeyObject): readonly SignatureAlgorithm[] {
  const before = known.get(key);
  if (before !== undefined) return before;
  const found = inOrder.filter((name) => keyProblem(signatureAlgorithms[name], key) === undefined);
  if (found.length === 0) {
    throw new PlombeError('pki/unsupported', `No signature algorithm fits a key of type ${key.asymmetricKeyType}.`);
  }
  known.set(key, found);
  return found;
}

/** Throws `trust/key-invalid` for a key that no algorithm fits: whoever named it would wait in vain for a signature that does. */
export function requireUsable(key: KeyObject): void {
  try {
    algorithmsFor(key);
  } catch (cause) {
    if (!isPlombeError(cause)) throw cause;
    throw new PlombeError('trust/key-invalid', cause.message, { cause, remedy: cause.remedy });
  }
}

/** Sigstore's `PublicKeyDetails` (algorithm registry) by our names; what has none cannot be logged in Rekor v2. */
const details: Readonly<Partial<Record<SignatureAlgorithm, string>>> = {
  'ecdsa-p256-sha256': 'PKIX_ECDSA_P256_SHA_256',
  'ecdsa-p384-sha384': 'PKIX_ECDSA_P384_SHA_384',
  'ecdsa-p521-sha512': 'PKIX_ECDSA_P521_SHA_512',
  ed25519: 'PKIX_ED25519',
  'ml-dsa-44': 'ML_DSA_44',
};

/** Returns the `keyDetails` of a key used with an algorithm, or undefined where the registry has none. */
export function keyDetailsOf(algorithm: SignatureAlgorithm, key: KeyObject): string | undefined {
  if (algorithm !== 'rsa-pkcs1-sha256' && algorithm !== 'rsa-pss-sha256') return details[algorithm];
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (![2048, 3072, 4096].includes(bits)) return undefined;
  return `PKIX_RSA_${algorithm === 'rsa-pss-sha256' ? 'PSS' : 'PKCS1V15'}_${bits}_SHA256`;
}

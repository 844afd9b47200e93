// The one table of signature algorithms, and which keys fit them.
import { PlombeError } from '@plombe/kit';
import type { KeyObject } from 'node:crypto';

/** Everything Plombe signs and verifies with. The part after the family is the hash. */
export type SignatureAlgorithm = keyof typeof signatureAlgorithms;

export type HashName = 'sha256' | 'sha384' | 'sha512';

export type SignatureFamily = 'ecdsa' | 'rsa-pkcs1' | 'rsa-pss' | 'ed25519' | 'ml-dsa-44';

export interface AlgorithmFacts {
  readonly family: SignatureFamily;
  /** Absent where the algorithm hashes by itself. */
  readonly hash?: HashName;
  /** OpenSSL's name of the curve, for ECDSA. */
  readonly curve?: string;
}

/** RSA 2048 to 16,384 bits: below is too weak (NIST SP 800-131A), above only wastes the verifier's time. */
export const rsaBits = { min: 2048, max: 16_384 } as const;

const p256 = 'prime256v1';
const p384 = 'secp384r1';
const p521 = 'secp521r1';

/**
 * FIPS 186-5, RFC 8017, RFC 8032, FIPS 204. P-384 comes over SHA-384, and over SHA-256 as cosign signs; P-521 over SHA-512.
 * RSASSA-PSS has MGF1 with the same hash and a salt as long as it.
 */
export const signatureAlgorithms = {
  'ecdsa-p256-sha256': { family: 'ecdsa', hash: 'sha256', curve: p256 },
  'ecdsa-p384-sha256': { family: 'ecdsa', hash: 'sha256', curve: p384 },
  'ecdsa-p384-sha384': { family: 'ecdsa', hash: 'sha384', curve: p384 },
  'ecdsa-p521-sha256': { family: 'ecdsa', hash: 'sha256', curve: p521 },
  'ecdsa-p521-sha512': { family: 'ecdsa', hash: 'sha512', curve: p521 },
  ed25519: { family: 'ed25519' },
  'ml-dsa-44': { family: 'ml-dsa-44' },
  'rsa-pkcs1-sha256': { family: 'rsa-pkcs1', hash: 'sha256' },
  'rsa-pkcs1-sha384': { family: 'rsa-pkcs1', hash: 'sha384' },
  'rsa-pkcs1-sha512': { family: 'rsa-pkcs1', hash: 'sha512' },
  'rsa-pss-sha256': { family: 'rsa-pss', hash: 'sha256' },
  'rsa-pss-sha384': { family: 'rsa-pss', hash: 'sha384' },
  'rsa-pss-sha512': { family: 'rsa-pss', hash: 'sha512' },
} as const satisfies Record<string, AlgorithmFacts>;

/** Why a key does not fit an algorithm, as a clause; undefined where it fits. An RSA-PSS key (RFC 4055) fits only RSASSA-PSS. */
export function keyProblem(facts: AlgorithmFacts, key: KeyObject): string | undefined {
  const type = key.asymmetricKeyType ?? 'no asymmetric key';
  const details = key.asymmetricKeyDetails ?? {};
  switch (facts.family) {
    case 'ecdsa': {
      const curve = details.namedCurve ?? 'an unnamed curve';
      if (type !== 'ec') return `the key is ${type}, not ECDSA`;
      if (facts.curve !== undefined)
        return curve === facts.curve ? undefined : `the key is on ${curve}, not ${facts.curve}`;
      return [p256, p384, p521].includes(curve) ? undefined : `the key is on ${curve}, not P-256, P-384 or P-521`;
    }
    case 'rsa-pkcs1':
    case 'rsa-pss': {
      if (type !== 'rsa' && !(type === 'rsa-pss' && facts.family === 'rsa-pss')) return `the key is ${type}, not RSA`;
      const bits = details.modulusLength ?? 0;
      return bits >= rsaBits.min && bits <= rsaBits.max
        ? undefined
        : `the RSA key has ${bits} bits, not ${rsaBits.min} to ${rsaBits.max}`;
    }
    default:
      return type === facts.family ? undefined : `the key is ${type}, not ${facts.family}`;
  }
}

/** The algorithm that a key signs with unless told otherwise (RSA: PKCS#1 v1.5 with SHA-256). Throws `pki/unsupported`. */
export function defaultAlgorithm(key: KeyObject): SignatureAlgorithm {
  const found = defaults.find((algorithm) => keyProblem(signatureAlgorithms[algorithm], key) === undefined);
  if (found === undefined)
    throw new PlombeError('pki/unsupported', `No signature algorithm fits a key of type ${key.asymmetricKeyType}.`);
  return found;
}

const defaults: readonly SignatureAlgorithm[] = [
  'ecdsa-p256-sha256',
  'ecdsa-p384-sha384',
  'ecdsa-p521-sha512',
  'ed25519',
  'ml-dsa-44',
  'rsa-pkcs1-sha256',
  'rsa-pss-sha256',
];

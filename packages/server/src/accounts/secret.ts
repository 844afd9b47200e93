// Passwords that the server makes: 256 random bits behind a prefix that secret scanners find, kept as a hash.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 > 2^256, 62^6 > 2^32. */
const secretDigits = 43;
const checkDigits = 6;

/** What the password opens; a part of its prefix. */
export type SecretKind = 'robot' | 'login' | 'session';

/**
 * Returns `plombe_KIND_` with 43 digits of chance and 6 of CRC-32 over all before them: a scanner can tell a real one from a look-alike
 * without asking. `/plombe_(robot|login|session)_[0-9A-Za-z]{49}/`
 */
export function createSecret(kind: SecretKind): string {
  const digits = baseDigits(BigInt(`0x${randomBytes(32).toString('hex')}`), secretDigits);
  const text = `plombe_${kind}_${digits}`;
  return `${text}${baseDigits(BigInt(crc32(text)), checkDigits)}`;
}

/** SHA-256: a slow hash protects passwords that people choose; 256 random bits cannot be guessed at any speed. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Compared with in place of an account that is not there, so that both take the same time. (T65) */
const nobody = randomBytes(32);

/** True where the secret has this hash; takes the same time whichever of them is wrong or absent. */
export function secretMatches(secret: string, hash: Uint8Array | undefined): boolean {
  const equal = timingSafeEqual(hashSecret(secret), hash ?? nobody);
  return equal && hash !== undefined;
}

function baseDigits(value: bigint, count: number): string {
  let rest = value;
  let text = '';
  for (let at = 0; at < count; at++) {
    text = (alphabet[Number(rest % 62n)] ?? '') + text;
    rest /= 62n;
  }
  return text;
}

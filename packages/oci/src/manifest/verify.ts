// Digests of whole documents: checked on the raw bytes before anything in them is believed.
import { createHash } from 'node:crypto';
import type { Digest } from '@plombe/model';
import { digestAlgorithm } from '@plombe/model';
import { PlombeError } from '@plombe/kit';

/** Returns the sha256 digest of the bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

/** Throws `archive/digest-mismatch` where the bytes do not have the digest (T27). */
export function verifyDigest(bytes: Uint8Array, digest: Digest, subject: string): void {
  const algorithm = digestAlgorithm(digest);
  const actual = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
  if (actual === digest) return;
  throw new PlombeError('archive/digest-mismatch', `${subject} should have the digest ${digest} and has ${actual}.`);
}

// Finds the key that made a signature, and says so.
import { createHash, type KeyObject } from 'node:crypto';
import { isPlombeError } from '@plombe/kit';
import { verifySignature } from '@plombe/pki';
import { algorithmsFor } from '../keys/algorithms.ts';
import type { Content, ContentHash } from './evidence.ts';
import { verifyDigest } from './prehashed.ts';

/** `unknown`: the key's algorithm needs the signed bytes, and only their digest is at hand. */
export type SignatureOutcome = 'fits' | 'differs' | 'unknown';

/** Compares a signature with content and key, by every algorithm that the key may have been used with. */
export function signatureOutcome(key: KeyObject, content: Content, signature: Uint8Array): SignatureOutcome {
  if (content.kind === 'digest') {
    const fits = verifyDigest(key, content.algorithm, content.value, signature);
    return fits === undefined ? 'unknown' : fits ? 'fits' : 'differs';
  }
  const data = content.bytes;
  const fits =
    algorithmsOf(key).some((algorithm) => verifySignature({ algorithm, key, data, signature }).kind === 'verified') ||
    isPrehashed(key, data, signature);
  return fits ? 'fits' : 'differs';
}

/** cosign 3 signs with Ed25519 keys by Ed25519ph, whose domain separation keeps it from being taken for anything else. */
function isPrehashed(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  if (key.asymmetricKeyType !== 'ed25519') return false;
  return verifyDigest(key, 'sha512', createHash('sha512').update(data).digest(), signature) === true;
}

function algorithmsOf(key: KeyObject): ReturnType<typeof algorithmsFor> {
  try {
    return algorithmsFor(key);
  } catch (error) {
    if (!isPlombeError(error)) throw error;
    return [];
  }
}

/** Returns digests of content, each computed once; undefined where only another algorithm's digest is known. */
export function digestsOf(content: Content): (algorithm: ContentHash) => Uint8Array | undefined {
  const known = new Map<ContentHash, Uint8Array>();
  if (content.kind === 'digest') known.set(content.algorithm, content.value);
  return (algorithm) => {
    const before = known.get(algorithm);
    if (before !== undefined || content.kind === 'digest') return before;
    const digest = createHash(algorithm).update(content.bytes).digest();
    known.set(algorithm, digest);
    return digest;
  };
}

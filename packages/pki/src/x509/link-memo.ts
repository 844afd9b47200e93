// Remembers which certificate signatures held, because the same few authorities sign everything.
import { createHash } from 'node:crypto';
import { verifySigned } from './issued.ts';
import type { SignatureVerdict } from '../signature/signature.ts';
import type { Certificate } from './certificate.ts';

/** 512 links of 32 bytes: the authorities and signers of a whole cluster; a P-384 signature costs 0.6 ms, a look here 5 µs. */
const maxLinks = 512;
const verified = new Set<string>();

/**
 * `verifySigned` of a certificate by its issuer. Remembers only what held, by SHA-256 over all that decides: the certificate's
 * bytes and the issuer's key. The answer is always that of `verifySigned`.
 */
export function verifyLink(child: Certificate, issuer: Certificate): SignatureVerdict {
  const key = createHash('sha256').update(child.bytes).update(issuer.spki).digest('base64');
  if (verified.has(key)) return { kind: 'verified' };
  const verdict = verifySigned(child, issuer);
  if (verdict.kind === 'verified') {
    if (verified.size >= maxLinks) verified.clear();
    verified.add(key);
  }
  return verdict;
}

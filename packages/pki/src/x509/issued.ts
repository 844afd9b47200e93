// Whether one certificate signed another structure: the signature alone, with the algorithm that the structure names.
import { messageOf } from '@plombe/kit';
import type { KeyObject } from 'node:crypto';
import { parseDer } from '../der/reader.ts';
import { readSignatureAlgorithm } from '../signature/identifier.ts';
import { verifyWith, type SignatureVerdict } from '../signature/signature.ts';
import type { Certificate } from './certificate.ts';

/** What a SIGNED structure of X.509 holds: certificates, revocation lists and OCSP answers look alike. */
export interface SignedBytes {
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
}

/** Verifies the signature over a certificate, revocation list or OCSP answer. Throws nothing. */
export function verifySigned(signed: SignedBytes, issuer: Pick<Certificate, 'publicKey'>): SignatureVerdict {
  try {
    const facts = readSignatureAlgorithm(parseDer(signed.signatureAlgorithm));
    const key: KeyObject = issuer.publicKey;
    return verifyWith(facts, { key, data: signed.tbs, signature: signed.signature });
  } catch (error) {
    return { kind: 'rejected', reason: messageOf(error).replace(/\.$/, '') };
  }
}

/** True where subject and issuer are the same name (RFC 5280, 3.2). */
export function isSelfIssued(certificate: Certificate): boolean {
  return sameBytes(certificate.subject.der, certificate.issuer.der);
}

/** True where a certificate is signed with its own key. */
export function isSelfSigned(certificate: Certificate): boolean {
  return isSelfIssued(certificate) && verifySigned(certificate, certificate).kind === 'verified';
}

/** True where two byte strings are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

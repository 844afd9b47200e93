// Asks an OCSP responder about one certificate (RFC 6960, 4.1): the bytes of the request.
import { createHash } from 'node:crypto';
import { parseDer } from '../der/reader.ts';
import { readBitBytes } from '../der/values.ts';
import { derInteger, derNull, derOctets, derOid, derSequence, derTagged, derValue } from '../der/writer.ts';
import { tag } from '../der/tags.ts';
import type { Certificate } from '../x509/certificate.ts';

/** Hashes of a CertID: SHA-1 identifies, it protects nothing here, and many responders know nothing else (RFC 5019, 2.1.1). */
export type CertIdHash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

export const certIdHashes: Readonly<Record<CertIdHash, string>> = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};

export const ocspOid = {
  nonce: '1.3.6.1.5.5.7.48.1.2',
  basic: '1.3.6.1.5.5.7.48.1.1',
  noCheck: '1.3.6.1.5.5.7.48.1.5',
} as const;

/** Builds an OCSPRequest, to be sent by POST as `application/ocsp-request`. `nonce`: 1 to 128 random bytes (RFC 9654). */
export function buildOcspRequest(options: {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly nonce?: Uint8Array;
  /** `sha1` unless given. */
  readonly hash?: CertIdHash;
}): Uint8Array {
  const { certificate, issuer, nonce, hash = 'sha1' } = options;
  const id = derSequence(
    derSequence(derOid(certIdHashes[hash]), derNull()),
    derOctets(createHash(hash).update(issuer.subject.der).digest()),
    derOctets(issuerKeyHash(issuer, hash)),
    serialNumber(certificate),
  );
  const extensions =
    nonce === undefined
      ? []
      : [derTagged(2, derSequence(derSequence(derOid(ocspOid.nonce), derOctets(derOctets(nonce)))))];
  return derSequence(derSequence(derSequence(derSequence(id)), ...extensions));
}

/** The hash of the issuer's key itself, without its algorithm (RFC 6960, 4.1.1). */
export function issuerKeyHash(issuer: Certificate, hash: CertIdHash): Uint8Array {
  const key = parseDer(issuer.spki).children[1];
  return createHash(hash)
    .update(key === undefined ? new Uint8Array() : readBitBytes(key))
    .digest();
}

function serialNumber({ serial }: Certificate): Uint8Array {
  return serial.startsWith('-')
    ? derValue(tag.integer, Buffer.from(serial.slice(1), 'hex'))
    : derInteger(Buffer.from(serial, 'hex'));
}

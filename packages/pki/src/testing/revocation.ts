// Makes revocation lists and OCSP answers for tests, any field wrong on request.
import { createHash, createPublicKey } from 'node:crypto';
import {
  derGeneralizedTime,
  derImplicit,
  derInteger,
  derNull,
  derOctets,
  derOid,
  derSequence,
  derTagged,
  derTime,
  derValue,
} from '../der/writer.ts';
import { tag } from '../der/tags.ts';
import { defaultAlgorithm } from '../signature/algorithms.ts';
import { certIdHashes, issuerKeyHash, ocspOid, type CertIdHash } from '../revocation/ocsp-request.ts';
import type { Certificate } from '../x509/certificate.ts';
import { algorithmIdentifier, signedStructure, testExtension, testNowMs, type Issued } from './authority.ts';

const hourMs = 3_600_000;

export interface TestCrl {
  readonly issuer: Issued;
  readonly entries?: readonly {
    readonly serial: string;
    readonly reason?: number;
    readonly atMs?: number;
    readonly invalidityMs?: number;
  }[];
  readonly thisUpdateMs?: number;
  readonly nextUpdateMs?: number | 'none';
  readonly number?: number;
  readonly deltaBase?: number;
  /** Encoded parts of an IssuingDistributionPoint. */
  readonly issuingPoint?: readonly Uint8Array[];
  readonly extensions?: readonly Uint8Array[];
}

/** A signed list, current for an hour before and after `testNowMs`. */
export function makeCrl(options: TestCrl): Uint8Array {
  const {
    issuer,
    entries = [],
    thisUpdateMs = testNowMs - hourMs,
    nextUpdateMs = testNowMs + hourMs,
    number = 1,
    deltaBase,
    issuingPoint,
  } = options;
  const algorithm = defaultAlgorithm(createPublicKey(issuer.key));
  const tbs = derSequence(
    derInteger(1),
    algorithmIdentifier(algorithm),
    issuer.certificate.subject.der,
    derTime(thisUpdateMs),
    ...(nextUpdateMs === 'none' ? [] : [derTime(nextUpdateMs)]),
    ...(entries.length === 0 ? [] : [derSequence(Buffer.concat(entries.map(crlEntry)))]),
    derTagged(
      0,
      derSequence(
        testExtension('2.5.29.20', derInteger(number)),
        ...(deltaBase === undefined ? [] : [testExtension('2.5.29.27', derInteger(deltaBase), true)]),
        ...(issuingPoint === undefined ? [] : [testExtension('2.5.29.28', derSequence(...issuingPoint), true)]),
        ...(options.extensions ?? []),
      ),
    ),
  );
  return signedStructure(tbs, algorithm, issuer.key);
}

function crlEntry({
  serial,
  reason,
  atMs = testNowMs - 2 * hourMs,
  invalidityMs,
}: NonNullable<TestCrl['entries']>[number]): Uint8Array {
  const extensions = [
    ...(reason === undefined ? [] : [testExtension('2.5.29.21', derValue(tag.enumerated, Uint8Array.of(reason)))]),
    ...(invalidityMs === undefined ? [] : [testExtension('2.5.29.24', derGeneralizedTime(invalidityMs))]),
  ];
  return derSequence(
    derInteger(Buffer.from(serial, 'hex')),
    derTime(atMs),
    ...(extensions.length === 0 ? [] : [derSequence(...extensions)]),
  );
}

export interface TestOcsp {
  readonly issuer: Issued;
  readonly certificate: Certificate;
  /** Signs in place of the issuer; its certificate comes along. */
  readonly responder?: Issued;
  readonly status?: 'good' | 'unknown' | { readonly revokedMs: number; readonly reason?: number };
  readonly hash?: CertIdHash;
  readonly byKey?: boolean;
  readonly nonce?: Uint8Array;
  readonly thisUpdateMs?: number;
  readonly nextUpdateMs?: number | 'none';
  readonly failure?: number;
}

/** An OCSPResponse, current for an hour before and after `testNowMs`. */
export function makeOcsp(options: TestOcsp): Uint8Array {
  const {
    issuer,
    certificate,
    hash = 'sha1',
    thisUpdateMs = testNowMs - hourMs,
    nextUpdateMs = testNowMs + hourMs,
    nonce,
    failure,
  } = options;
  if (failure !== undefined) return derSequence(derValue(tag.enumerated, Uint8Array.of(failure)));
  const signer = options.responder ?? issuer;
  const algorithm = defaultAlgorithm(createPublicKey(signer.key));
  const id = derSequence(
    derSequence(derOid(certIdHashes[hash]), derNull()),
    derOctets(createHash(hash).update(issuer.certificate.subject.der).digest()),
    derOctets(issuerKeyHash(issuer.certificate, hash)),
    derInteger(Buffer.from(certificate.serial, 'hex')),
  );
  const single = derSequence(
    id,
    ocspStatus(options.status ?? 'good'),
    derGeneralizedTime(thisUpdateMs),
    ...(nextUpdateMs === 'none' ? [] : [derTagged(0, derGeneralizedTime(nextUpdateMs))]),
  );
  const responder =
    options.byKey === true
      ? derTagged(2, derOctets(issuerKeyHash(signer.certificate, 'sha1')))
      : derTagged(1, signer.certificate.subject.der);
  const data = derSequence(
    responder,
    derGeneralizedTime(testNowMs),
    derSequence(single),
    ...(nonce === undefined ? [] : [derTagged(1, derSequence(testExtension(ocspOid.nonce, derOctets(nonce))))]),
  );
  const signed = signedStructure(data, algorithm, signer.key);
  const withCertificates = options.responder === undefined ? signed : addCertificates(signed, signer.certificate);
  return derSequence(
    derValue(tag.enumerated, Uint8Array.of(0)),
    derTagged(0, derSequence(derOid(ocspOid.basic), derOctets(withCertificates))),
  );
}

function ocspStatus(status: NonNullable<TestOcsp['status']>): Uint8Array {
  if (status === 'good') return derImplicit(0, new Uint8Array());
  if (status === 'unknown') return derImplicit(2, new Uint8Array());
  const reason =
    status.reason === undefined ? [] : [derTagged(0, derValue(tag.enumerated, Uint8Array.of(status.reason)))];
  return derTagged(1, derGeneralizedTime(status.revokedMs), ...reason);
}

function addCertificates(signed: Uint8Array, certificate: Certificate): Uint8Array {
  const header = (signed[1] as number) < 0x80 ? 2 : 2 + ((signed[1] as number) & 0x7f);
  return derSequence(signed.subarray(header), derTagged(0, derSequence(certificate.bytes)));
}

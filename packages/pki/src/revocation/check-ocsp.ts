// Whether a certificate is revoked by what an OCSP responder answered (RFC 6960, 3.2).
import { messageOf } from '@plombe/kit';
import { createHash } from 'node:crypto';
import type { Certificate } from '../x509/certificate.ts';
import { commonProblem } from '../x509/chain-rules.ts';
import { label } from '../x509/chain.ts';
import { sameBytes, verifySigned } from '../x509/issued.ts';
import { purpose } from '../x509/oids.ts';
import { check, currencyProblem, unknownAnswer, type RevocationAnswer } from './answer.ts';
import { certIdHashes, issuerKeyHash, ocspOid, type CertIdHash } from './ocsp-request.ts';
import { parseOcspResponse, type OcspResponse, type ResponderId, type SingleResponse } from './ocsp-response.ts';

export interface OcspInput {
  readonly certificate: Certificate;
  /** The certificate of its issuer, already verified. */
  readonly issuer: Certificate;
  /** DER of the OCSPResponse. */
  readonly response: Uint8Array;
  readonly atMs: number;
  /** The nonce of the request; an answer that carries another one is refused, one without is not (RFC 6960, 4.4.1). */
  readonly nonce?: Uint8Array;
}

type Successful = Extract<OcspResponse, { kind: 'successful' }>;

/**
 * Judges an answer: signed by the issuer, or by a responder that the issuer certified for OCSP and that is valid at `atMs`; about
 * this certificate; current. Everything else is `unknown`. A delegated responder is in the answer: without the extension
 * id-pkix-ocsp-nocheck (`ocspOid.noCheck`) its own revocation is for the caller to ask. Throws nothing.
 */
export function checkOcsp(input: OcspInput): RevocationAnswer {
  try {
    const response = parseOcspResponse(input.response);
    if (response.kind === 'failed') return unknownAnswer(`the responder answered ${response.status}`);
    if (response.unknownCritical.length > 0)
      return unknownAnswer('the OCSP answer has critical extensions that are not supported');
    if (input.nonce !== undefined && response.nonce !== undefined && !sameBytes(input.nonce, response.nonce)) {
      return unknownAnswer('the OCSP answer is for another request');
    }
    const signer = findResponder(response, input);
    if (typeof signer === 'string') return unknownAnswer(signer);
    const verdict = verifySigned(response, signer);
    if (verdict.kind === 'rejected')
      return unknownAnswer(`the signature of the OCSP answer does not hold: ${verdict.reason}`);
    const single = response.responses.find((one) => isAbout(one, input));
    if (single === undefined) return unknownAnswer('the OCSP answer is about other certificates');
    return answer(single, input, signer === input.issuer ? undefined : signer);
  } catch (error) {
    return unknownAnswer(messageOf(error));
  }
}

function answer(
  single: SingleResponse,
  { certificate, atMs }: OcspInput,
  responder: Certificate | undefined,
): RevocationAnswer {
  const late = currencyProblem(single, atMs);
  if (late !== undefined) return unknownAnswer(`the OCSP answer is not current: ${late}`);
  if (single.unknownCritical.length > 0)
    return unknownAnswer('the OCSP answer has critical extensions that are not supported');
  const { status, thisUpdateMs, nextUpdateMs } = single;
  const by = responder === undefined ? {} : { responder };
  if (status.kind === 'unknown') return unknownAnswer('the responder does not know the certificate');
  if (status.kind !== 'revoked') {
    const times = { thisUpdateMs, ...(nextUpdateMs === undefined ? {} : { nextUpdateMs }) };
    return {
      kind: 'good',
      source: 'ocsp',
      ...times,
      ...by,
      checks: [check('pass', `${label(certificate)} is good, says its OCSP responder`)],
    };
  }
  const { atMs: revokedMs, reason } = status;
  const message = `${label(certificate)} was revoked at ${new Date(revokedMs).toISOString()} (${reason ?? 'no reason given'})`;
  return {
    kind: 'revoked',
    source: 'ocsp',
    atMs: revokedMs,
    ...(reason === undefined ? {} : { reason }),
    ...by,
    checks: [check('fail', message)],
  };
}

/** The certificate whose key signed, or why there is none, as a clause. */
function findResponder({ responderId, certificates }: Successful, { issuer, atMs }: OcspInput): Certificate | string {
  if (names(responderId, issuer)) return issuer;
  const found = certificates.find((one) => names(responderId, one));
  if (found === undefined) return 'the responder of the OCSP answer is not known';
  if (sameBytes(found.bytes, issuer.bytes)) return issuer;
  if (!sameBytes(found.issuer.der, issuer.subject.der)) return 'the OCSP responder is certified by another issuer';
  if (found.extendedKeyUsage?.includes(purpose.ocspSigning) !== true)
    return 'the OCSP responder is not certified for OCSP';
  if (found.keyUsage !== undefined && !found.keyUsage.includes('digitalSignature'))
    return "the OCSP responder's key may not sign";
  // id-pkix-ocsp-nocheck says only that nobody need ask about the responder; some authorities mark it critical.
  const problem = commonProblem(
    {
      notBeforeMs: found.notBeforeMs,
      notAfterMs: found.notAfterMs,
      unknownCritical: found.unknownCritical.filter((id) => id !== ocspOid.noCheck),
    },
    atMs,
  );
  if (problem !== undefined) return `the OCSP responder does not serve: ${problem}`;
  const verdict = verifySigned(found, issuer);
  return verdict.kind === 'verified' ? found : `the OCSP responder is not certified by the issuer: ${verdict.reason}`;
}

function names(id: ResponderId, certificate: Certificate): boolean {
  return id.kind === 'name'
    ? sameBytes(id.der, certificate.subject.der)
    : sameBytes(id.hash, issuerKeyHash(certificate, 'sha1'));
}

function isAbout(single: SingleResponse, { certificate, issuer }: OcspInput): boolean {
  const hash = (Object.keys(certIdHashes) as CertIdHash[]).find((one) => certIdHashes[one] === single.hashOid);
  if (hash === undefined || single.serial !== certificate.serial) return false;
  const nameHash = createHash(hash).update(issuer.subject.der).digest();
  return sameBytes(single.nameHash, nameHash) && sameBytes(single.keyHash, issuerKeyHash(issuer, hash));
}

// Whether a certificate is revoked by its issuer's list, and by a delta list beside it (RFC 5280, 6.3).
import { messageOf } from '@plombe/kit';
import type { Certificate } from '../x509/certificate.ts';
import { label } from '../x509/chain.ts';
import { sameBytes, verifySigned } from '../x509/issued.ts';
import { check, currencyProblem, unknownAnswer, type RevocationAnswer } from './answer.ts';
import { parseCrl, type Crl, type CrlEntry } from './crl.ts';

export interface CrlInput {
  readonly certificate: Certificate;
  /** The certificate of its issuer, already verified. */
  readonly issuer: Certificate;
  /** The complete list: DER, or parsed. */
  readonly crl: Uint8Array | Crl;
  readonly delta?: Uint8Array | Crl;
  readonly atMs: number;
}

/**
 * Asks a list about a certificate. Lists that are indirect, only for some reasons or for other certificates, out of date, without
 * nextUpdate, or not signed by the issuer answer `unknown`. Throws nothing.
 */
export function checkCrl(input: CrlInput): RevocationAnswer {
  try {
    const crl = input.crl instanceof Uint8Array ? parseCrl(input.crl) : input.crl;
    const delta = input.delta instanceof Uint8Array ? parseCrl(input.delta) : input.delta;
    const problem =
      crl.deltaBase === undefined ? listProblem(crl, input) : 'it is a delta list, which says nothing alone';
    if (problem !== undefined) return unknownAnswer(`the revocation list does not serve: ${problem}`);
    if (delta !== undefined) {
      const unfit = deltaProblem(crl, delta) ?? listProblem(delta, input);
      if (unfit !== undefined) return unknownAnswer(`the delta revocation list does not serve: ${unfit}`);
    }
    return answer(crl, delta, input.certificate);
  } catch (error) {
    return unknownAnswer(messageOf(error));
  }
}

function answer(crl: Crl, delta: Crl | undefined, certificate: Certificate): RevocationAnswer {
  const { serial } = certificate;
  const changed = delta?.entry(serial);
  const found = changed === undefined ? crl.entry(serial) : removes(changed) ? undefined : changed;
  const { thisUpdateMs, nextUpdateMs } = delta ?? crl;
  const times = { thisUpdateMs, ...(nextUpdateMs === undefined ? {} : { nextUpdateMs }) };
  if (found === undefined) {
    return {
      kind: 'good',
      source: 'crl',
      ...times,
      checks: [check('pass', `${label(certificate)} is not on its issuer's revocation list`)],
    };
  }
  const message = `${label(certificate)} was revoked at ${new Date(found.atMs).toISOString()} (${found.reason ?? 'no reason given'})`;
  return { kind: 'revoked', source: 'crl', ...found, checks: [check('fail', message)] };
}

/** Only a delta list may take an entry back; in a complete one it stays a revocation. */
function removes(entry: CrlEntry): boolean {
  return entry.reason === 'removeFromCRL';
}

function listProblem(crl: Crl, { certificate, issuer, atMs }: CrlInput): string | undefined {
  if (!sameBytes(crl.issuer.der, certificate.issuer.der) || !sameBytes(crl.issuer.der, issuer.subject.der))
    return 'it is of another issuer';
  if (crl.unknownCritical.length > 0)
    return `it has critical extensions that are not supported: ${crl.unknownCritical.join(', ')}`;
  if (crl.nextUpdateMs === undefined) return 'it does not say when the next one comes';
  const late = currencyProblem(crl, atMs);
  if (late !== undefined) return late;
  const scope = scopeProblem(crl, certificate);
  if (scope !== undefined) return scope;
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.includes('cRLSign'))
    return "its issuer's key may not sign lists";
  const { authorityKeyId } = crl;
  if (
    authorityKeyId !== undefined &&
    issuer.subjectKeyId !== undefined &&
    !sameBytes(authorityKeyId, issuer.subjectKeyId)
  ) {
    return 'it is signed with another key of its issuer';
  }
  const verdict = verifySigned(crl, issuer);
  return verdict.kind === 'rejected' ? `its signature does not hold: ${verdict.reason}` : undefined;
}

function scopeProblem({ issuingPoint: point }: Crl, certificate: Certificate): string | undefined {
  if (point === undefined) return undefined;
  const isAuthority = certificate.basicConstraints?.ca === true;
  if (point.indirect) return 'it is indirect, which is not supported';
  if (point.someReasons) return 'it covers only some reasons, which is not supported';
  if (point.only === 'attributes') return 'it covers only attribute certificates';
  if (point.only === 'users' && isAuthority) return 'it covers no authorities';
  if (point.only === 'authorities' && !isAuthority) return 'it covers only authorities';
  if (point.uris.length === 0) return undefined;
  const own = certificate.crlPoints.filter(({ partial }) => !partial).flatMap(({ uris }) => uris);
  return point.uris.some((uri) => own.includes(uri))
    ? undefined
    : 'it is for another distribution point than the certificate names';
}

function deltaProblem(crl: Crl, delta: Crl): string | undefined {
  if (delta.deltaBase === undefined || delta.number === undefined) return 'it is no delta list';
  if (crl.number === undefined) return 'the complete list has no number';
  const [base, complete, newest] = [delta.deltaBase, crl.number, delta.number].map(order) as [bigint, bigint, bigint];
  if (base > complete) return 'it changes a later complete list';
  if (newest < complete) return 'it is older than the complete list';
  const scopes = [crl, delta].map(({ issuingPoint }) => JSON.stringify(issuingPoint ?? null));
  return scopes[0] === scopes[1] ? undefined : 'it covers other certificates than the complete list';
}

function order(hex: string): bigint {
  return hex.startsWith('-') || hex.length > 64 ? -1n : BigInt(`0x${hex}`);
}

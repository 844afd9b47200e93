// Asks responders and lists over a `fetch` that is handed in (trust-store-trust-policy, "CRL Download" and "OCSP Download").
import { isPlombeError, messageOf, readAll } from '@plombe/kit';
import {
  buildOcspRequest,
  checkCrl,
  checkOcsp,
  maxCrlBytes,
  maxOcspBytes,
  ocspOid,
  parseCrl,
  type Certificate,
  type RevocationAnswer,
} from '@plombe/pki';

/** The network as a verification may use it. */
export interface RevocationSource {
  /** Asked only for http and https addresses that an already trusted chain names. */
  readonly fetch: typeof globalThis.fetch;
  readonly signal?: AbortSignal;
  /** Random bytes; present: OCSP requests carry a nonce. */
  readonly random?: (sizeBytes: number) => Uint8Array;
}

/** The specification's thresholds. */
const ocspTimeoutMs = 2000;
const crlTimeoutMs = 5000;

/** Addresses tried for one certificate and method; certificates name one or two. */
const maxAddresses = 4;

/** Asks about one certificate: OCSP first, lists where that gives no answer. One that names neither is good. Throws nothing but the signal's reason. */
export async function askRevocation(
  source: RevocationSource,
  certificate: Certificate,
  issuer: Certificate,
  atMs: number,
): Promise<RevocationAnswer> {
  const { ocspUris, crlPoints } = certificate;
  if (ocspUris.length === 0 && crlPoints.length === 0) return notAsked('it names no revocation list and no responder');
  const byOcsp = ocspUris.length > 0 ? await askOcsp(source, certificate, issuer, atMs) : undefined;
  if (byOcsp !== undefined && byOcsp.kind !== 'unknown') return byOcsp;
  if (crlPoints.length === 0) return byOcsp ?? unknown('nobody could be asked');
  const byList = await askCrl(source, certificate, issuer, atMs);
  if (byList.kind !== 'unknown' || byOcsp?.kind !== 'unknown') return byList;
  return unknown(`${byOcsp.cause}; ${byList.cause}`);
}

async function askOcsp(
  source: RevocationSource,
  certificate: Certificate,
  issuer: Certificate,
  atMs: number,
): Promise<RevocationAnswer> {
  const nonce = source.random?.(16);
  const request = buildOcspRequest({ certificate, issuer, ...(nonce !== undefined && { nonce }) });
  const init = { method: 'POST', headers: { 'content-type': 'application/ocsp-request' }, body: Buffer.from(request) };
  const response = await firstOf(source, certificate.ocspUris, {
    init,
    timeoutMs: ocspTimeoutMs,
    maxBytes: maxOcspBytes,
  });
  if (typeof response === 'string') return unknown(`the OCSP responder could not be asked: ${response}`);
  const answer = checkOcsp({ certificate, issuer, response, atMs, ...(nonce !== undefined && { nonce }) });
  if (answer.kind === 'unknown' || answer.responder === undefined) return answer;
  return responderProblem(source, answer, answer.responder, issuer, atMs);
}

/** A delegated responder is itself asked about, by lists, unless its certificate says nobody need (id-pkix-ocsp-nocheck). */
async function responderProblem(
  source: RevocationSource,
  answer: RevocationAnswer,
  responder: Certificate,
  issuer: Certificate,
  atMs: number,
): Promise<RevocationAnswer> {
  if (responder.extensions.has(ocspOid.noCheck) || responder.crlPoints.length === 0) return answer;
  const own = await askCrl(source, responder, issuer, atMs);
  if (own.kind === 'good') return answer;
  return unknown(own.kind === 'revoked' ? 'the OCSP responder is revoked' : `the OCSP responder: ${own.cause}`);
}

async function askCrl(
  source: RevocationSource,
  certificate: Certificate,
  issuer: Certificate,
  atMs: number,
): Promise<RevocationAnswer> {
  const limits = { timeoutMs: crlTimeoutMs, maxBytes: maxCrlBytes };
  const uris = certificate.crlPoints.filter(({ partial }) => !partial).flatMap((point) => point.uris);
  const bytes = await firstOf(source, uris, limits);
  if (typeof bytes === 'string') return unknown(`the revocation list could not be fetched: ${bytes}`);
  try {
    const crl = parseCrl(bytes);
    if (crl.freshestUris.length === 0) return checkCrl({ certificate, issuer, crl, atMs });
    const delta = await firstOf(source, crl.freshestUris, limits);
    if (typeof delta === 'string') return unknown(`the delta revocation list could not be fetched: ${delta}`);
    return checkCrl({ certificate, issuer, crl, delta, atMs });
  } catch (thrown) {
    if (isPlombeError(thrown)) return unknown(messageOf(thrown));
    throw thrown;
  }
}

interface Download {
  readonly init?: RequestInit;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** The body of the first address that answers 2xx, or why there is none. */
async function firstOf(
  source: RevocationSource,
  uris: readonly string[],
  download: Download,
): Promise<Uint8Array | string> {
  const problems: string[] = [];
  for (const uri of uris.filter((one) => /^https?:\/\//i.test(one)).slice(0, maxAddresses)) {
    const answer = await fetchOne(source, uri, download);
    if (typeof answer !== 'string') return answer;
    problems.push(answer);
  }
  return problems.length > 0 ? problems.join('; ') : 'no address of http or https is named';
}

async function fetchOne(
  { fetch, signal }: RevocationSource,
  uri: string,
  { init, timeoutMs, maxBytes }: Download,
): Promise<Uint8Array | string> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const host = URL.parse(uri)?.host ?? 'an invalid address';
  try {
    // A redirect would lead where no certificate points.
    const response = await fetch(uri, {
      ...init,
      redirect: 'error',
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return `${host} answered ${String(response.status)}`;
    }
    const body = await readAll(response.body, maxBytes);
    return body === undefined ? `${host} answered more than ${String(maxBytes)} bytes` : body;
  } catch (thrown) {
    signal?.throwIfAborted();
    return `${host}: ${deadline.aborted ? `no answer within ${String(timeoutMs)} ms` : messageOf(thrown)}`;
  }
}

function unknown(cause: string): Extract<RevocationAnswer, { kind: 'unknown' }> {
  return { kind: 'unknown', cause, checks: [] };
}

function notAsked(why: string): RevocationAnswer {
  return {
    kind: 'good',
    source: 'crl',
    thisUpdateMs: 0,
    checks: [{ id: 'revocation', outcome: 'pass', message: why }],
  };
}

// Asks the services that a signing configuration names: a certificate for an identity, log entries, time stamps.
import type { Context } from '@plombe/model';
import { PlombeError, decodeText, inert, mebibyte, type JsonObject } from '@plombe/kit';
import {
  dsseRequest,
  generatePrivateKey,
  hashedRekordRequest,
  hashedRekordV2Request,
  parseRekorV1Answer,
  parseRekorV2Answer,
  parseSigningCertificate,
  selectServices,
  signerOf,
  signingCertificatePath,
  signingCertificateRequest,
  subjectOfToken,
  type Attempt,
  type LogEntry,
  type LogRequest,
  type Selector,
  type Service,
  type Signer,
  type SigningConfig,
} from '@plombe/trust';
import type { LoggedSignature } from './envelope.ts';
import { shownUrl, type ServiceAnswer, type ServiceClient } from './http.ts';

/** Answers have some KiB; one with a large proof and body 1 MiB. */
const maxAnswerBytes = 4 * mebibyte;
/** Rekor v2 answers with its next checkpoint; its operators ask clients to wait 20 s and more. */
const logTimeoutMs = 120_000;

/** What is asked of a service, and how it is named in messages. */
interface Call {
  readonly what: string;
  readonly service: Service;
  readonly path: string;
  /** The request holds a secret, which the answer may repeat: nothing of it is told (T66). */
  readonly secret?: boolean;
}

/**
 * Returns the services of one kind to use now. Throws `config/invalid` where the configuration has too few that Plombe speaks with; an empty
 * list asks for none.
 */
export function servicesOf(
  services: readonly Service[],
  selector: Selector,
  apiVersions: readonly number[],
  what: string,
  ctx: Pick<Context, 'clock'>,
): readonly Service[] {
  if (services.length === 0) return [];
  const chosen = selectServices(services, selector, apiVersions, ctx.clock.nowMs());
  if (chosen !== undefined) return chosen;
  throw new PlombeError(
    'config/invalid',
    `The signing configuration has too few ${what} that are valid now and of version ${apiVersions.join(' or ')}.`,
  );
}

/**
 * Makes a fresh key and gets a certificate for the identity in an OpenID token. The key is used once and forgotten. Throws `config/invalid` for
 * a token or configuration that cannot be used, `service/refused` where the authority refuses.
 */
export async function certifyIdentity(
  config: SigningConfig,
  token: string,
  client: ServiceClient,
  ctx: Pick<Context, 'clock'>,
): Promise<{ readonly signer: Signer; readonly certificates: readonly Uint8Array[] }> {
  const [service] = servicesOf(config.certificateAuthorities, { kind: 'any' }, [1], 'certificate authorities', ctx);
  if (service === undefined) {
    throw new PlombeError('config/invalid', 'The signing configuration names no certificate authority for the token.');
  }
  const subject = subjectOfToken(token);
  if (subject.kind !== 'parsed') {
    throw new PlombeError('config/invalid', `The identity token cannot be used: ${inert(subject.message)}.`);
  }
  const signer = signerOf(await generatePrivateKey('ecdsa-p256'));
  const call = { what: 'certificate authority', service, path: signingCertificatePath, secret: true };
  const answer = await post(call, await signingCertificateRequest(token, subject.value, signer), client);
  return { signer, certificates: parsedAnswer(call, parseSigningCertificate(answer.bytes)) };
}

/** Puts a signature into a log and returns the entry. Throws `service/refused`; nothing is verified yet. */
export async function logSignature(
  service: Service,
  logged: LoggedSignature,
  client: ServiceClient,
): Promise<LogEntry> {
  const request = logRequest(service, logged);
  if (request.kind === 'unsupported') {
    throw new PlombeError('service/refused', inert(request.message), { remedy: 'Sign with another kind of key.' });
  }
  const call = { what: 'log', service, path: request.path };
  const answer = await post(call, request.body, client);
  return parsedAnswer(
    call,
    service.apiVersion === 1 ? parseRekorV1Answer(answer.bytes) : parseRekorV2Answer(answer.bytes),
  );
}

function logRequest({ apiVersion }: Service, logged: LoggedSignature): LogRequest {
  const { signer, certificates, envelope, signedBytes, signature } = logged;
  const [certificate] = certificates;
  const by = {
    publicKey: signer.publicKey,
    algorithm: signer.algorithm,
    ...(certificate === undefined ? {} : { certificate }),
  };
  if (apiVersion !== 1) return hashedRekordV2Request(signedBytes, signature, by);
  return envelope === undefined ? hashedRekordRequest(signedBytes, signature, by) : dsseRequest(envelope, by);
}

async function post(call: Call, body: JsonObject, client: ServiceClient): Promise<ServiceAnswer> {
  const { service, path } = call;
  const answer = await client.send({
    method: 'POST',
    url: service.url + path,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
    maxBytes: maxAnswerBytes,
    timeoutMs: logTimeoutMs,
  });
  if (answer.status >= 200 && answer.status < 300) return answer;
  // Rekor v1 refuses the same signature twice and names the entry that is there.
  const location = answer.headers['location'];
  if (answer.status === 409 && location !== undefined && /^\/api\/v1\/log\/entries\/[0-9a-f]{64,80}$/.test(location)) {
    const entry = await client.send({ method: 'GET', url: service.url + location, maxBytes: maxAnswerBytes });
    if (entry.status === 200) return entry;
  }
  const text = call.secret === true ? '' : `: ${inert(decodeText(answer.bytes.subarray(0, 300)))}`;
  throw failed(call, `answered with status ${answer.status}${text}`);
}

function parsedAnswer<T>(call: Call, read: Attempt<T>): T {
  if (read.kind === 'parsed') return read.value;
  throw failed(call, `gave an answer that cannot be used${call.secret === true ? '' : `: ${inert(read.message)}`}`);
}

function failed({ what, service }: Call, reason: string): PlombeError {
  return new PlombeError('service/refused', `The ${what} ${shownUrl(service.url)} ${reason}.`);
}

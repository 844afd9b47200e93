// Tokens from a registry's token service: docker's token specification and its OAuth2 variant.
import type { Context } from '@plombe/model';
import { PlombeError, decodeText, isObject, kibibyte, numberField, textField, type JsonObject } from '@plombe/kit';
import type { AddressScope } from '../network/address.ts';
import { readDocument, type HttpClient, type HttpResponse } from '../network/client.ts';
import { statusError } from '../network/retry.ts';
import { basicAuthorization, type Credential } from './credential.ts';

/** A token with the instant after which it is not used any more. */
export interface Token {
  readonly value: string;
  readonly expiresAtMs: number;
}

export interface TokenRequest {
  readonly realm: URL;
  readonly service?: string;
  readonly scopes: readonly string[];
  readonly credential?: Credential;
  readonly limit: AddressScope;
  readonly signal: AbortSignal;
}

/** Tokens have a few KiB (T48); ACR's are the largest known with 4. */
const maxTokenBytes = 256 * kibibyte;
/** Token specification: a token without `expires_in` lives 60 s. */
const defaultLifeSeconds = 60;
/** A token is not used in the last tenth of its life, at most half a minute: clocks differ and requests take time. */
const marginMs = 30_000;

/** Fetches a token. Throws `registry/unauthorized` where it is refused, `registry/invalid-answer` where the answer is none. */
export async function fetchToken(
  client: HttpClient,
  ctx: Pick<Context, 'clock'>,
  request: TokenRequest,
): Promise<Token> {
  const { credential } = request;
  const { realm, scopes, service } = request;
  const parameters = new URLSearchParams();
  if (service !== undefined) parameters.set('service', service);
  for (const scope of scopes) parameters.append('scope', scope);
  if (credential?.kind === 'identity') {
    parameters.set('grant_type', 'refresh_token');
    parameters.set('client_id', 'plombe');
    parameters.set('refresh_token', credential.token);
    if (scopes.length > 0) parameters.set('scope', scopes.join(' '));
    return tokenOf(await postForm(client, ctx, realm, parameters, request), realm.host, ctx);
  }
  const url = new URL(realm);
  for (const [key, value] of parameters) url.searchParams.append(key, value);
  const password = credential?.kind === 'password' ? credential : undefined;
  if (password !== undefined) url.searchParams.set('account', password.username);
  const response = await client.send({
    method: 'GET',
    url,
    limit: request.limit,
    signal: request.signal,
    headers: password ? { authorization: basicAuthorization(password.username, password.password) } : {},
  });
  return tokenOf(await tokenDocument(response, realm.host, ctx), realm.host, ctx);
}

/** Posts a form and returns the JSON object it is answered with. Errors as `fetchToken`. */
export async function postForm(
  client: HttpClient,
  ctx: Pick<Context, 'clock'>,
  url: URL,
  form: URLSearchParams,
  options: { readonly limit: AddressScope; readonly signal: AbortSignal },
): Promise<JsonObject> {
  const response = await client.send({
    method: 'POST',
    url,
    body: form.toString(),
    limit: options.limit,
    signal: options.signal,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
  });
  return tokenDocument(response, url.host, ctx);
}

/** Reads a JSON answer of a token service. Nothing of its text is repeated in messages: it may echo what it was sent. */
export async function tokenDocument(
  response: HttpResponse,
  host: string,
  ctx: Pick<Context, 'clock'>,
): Promise<JsonObject> {
  const { status } = response;
  if (status === 429 || status === 408 || status >= 500) {
    await response.discard();
    throw statusError(host, status, response.headers['retry-after'], ctx.clock.nowMs());
  }
  if (status >= 300 && status < 400) {
    await response.discard();
    throw new PlombeError('registry/invalid-answer', `The token service ${host} redirects, which is not followed.`);
  }
  const bytes = await readDocument(response, `The token service ${host}`, maxTokenBytes);
  const document = parseObject(bytes);
  if (status !== 200) {
    const code = /^[A-Za-z0-9_.-]{1,60}$/.exec(textField(document ?? {}, 'error') ?? '')?.[0];
    throw new PlombeError(
      'registry/unauthorized',
      `The token service ${host} refused a token (${status}${code === undefined ? '' : `, ${code}`}).`,
    );
  }
  if (document !== undefined) return document;
  throw new PlombeError(
    'registry/invalid-answer',
    `The token service ${host} answered something that is no JSON object.`,
  );
}

function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(decodeText(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function tokenOf(document: JsonObject, host: string, ctx: Pick<Context, 'clock'>): Token {
  const value = textField(document, 'token') || textField(document, 'access_token');
  if (value === undefined || !isHeaderSafe(value)) {
    throw new PlombeError('registry/invalid-answer', `The token service ${host} answered without a usable token.`);
  }
  const seconds = numberField(document, 'expires_in') ?? defaultLifeSeconds;
  const lifeMs = (seconds > 0 && seconds < 86_400 ? seconds : defaultLifeSeconds) * 1000;
  return { value, expiresAtMs: ctx.clock.nowMs() + lifeMs - Math.min(marginMs, lifeMs / 10) };
}

/** True where a text can stand in an Authorization header. */
export function isHeaderSafe(text: string): boolean {
  return text.length > 0 && text.length <= maxTokenBytes && /^[\x21-\x7e]+$/.test(text);
}

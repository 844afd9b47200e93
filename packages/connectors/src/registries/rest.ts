// The REST half of a registry: JSON at the registry's own origin with the login of its docker half, within limits, throttled as it asks.
import type { Context } from '@plombe/model';
import { PlombeError, decodeText, inert, isObject, kibibyte, mebibyte, objectsField, textField } from '@plombe/kit';
import {
  createHttpClient,
  statusError,
  type Credential,
  type HttpResponse,
  type OpenTransport,
  type RegistryOptions,
} from '@plombe/oci';

/** A page of a vendor's API has some hundred short objects (T28). */
const maxAnswerBytes = 16 * mebibyte;
const maxErrorBytes = 64 * kibibyte;

export interface RestRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query below the origin; its parts are percent-encoded by the caller. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
  /** Statuses besides 2xx that are an answer and no error. */
  readonly expect?: readonly number[];
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  /** Parsed JSON; undefined for an empty body or a status of `expect`. */
  readonly value: unknown;
  /** The first `errors[].message` of a status of `expect`, inert and short; absent where it says nothing. */
  readonly said?: string;
}

export interface RestClient {
  /**
   * Sends until there is an answer, waiting where the registry throttles. Throws `registry/unauthorized`, `registry/forbidden`,
   * `registry/not-found`, `registry/invalid-answer` and what the network throws. Redirects are refused: an API has none (T32).
   */
  call(request: RestRequest): Promise<RestAnswer>;
  close(): void;
}

/** Opens the REST half beside a transport. The login goes to the registry's own origin and nowhere else (T30). */
export function restClient(
  transport: OpenTransport,
  { registry, network }: { readonly registry: string; readonly network: RegistryOptions },
  ctx: Context,
): RestClient {
  const client = createHttpClient(network, ctx);
  const origin = transport.originOf(registry);
  let login: Promise<string | undefined> | undefined;

  async function once(request: RestRequest): Promise<RestAnswer> {
    const { method = 'GET', path, body, signal, expect = [] } = request;
    login ??= transport.credential(registry, signal).then((credential) => authorizationOf(credential, registry));
    const authorization = await login;
    const response = await client.send({
      method,
      url: new URL(origin + path),
      limit: 'loopback',
      signal,
      headers: {
        accept: 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    if (expect.includes(status)) {
      const said = await readSaid(response);
      return { status, headers, value: undefined, ...(said === undefined ? {} : { said }) };
    }
    if (status >= 200 && status < 300) return { status, headers, value: await readJson(response, registry) };
    const said = await readSaid(response);
    throw failure(registry, path, response, { loggedIn: authorization !== undefined, said: said ?? '' }, ctx);
  }

  return {
    call: (request) => transport.retry(request.signal, () => once(request)),
    close: () => client.close(),
  };
}

function authorizationOf(credential: Credential | undefined, registry: string): string | undefined {
  if (credential === undefined) return undefined;
  if (credential.kind === 'password') {
    return `Basic ${Buffer.from(`${credential.username}:${credential.password}`, 'utf8').toString('base64')}`;
  }
  if (credential.kind === 'bearer' && /^[\x21-\x7e]+$/.test(credential.token)) return `Bearer ${credential.token}`;
  throw new PlombeError('registry/credentials', `The login kept for ${registry} opens its docker API only.`, {
    remedy:
      'Give user and password, or user and access token: --user-file FILE, or docker login without a credential store.',
  });
}

async function readJson(response: HttpResponse, registry: string): Promise<unknown> {
  const bytes = await response.readAll(maxAnswerBytes);
  if (bytes === undefined) {
    throw new PlombeError('registry/invalid-answer', `${registry} answered with more than ${maxAnswerBytes} bytes.`);
  }
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(decodeText(bytes));
  } catch {
    throw new PlombeError('registry/invalid-answer', `${registry} answered something that is not JSON.`);
  }
}

/** `{"errors":[{"code","message"}]}` is how registries and their APIs say why; other bodies are pages of some proxy. */
async function readSaid(response: HttpResponse): Promise<string | undefined> {
  try {
    const document: unknown = JSON.parse(decodeText((await response.readAll(maxErrorBytes)) ?? new Uint8Array()));
    const [first] = isObject(document) ? objectsField(document, 'errors') : [];
    const text = first === undefined ? '' : (textField(first, 'message') ?? textField(first, 'code') ?? '');
    return text === '' ? undefined : inert(text.slice(0, 300));
  } catch {
    return undefined;
  }
}

function failure(
  registry: string,
  path: string,
  { status, headers }: HttpResponse,
  { loggedIn, said }: { readonly loggedIn: boolean; readonly said: string },
  ctx: Pick<Context, 'clock'>,
): PlombeError {
  const detail = said === '' ? `${status}` : `${status}, ${said}`;
  const place = `${registry}${inert(path.replace(/\?.*$/s, ''))}`;
  if (status === 429 || status === 408 || status >= 500) {
    return statusError(registry, status, headers['retry-after'], ctx.clock.nowMs());
  }
  if (status === 401) {
    const why = loggedIn ? 'refuses the login it got' : 'wants a login, and none is known';
    return new PlombeError('registry/unauthorized', `${place} ${why} (${detail}).`);
  }
  if (status === 403) {
    return new PlombeError('registry/forbidden', `${place} may not be asked by this caller (${detail}).`, {
      remedy: 'Use an account that the documentation of the connector names for this.',
    });
  }
  if (status === 404 || status === 410)
    return new PlombeError('registry/not-found', `${place} is not there (${detail}).`);
  return new PlombeError('registry/invalid-answer', `${place} answered with status ${detail}.`);
}

// Requests to a registry: authorization, redirects and retries around the plain HTTP client.
import type { Context } from '@plombe/model';
import { PlombeError, decodeText, inert, isObject, kibibyte, objectsField, textField } from '@plombe/kit';
import type { Authorizer } from '../auth/authorizer.ts';
import type { Access } from '../auth/challenge.ts';
import type { AddressScope } from '../network/address.ts';
import type { HttpClient, HttpMethod, HttpResponse } from '../network/client.ts';
import { statusError, withRetries, type RetryOptions } from '../network/retry.ts';
import { apiHost } from '../reference/reference.ts';
import { canonicalRegistry } from '../reference/registry-name.ts';

export interface RegistryRequest {
  readonly registry: string;
  readonly repository?: string;
  /** Default: GET. */
  readonly method?: HttpMethod;
  /** Path and query below the origin, from `/v2/` on; or the address of an upload, as the registry gave it. */
  readonly path: string | UploadAddress;
  readonly body?: Uint8Array;
  /** Further headers; never authorization. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: reading. */
  readonly access?: Access;
  readonly accept?: string;
  readonly range?: string;
  readonly pool?: 'documents' | 'blobs';
  readonly signal: AbortSignal;
  /** Statuses besides 2xx that are an answer and no error. */
  readonly expect?: readonly number[];
}

/** Where a registry wants the bytes of an upload: at itself, or at a host of its own choice, which gets no authorization. */
export interface UploadAddress {
  readonly url: URL;
  /** Scope of the address that named it; the upload may lead no further inside. */
  readonly scope: AddressScope;
}

export interface Transport {
  /** Sends a GET until there is an answer. Throws the `registry/…` error that fits. Retries what may succeed later. */
  get(request: RegistryRequest): Promise<HttpResponse>;
  /** As `get` without retries, for callers that retry more than the request. */
  getOnce(request: RegistryRequest): Promise<HttpResponse>;
  /** Reads the `Location` of an answer to an upload. Throws `registry/invalid-answer` where it is none or leads from https to http. */
  uploadAddress(response: HttpResponse, request: RegistryRequest): UploadAddress;
  /** `https://host[:port]`, or `http://…` where plain http was asked for. */
  originOf(registry: string): string;
  /** Runs with the transport's retry rules. */
  retry<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T>;
}

export interface TransportOptions {
  readonly client: HttpClient;
  readonly authorizer: Authorizer;
  readonly retry: RetryOptions;
  /** True for all registries, or the list of those (as in a reference) that are asked over plain http. */
  readonly plainHttp: boolean | readonly string[];
}

/** Registries redirect once to storage, some twice. */
const maxRedirects = 5;

/** Creates the transport of a registry client. */
export function createTransport(options: TransportOptions, ctx: Context): Transport {
  const { client, authorizer } = options;
  const plainHttp = typeof options.plainHttp === 'boolean' ? options.plainHttp : options.plainHttp.map(plainRegistry);

  function originOf(registry: string): string {
    const plain = Array.isArray(plainHttp) ? plainHttp.includes(registry) : plainHttp === true;
    return `${plain ? 'http' : 'https'}://${apiHost(registry)}`;
  }

  async function once(request: RegistryRequest): Promise<HttpResponse> {
    const { registry, repository, signal, access } = request;
    const origin = originOf(registry);
    const target = {
      registry,
      origin,
      ...(repository === undefined ? {} : { repository }),
      ...(access === undefined ? {} : { access }),
    };
    let authorization = authorizer.current(target);
    let challenged = false;
    let url = typeof request.path === 'string' ? new URL(origin + request.path) : request.path.url;
    let limit: AddressScope =
      typeof request.path === 'string' || url.origin === origin ? 'loopback' : request.path.scope;
    const method = request.method ?? 'GET';
    for (let hops = 0; hops <= maxRedirects;) {
      // Authorization belongs to the registry's origin alone: it is gone after a redirect elsewhere (T32).
      const own = url.origin === origin;
      const response = await client.send({
        method,
        url,
        limit,
        signal,
        headers: {
          ...request.headers,
          ...(request.accept === undefined ? {} : { accept: request.accept }),
          ...(request.range === undefined ? {} : { range: request.range }),
          ...(own && authorization !== undefined ? { authorization } : {}),
        },
        ...(request.pool === undefined ? {} : { pool: request.pool }),
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      const { status } = response;
      if (status === 401 && own && !challenged) {
        await response.discard();
        challenged = true;
        const challenge = response.headers['www-authenticate'];
        authorization = await authorizer.answer({
          target,
          challenge,
          used: authorization,
          scope: response.scope,
          signal,
        });
        continue;
      }
      if (redirects(status, method)) {
        await response.discard();
        url = redirectTarget(url, response.headers.location);
        // A redirect may lead no further inside than the host that sent it, unless it stays at the registry itself.
        limit = url.origin === origin ? 'loopback' : response.scope;
        hops += 1;
        continue;
      }
      if ((status >= 200 && status < 300) || request.expect?.includes(status) === true) return response;
      throw await failure(request, url, response, ctx, authorizer.failure(target));
    }
    throw new PlombeError('registry/invalid-answer', `${registry} redirects more than ${maxRedirects} times.`);
  }

  const retry = <T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> =>
    withRetries(options.retry, ctx, signal, attempt);
  return {
    originOf,
    retry,
    getOnce: once,
    get: (request) => retry(request.signal, () => once(request)),
    uploadAddress: (response, { registry, path }) => {
      const from = typeof path === 'string' ? new URL(originOf(registry) + path) : path.url;
      return { url: redirectTarget(from, response.headers.location), scope: response.scope };
    },
  };
}

/** A write follows only the redirects that keep method and body (RFC 9110, 15.4). */
function redirects(status: number, method: HttpMethod): boolean {
  return status === 307 || status === 308 || ([301, 302, 303].includes(status) && /^(?:GET|HEAD)$/.test(method));
}

function plainRegistry(text: string): string {
  return canonicalRegistry(text, (reason) => {
    const message = `"${inert(text.slice(0, 200))}" is no registry for plain http: ${reason}.`;
    return new PlombeError('config/invalid', message, { remedy: 'Write host or host:port.' });
  });
}

function redirectTarget(from: URL, location: string | undefined): URL {
  if (location === undefined || location.length > 16 * kibibyte || !URL.canParse(location, from.href)) {
    throw new PlombeError('registry/invalid-answer', `${from.host} redirects without a valid location.`);
  }
  const url = new URL(location, from);
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || from.protocol === 'https:')) {
    throw new PlombeError(
      'registry/invalid-answer',
      `${from.host} redirects from ${from.protocol}// to ${inert(url.protocol)}//${inert(url.host)}, which is refused.`,
    );
  }
  url.username = '';
  url.password = '';
  return url;
}

/** Error bodies are short; what is longer is a page of some proxy. */
const maxErrorBytes = 64 * kibibyte;

async function failure(
  request: RegistryRequest,
  url: URL,
  response: HttpResponse,
  ctx: Pick<Context, 'clock'>,
  login: PlombeError | undefined,
): Promise<PlombeError> {
  const { status } = response;
  const { registry, repository, access } = request;
  const verb = access?.action === 'push' ? 'written' : access?.action === 'delete' ? 'deleted from' : 'read';
  const place = repository === undefined ? registry : `${registry}/${repository}`;
  const code = await errorCode(response);
  const detail = `${status}${code === undefined ? '' : `, ${code}`}`;
  const elsewhere = url.host === apiHost(registry) ? '' : ` (at ${inert(url.host)})`;
  if (status === 429 || status === 408 || status >= 500 || code === 'TOOMANYREQUESTS') {
    return statusError(
      url.host,
      code === 'TOOMANYREQUESTS' ? 429 : status,
      response.headers['retry-after'],
      ctx.clock.nowMs(),
    );
  }
  switch (status) {
    case 401:
    case 403:
      // Refused because no login was sent: why there was none is what helps.
      if (login !== undefined) return login;
      if (status === 403) {
        return new PlombeError(
          'registry/forbidden',
          `${place} may not be ${verb} by this caller (${detail})${elsewhere}.`,
          access === undefined || verb === 'read'
            ? {}
            : { remedy: `Ask for ${access.action} permission on the repository.` },
        );
      }
      return new PlombeError(
        'registry/unauthorized',
        `${place} refuses access or does not exist (${detail})${elsewhere}.`,
      );
    case 404:
    case 410: {
      const path = typeof request.path === 'string' ? request.path : url.pathname;
      const what = path.replace(/^\/v2\//, '').replace(/\?.*$/, '');
      return new PlombeError('registry/not-found', `${registry} has no ${inert(what)} (${detail})${elsewhere}.`);
    }
    default:
      return new PlombeError('registry/invalid-answer', `${place} answered with status ${detail}${elsewhere}.`);
  }
}

/** Returns the error code of a registry's JSON answer (distribution specification, "Error Codes"), the only text of it repeated. */
async function errorCode(response: HttpResponse): Promise<string | undefined> {
  try {
    const bytes = await response.readAll(maxErrorBytes);
    const document: unknown = bytes === undefined ? undefined : JSON.parse(decodeText(bytes));
    const code = isObject(document) ? textField(objectsField(document, 'errors')[0] ?? {}, 'code') : undefined;
    return /^[A-Z][A-Z0-9_]{1,39}$/.exec(code ?? '')?.[0];
  } catch {
    return undefined;
  }
}

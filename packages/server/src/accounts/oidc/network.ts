// Requests to an issuer: https (or loopback), no redirect, answers of bounded size, and nowhere further inside than the issuer itself.
import { isPlombeError, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { createHttpClient, type HttpClient, type NetworkOptions } from '@plombe/oci';

/** The `fetch` that openid-client and jose are given. */
export type IssuerFetch = (url: string, options: IssuerFetchOptions) => Promise<Response>;

export interface IssuerFetchOptions {
  readonly method?: string;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly signal?: AbortSignal | null;
}

export interface IssuerNetwork {
  readonly fetch: IssuerFetch;
  close(): void;
}

/** Key sets and discovery documents have some 20 KB. */
const maxAnswerBytes = 1_048_576;

/**
 * Opens it. `limit` is how far inside the first address may lie; no later one may lie further inside than the first did, so that a discovery document
 * leads nowhere else. (T33, T63, T67)
 */
export function openIssuerNetwork(
  network: NetworkOptions,
  ctx: Pick<Context, 'clock' | 'signal'>,
  first: Parameters<HttpClient['send']>[0]['limit'],
): IssuerNetwork {
  const client = createHttpClient(network, ctx);
  let limit = first;
  let asked = false;
  return {
    close: () => client.close(),
    async fetch(text, { method = 'GET', headers, body, signal }) {
      const url = new URL(text);
      if (!isSafeIssuerUrl(url)) {
        throw new PlombeError(
          'registry/blocked-address',
          `The issuer names ${url.protocol}//${url.host}, which is not https.`,
        );
      }
      const response = await client.send({
        method: method === 'POST' ? 'POST' : 'GET',
        url,
        limit,
        headers: Object.fromEntries(new Headers(headers as Record<string, string>)),
        ...(body === undefined || body === null ? {} : { body: bodyText(body) }),
        signal: signal === undefined || signal === null ? ctx.signal : AbortSignal.any([signal, ctx.signal]),
      });
      if (!asked) limit = response.scope;
      asked = true;
      const bytes = await response.readAll(maxAnswerBytes);
      if (bytes === undefined) {
        throw new PlombeError(
          'registry/invalid-answer',
          `${url.host} answered with more than ${maxAnswerBytes} bytes.`,
        );
      }
      const type = response.headers['content-type'];
      const none = response.status === 204 || response.status === 304;
      return new Response(none ? null : Buffer.from(bytes), {
        status: response.status,
        headers: type === undefined ? {} : { 'content-type': type },
      });
    },
  };
}

/** True for https, and for http on the loopback. */
export function isSafeIssuerUrl(url: URL): boolean {
  const loopback = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback);
}

/** Returns what lies behind a library's general error: ours where there is one, else the innermost. */
export function rootCause(thrown: unknown): unknown {
  for (let at = thrown, depth = 0; ; depth++) {
    if (isPlombeError(at) || !(at instanceof Error) || !(at.cause instanceof Error) || depth > 10) return at;
    at = at.cause;
  }
}

function bodyText(body: unknown): string {
  return typeof body === 'string' ? body : body instanceof URLSearchParams ? body.toString() : '';
}

// Requests to the services that a flag or a certificate names: logs, authorities, time stamps, revocation. No other host is ever called.
import type { Context } from '@plombe/model';
import { PlombeError, inert, kibibyte } from '@plombe/kit';
import { createHttpClient, type NetworkOptions } from '@plombe/oci';

export interface ServiceRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Larger answers are refused before they are read whole (T48). */
  readonly maxBytes: number;
  /** Rekor answers once its next checkpoint is made, which takes up to 20 s; others within a second. */
  readonly timeoutMs?: number;
  /** Ends this request besides the signal of the whole work. */
  readonly signal?: AbortSignal;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly bytes: Uint8Array;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends requests with the proxy and authorities of the settings. */
export interface ServiceClient {
  /**
   * Answers whatever the status is. Throws `registry/unreachable`, `registry/tls`, `registry/blocked-address`, `service/refused` for a URL that
   * is none or an answer over `maxBytes`. Redirects are not followed.
   */
  send(request: ServiceRequest): Promise<ServiceAnswer>;
  close(): void;
}

const defaultTimeoutMs = 60_000;

/** Creates the client. A service may lie on a private address: it is named by the caller, or by a certificate that is trusted already. */
export function createServiceClient(options: NetworkOptions, ctx: Pick<Context, 'clock' | 'signal'>): ServiceClient {
  const client = createHttpClient(options, ctx);
  return {
    close: () => client.close(),
    async send({ method, url: text, headers, body, maxBytes, timeoutMs = defaultTimeoutMs, signal: own }) {
      const url = httpUrl(text);
      const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(timeoutMs), ...(own === undefined ? [] : [own])]);
      const response = await client.send({
        method,
        url,
        limit: 'loopback',
        signal,
        ...(headers === undefined ? {} : { headers }),
        ...(body === undefined ? {} : { body }),
      });
      const bytes = await response.readAll(maxBytes);
      if (bytes === undefined) {
        const message = `${url.host} answered with more than ${Math.ceil(maxBytes / kibibyte)} KiB.`;
        throw new PlombeError('service/refused', message);
      }
      const flat = Object.entries(response.headers).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value] as const] : [],
      );
      return { status: response.status, bytes, headers: Object.fromEntries(flat) };
    },
  };
}

/** Returns the address of a service: only http and https, without a login in it; undefined for anything else. */
export function serviceUrl(text: string): URL | undefined {
  const url = text.length <= 2048 && URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
    ? url
    : undefined;
}

/** Returns an address for messages, without the login and the query in it, which may be secret (T66). */
export function shownUrl(text: string): string {
  const place = text.replace(/^([a-z]+:\/\/)?.*@/is, '$1…@').replace(/[?#].*$/s, '?…');
  return inert(place.slice(0, 200));
}

function httpUrl(text: string): URL {
  const url = serviceUrl(text);
  if (url !== undefined) return url;
  throw new PlombeError('service/refused', `"${shownUrl(text)}" is not the address of a service.`);
}

// The `fetch` that revocation is asked with: only over the service client, so that proxy, authorities and address checks hold.
import type { ServiceClient } from './http.ts';

/** 20 MiB: the largest revocation lists in use have some 10 MB. */
const maxRevocationBytes = 20 * 1024 * 1024;

/** Returns a `fetch` for plain GET and POST requests. A redirect is an answer like any other, never followed. */
export function revocationFetch(client: ServiceClient): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const { body } = init;
    const answer = await client.send({
      method: init.method === 'POST' ? 'POST' : 'GET',
      url: typeof input === 'string' ? input : input instanceof URL ? input.href : input.url,
      headers: Object.fromEntries(new Headers(init.headers)),
      maxBytes: maxRevocationBytes,
      ...(body instanceof Uint8Array ? { body } : {}),
      ...(init.signal === undefined || init.signal === null ? {} : { signal: init.signal }),
    });
    const bytes = answer.status === 204 || answer.status === 304 ? null : Buffer.from(answer.bytes);
    return new Response(bytes, { status: answer.status, headers: answer.headers });
  };
}

// Serves revocation lists, OCSP answers and time stamps of an authority over http, as certificates and flags name them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEnd } from './ending.ts';
import { openTimestamper, type Authority, type Leaf } from './openssl.ts';

export interface AuthorityServer {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly crlUrl: string;
  readonly ocspUrl: string;
  readonly timestampUrl: string;
  /** `METHOD path` of every request. */
  readonly asked: string[];
  /** From now on time stamps are given, signed with this certificate. */
  stampWith(leaf: Leaf): void;
  /** From now on nothing is answered but 503. */
  fail(broken: boolean): void;
}

/** Starts it on the loopback; it ends with the test file. */
export async function serveAuthority(authority: Authority): Promise<AuthorityServer> {
  const asked: string[] = [];
  let broken = false;
  let stamp: ((request: Uint8Array) => Promise<Buffer>) | undefined;
  const answer = async (method: string, path: string, body: Buffer): Promise<{ type: string; bytes: Buffer }> => {
    if (path === '/crl') return { type: 'application/pkix-crl', bytes: await authority.makeCrl() };
    if (path.startsWith('/ocsp')) {
      // RFC 6960, A.1: a GET carries the request in the path.
      const request = method === 'GET' ? Buffer.from(decodeURIComponent(path.slice('/ocsp/'.length)), 'base64') : body;
      return { type: 'application/ocsp-response', bytes: await authority.answerOcsp(request) };
    }
    if (path === '/tsa' && stamp !== undefined)
      return { type: 'application/timestamp-reply', bytes: await stamp(body) };
    throw new Error(`nothing is served at ${path}`);
  };
  const server = createServer((request, response) => {
    const method = request.method ?? '';
    const path = request.url ?? '';
    asked.push(`${method} ${path}`);
    const serve = async (): Promise<void> => {
      const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
      if (broken) return void response.writeHead(503).end();
      const { type, bytes } = await answer(method, path, body);
      return void response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
    };
    serve().catch((thrown: unknown) => response.writeHead(500).end(String(thrown)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    crlUrl: `${url}/crl`,
    ocspUrl: `${url}/ocsp`,
    timestampUrl: `${url}/tsa`,
    asked,
    stampWith: (leaf) => (stamp = openTimestamper(authority, leaf)),
    fail: (now) => (broken = now),
  };
}

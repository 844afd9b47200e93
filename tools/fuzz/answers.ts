// Answers of a service as an input: a part is the body for its path, over a real server on the loopback or a client without sockets.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpClient } from '@plombe/oci';
import type { FuzzInput, FuzzPart } from './input.ts';

/** What is asked of one input at most: a list without an end is bounded by its reader at some thousand pages, which no input is worth. */
const maxRequests = 200;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A part `GET /v2/…` is a body, or of any method without one; `#404` behind it is its status, and a part `#headers` has a header in each line. */
function answerOf(parts: ReadonlyMap<string, FuzzPart>, method: string, target: string): Answer {
  const bare = target.replace(/\?.*$/s, '');
  const found = [`${method} ${target}`, `${method} ${bare}`, target, bare].map((name) => parts.get(name)).find(Boolean);
  if (found === undefined) return { status: 404, headers: {}, body: new Uint8Array() };
  const own = parts.get(`${found.path.replace(/#\d+$/, '')}#headers`);
  const lines = Buffer.from(own?.bytes.subarray(0, 20_000) ?? [])
    .toString('latin1')
    .split('\n');
  const headers = lines.flatMap((line) => {
    const [, name, value] = /^([A-Za-z0-9-]+): ([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    return name === undefined || value === undefined || /^(?:content-length|transfer-encoding|connection)$/i.test(name)
      ? []
      : [[name.toLowerCase(), value] as const];
  });
  const status = Number(/#([2-5]\d\d)$/.exec(found.path)?.[1] ?? 200);
  return { status, headers: { 'content-type': 'application/json', ...Object.fromEntries(headers) }, body: found.bytes };
}

function partsOf(input: FuzzInput): ReadonlyMap<string, FuzzPart> {
  return new Map(input.map((part) => [part.path.replace(/#\d+$/, ''), part]));
}

let server: Server | undefined;
let host: string | undefined;
let asked = 0;
let current: ReadonlyMap<string, FuzzPart> = new Map();

/** Serves the input until the next one, and returns `127.0.0.1:port`. The server does not keep the process. */
export async function serve(input: FuzzInput): Promise<string> {
  current = partsOf(input);
  asked = 0;
  if (host !== undefined) return host;
  server = createServer((request, response) => {
    const { status, headers, body } =
      ++asked > maxRequests
        ? { status: 403, headers: {}, body: new Uint8Array() }
        : answerOf(current, request.method ?? 'GET', request.url ?? '/');
    request.resume();
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  server.unref();
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return host;
}

/** A client that is answered by the input, whatever host it asks. */
export function answeringClient(input: FuzzInput): HttpClient {
  const parts = partsOf(input);
  let count = 0;
  return {
    close: () => undefined,
    send: async ({ method, url }) => {
      const { status, headers, body } =
        ++count > maxRequests
          ? { status: 403, headers: {}, body: new Uint8Array() }
          : answerOf(parts, method, url.pathname + url.search);
      return {
        status,
        headers,
        scope: 'public',
        body: (async function* () {
          yield body;
        })(),
        readAll: async (maxBytes) => (body.length > maxBytes ? undefined : body),
        discard: async () => undefined,
      };
    },
  };
}

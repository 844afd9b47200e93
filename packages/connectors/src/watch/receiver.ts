// Receives webhooks: authentic or refused, small or refused, and answered before anything is done about them.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mebibyte } from '@plombe/kit';
import type { RegistryConnector, RegistryEvent } from '../registries/connector.ts';

export interface ReceiverOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly certPem: string; readonly keyPem: string };
  readonly secret: string;
  readonly onEvents: (events: readonly RegistryEvent[]) => void;
}

export interface Receiver {
  readonly url: string;
  close(): Promise<void>;
}

/** No registry sends more in one request. */
const maxBodyBytes = mebibyte;
/** Registries are not slow; who is holds a connection (T35). */
const timeouts = { headersMs: 5000, requestMs: 10_000, connections: 100 } as const;

/** Listens until closed. Throws what the system throws where the address cannot be had. */
export async function startReceiver(connector: RegistryConnector, options: ReceiverOptions): Promise<Receiver> {
  const { host, port, tls } = options;
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    void receive(connector, options, request, response).catch(() => response.destroy());
  };
  const limits = {
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    connectionsCheckingInterval: 1000,
  };
  const server: Server =
    tls === undefined
      ? createServer(limits, handler)
      : createSecureServer({ ...limits, cert: tls.certPem, key: tls.keyPem, minVersion: 'TLSv1.2' }, handler);
  server.maxConnections = timeouts.connections;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  await promise;
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function receive(
  connector: RegistryConnector,
  { secret, onEvents }: ReceiverOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const end = (status: number): void => void response.writeHead(status, { 'content-length': '0' }).end();
  const body = await bodyOf(request);
  if (body === undefined) {
    response.setHeader('connection', 'close');
    return end(413);
  }
  const { method = '', headers } = request;
  const question = connector.answerHandshake?.(method, headers, body);
  if (question !== undefined) {
    response.writeHead(question.status, question.headers).end(question.body);
    return;
  }
  if (method !== 'POST') return end(405);
  const events = connector.readEvent({ ...headers, ...secretInPath(request) }, body, secret);
  if (events === undefined) return end(401);
  // Answered first: a registry that waits for our reading would send the event again.
  end(202);
  onEvents(events);
}

/** Registries that can send no header have the secret as the only part of their address's path; a header of their own comes first. */
function secretInPath({ url = '', headers }: IncomingMessage): { readonly authorization?: string } {
  if (headers.authorization !== undefined) return {};
  const [, part = ''] = /^\/([A-Za-z0-9._~-]{1,512})$/.exec(url.split('?', 1)[0] ?? '') ?? [];
  return part === '' ? {} : { authorization: part };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > maxBodyBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

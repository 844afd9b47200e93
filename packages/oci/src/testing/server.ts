// In-process servers for tests: one handler, plain or with TLS, and a proxy that leads every name to a local port.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a server on the loopback that ends with the test. Returns `127.0.0.1:port`. */
export async function startServer(handler: Handler, tls?: { cert: string; key: string }): Promise<string> {
  const server = tls === undefined ? createServer(handler) : createSecureServer(tls, handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts a proxy that opens every tunnel to `target` instead. Returns its address and the authorities asked for. */
export async function startProxy(
  target: string,
  wanted?: string,
): Promise<{ address: string; asked: string[]; sockets: Socket[] }> {
  const asked: string[] = [];
  const sockets: Socket[] = [];
  const [host = '', port = ''] = target.split(':');
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('{"proxied":true}');
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url ?? '');
    sockets.push(socket);
    socket.on('error', () => {});
    if (wanted !== undefined && request.headers['proxy-authorization'] !== wanted) {
      return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    }
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    sockets.push(upstream);
    upstream.on('error', () => socket.destroy());
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked, sockets };
}

/** Answers JSON. */
export function answer(
  response: ServerResponse,
  status: number,
  document: unknown,
  headers: Record<string, string> = {},
): void {
  const type = (document as { mediaType?: string } | undefined)?.mediaType ?? 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(JSON.stringify(document));
}

// A client that costs little: requests as bytes over kept connections, bodies out of memory, answers thrown away.
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { BenchRegistry } from './servers.ts';

export interface Answer {
  readonly status: number;
  readonly location: string;
}

export interface Client {
  send(method: string, path: string, body?: Body, type?: string): Promise<Answer>;
  close(): void;
}

/** Pieces that are sent one after the other. */
export type Body = readonly Uint8Array[];

/** Opens a client with one connection. */
export function openClient({ port, authorization }: BenchRegistry): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    send: (method, path, body = [], type = 'application/octet-stream') =>
      new Promise((resolve, reject) => {
        const length = body.reduce((sum, piece) => sum + piece.length, 0);
        const outgoing = request({
          agent,
          port,
          host: '127.0.0.1',
          method,
          path,
          headers: {
            'content-length': length,
            ...(length > 0 ? { 'content-type': type } : {}),
            ...(authorization === '' ? {} : { authorization }),
          },
        });
        outgoing.once('error', reject);
        outgoing.once('response', (response: IncomingMessage) => {
          response.resume();
          response.once('error', reject);
          response.once('end', () =>
            resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '' }),
          );
        });
        void write(outgoing, body).catch(reject);
      }),
    close: () => agent.destroy(),
  };
}

async function write(outgoing: ClientRequest, body: Body): Promise<void> {
  for (const piece of body) {
    await new Promise<void>((resolve, reject) => {
      outgoing.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  }
  outgoing.end();
}

/** Pushes a blob as docker does: POST, then PUT with all bytes. */
export async function pushBlob(client: Client, repository: string, digest: string, body: Body): Promise<void> {
  const begun = await client.send('POST', `/v2/${repository}/blobs/uploads/`);
  const url = new URL(begun.location, 'http://127.0.0.1');
  url.searchParams.set('digest', digest);
  const { status } = await client.send('PUT', `${url.pathname}${url.search}`, body);
  if (status !== 201) throw new Error(`The blob was answered with ${status}.`);
}

const received = Buffer.allocUnsafeSlow(1 << 20);

/** Pulls over a connection of its own, into one buffer that is used again and again. Returns the bytes of the body; throws where it is not 200. */
export function pullBlob({ port, authorization }: BenchRegistry, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = '';
    let wanted = Number.NaN;
    let bytes = 0;
    const take = (length: number): boolean => {
      if (!Number.isNaN(wanted)) bytes += length;
      else {
        head += received.toString('latin1', 0, length);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return true;
        wanted = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
        if (!head.startsWith('HTTP/1.1 200 ')) reject(new Error(head.slice(0, 100)));
        bytes = head.length - end - 4;
      }
      if (bytes >= wanted) {
        socket.destroy();
        resolve(bytes);
      }
      return true;
    };
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer: received, callback: take } });
    socket.once('error', reject);
    const login = authorization === '' ? '' : `authorization: ${authorization}\r\n`;
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${login}\r\n`);
  });
}

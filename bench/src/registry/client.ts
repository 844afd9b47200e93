// A client that costs little: requests as bytes over kept connections, bodies out of memory, answers thrown away.
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { BenchRegistry } from './servers.ts';

export interface Answer {
  readonly status: number;
  readonly location: string;
  readonly bytes: number;
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
          let bytes = 0;
          response.on('data', (chunk: Buffer) => (bytes += chunk.length));
          response.once('error', reject);
          response.once('end', () =>
            resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '', bytes }),
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

// A real server on a folder of its own, with identities that a test names in the request.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Context } from '@plombe/model';
import { startServer, type GateParts, type ServeOptions } from '../../serve.ts';
import type { Action, Authenticator, Gate, Identity, Need } from '../ports.ts';

/** `Authorization: Test NAME pull,push@GLOB-PREFIX`: who asks, and what he may do below a prefix. Without it: refused. */
const testAuthenticator: Authenticator = {
  authenticate: (request: IncomingMessage, needs: readonly Need[]) => {
    const [, name = '', actions = '', prefix = ''] =
      /^Test (\S+) ([a-z,]+)@(\S*)$/.exec(request.headers.authorization ?? '') ?? [];
    if (name === '') {
      return Promise.resolve({ status: 401, headers: { 'WWW-Authenticate': 'Test' }, message: 'log in' } as const);
    }
    const identity: Identity = {
      id: `robot:${name}`,
      name,
      kind: 'robot',
      isAdmin: false,
      may: (action: Action, repository: string) => actions.split(',').includes(action) && repository.startsWith(prefix),
    };
    const isAllowed = needs.every(({ action, repository }) => identity.may(action, repository));
    return Promise.resolve(isAllowed ? identity : ({ status: 403, headers: {}, message: 'not allowed' } as const));
  },
  handle: () => Promise.resolve(false),
};

export const everything = 'Test all pull,push,delete,sign@';
export const developer = 'Test dev pull,push,delete@';
export const reader = 'Test reader pull@';
export const signer = 'Test signer pull,sign@';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Code of the first error in the body. */
  readonly code: string | undefined;
}

export interface Ask {
  readonly as?: string;
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestServer {
  readonly url: string;
  readonly folder: string;
  /** The access log. */
  readonly requests: readonly Fields[];
  /** What it says of itself. */
  readonly infos: readonly Fields[];
  ask(method: string, path: string, ask?: Ask): Promise<Reply>;
  /** Pushes a blob in one request and returns its digest. */
  pushBlob(repository: string, bytes: Uint8Array | string, as?: string): Promise<string>;
  /** Pushes config, layer and manifest; `text` makes the image unlike others. Returns the manifest's digest. */
  pushImage(repository: string, tag: string, text: string, as?: string): Promise<string>;
  stop(): Promise<void>;
}

export interface TestOptions extends Partial<Omit<ServeOptions, 'gate'>> {
  readonly gate?: Partial<Gate>;
  /** Called with what a gate gets. */
  readonly gateParts?: (parts: GateParts) => void;
  readonly nowMs?: () => number;
}

type Fields = Readonly<Record<string, unknown>>;

function testContext(nowMs: () => number, requests: Fields[], infos: Fields[]): Context {
  const note = (event: string, fields?: Fields): void => void infos.push({ event, ...fields });
  return {
    clock: { nowMs },
    random: (sizeBytes) => randomBytes(sizeBytes),
    log: {
      debug: (_, fields) => void requests.push(fields ?? {}),
      info: note,
      warn: note,
    },
    fetch: () => Promise.reject(new Error('not used')),
    signal: new AbortController().signal,
  };
}

/** Starts a server that ends with the test. */
export async function startTestServer(options: TestOptions = {}): Promise<TestServer> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'plombe-serve-'));
  const { gate, gateParts, nowMs = () => Date.now(), ...rest } = options;
  const plug = {
    migrations: [],
    open: (parts: GateParts) => {
      gateParts?.(parts);
      return Promise.resolve({
        observe: () => undefined,
        judge: () => Promise.resolve({ kind: 'accept' } as const),
        stored: () => Promise.resolve(),
        deleted: () => Promise.resolve(),
        pull: () => undefined,
        withholds: () => false,
        ...gate,
      });
    },
  };
  const requests: Fields[] = [];
  const infos: Fields[] = [];
  const server = await startServer(
    { host: '127.0.0.1', port: 0, anonymous: 'none', authenticator: testAuthenticator, gate: plug, ...rest, folder },
    testContext(nowMs, requests, infos),
  );
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await server.close();
  };
  onTestFinished(async () => {
    await stop();
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  });
  const ask = (method: string, path: string, more: Ask = {}): Promise<Reply> => send(server.url, method, path, more);
  const pushBlob: TestServer['pushBlob'] = async (repository, bytes, as = everything) => {
    const digest = digestOf(bytes);
    const { status } = await ask('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, { as, body: bytes });
    if (status !== 201) throw new Error(`The blob was answered with ${status}.`);
    return digest;
  };
  return {
    url: server.url,
    folder,
    requests,
    infos,
    ask,
    stop,
    pushBlob,
    pushImage: async (repository, tag, text, as = everything) => {
      const manifest = imageManifest(text);
      for (const blob of manifest.blobs) await pushBlob(repository, blob, as);
      const reply = await ask('PUT', `/v2/${repository}/manifests/${tag}`, {
        as,
        body: manifest.bytes,
        headers: { 'content-type': imageType },
      });
      if (reply.status !== 201)
        throw new Error(`The manifest was answered with ${reply.status}: ${reply.body.toString()}`);
      return String(reply.headers['docker-content-digest']);
    },
  };
}

export const imageType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';

/** Returns the sha256 digest. */
export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Returns a manifest with a config and a layer that hold `text`; `more` goes into the manifest. */
export function imageManifest(
  text: string,
  more: object = {},
): { readonly bytes: Buffer; readonly blobs: readonly Buffer[]; readonly digest: string } {
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Labels: { text } } }));
  const layer = Buffer.from(`layer of ${text}`);
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: imageType,
      config: descriptor(config, 'application/vnd.oci.image.config.v1+json'),
      layers: [descriptor(layer, 'application/vnd.oci.image.layer.v1.tar')],
      ...more,
    }),
  );
  return { bytes, blobs: [config, layer], digest: digestOf(bytes) };
}

/** Returns a descriptor of the bytes. */
export function descriptor(bytes: Uint8Array, mediaType: string): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** Sends one request over a connection of its own. */
function send(url: string, method: string, path: string, { as = everything, body, headers = {} }: Ask): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = httpRequest(
      {
        hostname,
        port,
        method,
        path,
        agent: false,
        headers: { ...(as === '' ? {} : { authorization: as }), ...length, ...headers },
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.once('error', reject);
        response.once('end', () => {
          const bytes = Buffer.concat(pieces);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, code: codeOf(bytes) });
        });
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

function codeOf(body: Buffer): string | undefined {
  try {
    return (JSON.parse(body.toString()) as { errors?: { code?: string }[] }).errors?.[0]?.code;
  } catch {
    return undefined;
  }
}

// Debian's registry, which has no referrers API, and other programs that serve the loopback until the test file ends; images to sign.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atEnd } from './ending.ts';
import { findPeer, peerEnvironment, type PeerName } from './peers.ts';

/** Starts a program that serves `port`, and waits until it does. It ends with the test file. */
export async function startServing(
  name: PeerName,
  args: readonly string[],
  port: number,
  home: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(findPeer(name) ?? name, args, {
    env: { ...peerEnvironment(home), ...env },
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-4000)));
  atEnd(() => void child.kill('SIGKILL'));
  // Half a minute, for a machine that is busy with other tests.
  for (let attempt = 0; attempt < 300 && child.exitCode === null; attempt++) {
    if (await listens(port)) return;
    await sleep(100);
  }
  throw new Error(`${name} does not listen on port ${port}: ${said}`);
}

/** Starts Debian's docker-registry; returns `127.0.0.1:port`. */
export async function startDockerRegistry(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const lines = [
    'version: 0.1',
    'log: {level: error}',
    `storage: {filesystem: {rootdirectory: ${folder}/storage}, delete: {enabled: true}}`,
    `http: {addr: '127.0.0.1:${port}'}`,
  ];
  writeFileSync(join(folder, 'registry.yml'), `${lines.join('\n')}\n`);
  await startServing('docker-registry', ['serve', join(folder, 'registry.yml')], port, folder);
  return `127.0.0.1:${port}`;
}

/** An image in a registry. */
export interface PushedImage {
  /** `host/repository:tag`. */
  readonly tagged: string;
  /** `host/repository@digest`. */
  readonly pinned: string;
  readonly digest: string;
}

/** Pushes an image of one small layer that no other image has. */
export async function pushImage(registry: string, repository: string, tag = '1'): Promise<PushedImage> {
  const layer = Buffer.from(`${repository}:${tag} ${Math.random()}`);
  const rootfs = { type: 'layers', diff_ids: [digestOf(layer)] };
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs, config: {} }));
  const blobs: { mediaType: string; digest: string; size: number }[] = [];
  for (const [kind, bytes] of [
    ['config.v1+json', config],
    ['layer.v1.tar', layer],
  ] as const) {
    const started = await fetch(`http://${registry}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
    const place = new URL(started.headers.get('location') ?? '', `http://${registry}`);
    place.searchParams.set('digest', digestOf(bytes));
    await expectCreated(fetch(place, { method: 'PUT', body: new Uint8Array(bytes) }));
    blobs.push({ mediaType: `application/vnd.oci.image.${kind}`, digest: digestOf(bytes), size: bytes.length });
  }
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const bytes = JSON.stringify({ schemaVersion: 2, mediaType, config: blobs[0], layers: blobs.slice(1) });
  const place = `http://${registry}/v2/${repository}/manifests/${tag}`;
  await expectCreated(fetch(place, { method: 'PUT', headers: { 'content-type': mediaType }, body: bytes }));
  const digest = digestOf(Buffer.from(bytes));
  return { tagged: `${registry}/${repository}:${tag}`, pinned: `${registry}/${repository}@${digest}`, digest };
}

/** Returns a port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function expectCreated(asked: Promise<Response>): Promise<void> {
  const response = await asked;
  if (response.status !== 201) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
}

async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

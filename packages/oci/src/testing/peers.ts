// Real registries and clients for tests: docker's registry as a child process, filled by skopeo.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** True where a program can be started. */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

export interface PeerOptions {
  readonly folder: string;
  /** Content of an htpasswd file with bcrypt hashes. */
  readonly htpasswd?: string;
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Further lines of its configuration, in YAML. */
  readonly more?: readonly string[];
}

/** Starts docker's registry on a free port of the loopback; it ends with the test. Returns `127.0.0.1:port`. */
export async function startRegistry(options: PeerOptions): Promise<string> {
  const { folder, htpasswd, tls } = options;
  const port = await freePort();
  if (htpasswd !== undefined) writeFileSync(`${folder}/htpasswd`, htpasswd);
  const lines = [
    'version: 0.1',
    'log: {level: error}',
    `storage: {filesystem: {rootdirectory: ${folder}/storage}}`,
    'http:',
    `  addr: 127.0.0.1:${port}`,
    ...(tls ? [`  tls: {certificate: ${tls.certificate}, key: ${tls.key}}`] : []),
    ...(htpasswd === undefined ? [] : [`auth: {htpasswd: {realm: test, path: ${folder}/htpasswd}}`]),
    ...(options.more ?? []),
  ];
  writeFileSync(`${folder}/registry.yml`, `${lines.join('\n')}\n`);
  const child = spawn('docker-registry', ['serve', `${folder}/registry.yml`], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await listening(port);
  return `127.0.0.1:${port}`;
}

/** Starts the registry of crane, which has the referrers API, on a free port; it ends with the test. */
export async function startCrane(): Promise<string> {
  const port = await freePort();
  const child = spawn('crane', ['registry', 'serve', '--address', `127.0.0.1:${port}`], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await listening(port);
  return `127.0.0.1:${port}`;
}

/** Copies with skopeo, without verifying certificates. */
export function skopeoCopy(from: string, to: string, ...options: string[]): void {
  const fixed = ['copy', '--quiet', '--insecure-policy', '--all', '--dest-tls-verify=false', '--src-tls-verify=false'];
  execFileSync('skopeo', [...fixed, ...options, from, to], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Returns a port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on port ${port}`);
}

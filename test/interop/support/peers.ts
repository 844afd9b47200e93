// The real programs that signatures are exchanged with, each run with a home of its own and no way out but the loopback.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outcome } from '../../support/plombe.ts';

/** As `tools/install-signing-peers` and `tools/install-registry-peers` name them; what neither builds is Debian's. */
export type PeerName =
  | 'cosign'
  | 'cosign-2'
  | 'notation'
  | 'crane'
  | 'conformance'
  | 'skopeo'
  | 'podman'
  | 'buildah'
  | 'docker'
  | 'dockerd'
  | 'ctr'
  | 'containerd'
  | 'regctl'
  | 'oras'
  | 'rekor-server'
  | 'fulcio'
  | 'tessera-fsck'
  | 'openssl'
  | 'docker-registry';

const own = process.env['PLOMBE_PEERS'] ?? fileURLToPath(new URL('../../../.plombe/peers/bin', import.meta.url));

/** Where a peer is, in the project's own folder or in PATH. */
export function findPeer(name: PeerName): string | undefined {
  const folders = [own, ...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => isExecutable(path) && isWanted(name, path));
}

/** In PATH there may be cosign 2, which has no signing configurations. */
function isWanted(name: PeerName, path: string): boolean {
  if (name !== 'cosign' || path.startsWith(own)) return true;
  return spawnSync(path, ['signing-config', '--help'], { stdio: 'ignore' }).status === 0;
}

/** The peers that are missing; says so, because tests are skipped for them. */
export function missingPeers(...names: readonly PeerName[]): readonly PeerName[] {
  const missing = names.filter((name) => findPeer(name) === undefined);
  if (missing.length > 0)
    console.warn(`SKIPPED: there is no ${missing.join(', ')}; see tools/install-{signing,registry}-peers`);
  return missing;
}

export interface PeerOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
}

/** Runs a program to its end. */
export type Run = (args: readonly string[], options?: PeerOptions) => Promise<Outcome>;

/** Variables under which a peer finds only `home` and the loopback. */
export function peerEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    DOCKER_CONFIG: join(home, '.docker'),
    // Nobody listens there: what a peer asks of the internet fails at once.
    HTTPS_PROXY: 'http://127.0.0.1:9',
    HTTP_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '127.0.0.1,localhost',
    COSIGN_PASSWORD: '',
    // A Go program uses both cores for what one can do in time.
    GOMAXPROCS: '2',
  };
}

/** Returns a function that runs a peer. */
export function peer(name: PeerName, home: string): Run {
  mkdirSync(home, { recursive: true });
  return (args, options = {}) => {
    const env = { ...peerEnvironment(home), ...options.env };
    const child = spawn(findPeer(name) ?? name, args, { env, cwd: options.cwd ?? home });
    child.stdin.on('error', () => undefined).end(options.stdin ?? '');
    const read = async (stream: AsyncIterable<Buffer>): Promise<string> =>
      Buffer.concat(await Array.fromAsync(stream)).toString();
    const ended = new Promise<number | undefined>((resolve, reject) => {
      child.once('error', reject).once('close', (code) => resolve(code ?? undefined));
    });
    return Promise.all([ended, read(child.stdout), read(child.stderr)]).then(([code, stdout, stderr]) => ({
      code,
      stdout,
      stderr,
    }));
  };
}

/** Runs what must succeed, and returns what it printed. */
export async function done(outcome: Promise<Outcome>): Promise<string> {
  const { code, stdout, stderr } = await outcome;
  if (code !== 0) throw new Error(`ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

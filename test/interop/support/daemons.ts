// dockerd and containerd with folders and sockets of their own: no bridge, no firewall rules, nothing mounted, ended with the test file.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPeer, peer, peerEnvironment, type PeerName, type Run } from './peers.ts';

/** A client of a daemon, and the daemon's end. */
export interface Daemon {
  readonly run: Run;
  end(): Promise<void>;
}

/** Starts dockerd; undefined, and said, where this machine does not let it run. */
export async function startDocker(folder: string): Promise<Daemon | undefined> {
  mkdirSync(folder, { recursive: true });
  const socket = join(folder, 'docker.sock');
  const places = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
  const files = ['--pidfile', join(folder, 'docker.pid'), '--host', `unix://${socket}`];
  const alone = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--storage-driver=vfs'];
  const client = peer('docker', folder);
  const run: Run = (args, options) => client(['--host', `unix://${socket}`, ...args], options);
  return startDaemon('dockerd', [...places, ...files, ...alone], folder, run, ['version']);
}

/** Starts containerd without Kubernetes' part; undefined, and said, where this machine does not let it run. */
export async function startContainerd(folder: string): Promise<Daemon | undefined> {
  mkdirSync(folder, { recursive: true });
  const socket = join(folder, 'containerd.sock');
  const lines = [
    'version = 2',
    `root = "${folder}/root"`,
    `state = "${folder}/state"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    `[grpc]\naddress = "${socket}"`,
    '[ttrpc]\naddress = ""',
  ];
  writeFileSync(join(folder, 'config.toml'), `${lines.join('\n')}\n`);
  const client = peer('ctr', folder);
  const run: Run = (args, options) => client(['--address', socket, ...args], options);
  return startDaemon('containerd', ['--config', join(folder, 'config.toml')], folder, run, ['version']);
}

async function startDaemon(
  name: PeerName,
  args: readonly string[],
  folder: string,
  run: Run,
  question: readonly string[],
): Promise<Daemon | undefined> {
  const log = join(folder, 'daemon.log');
  const out = openSync(log, 'w');
  const env = peerEnvironment(folder);
  const child = spawn(findPeer(name) ?? name, args, {
    // What it starts itself lies where only root looks.
    env: { ...env, PATH: `${env['PATH']}:/usr/sbin:/sbin` },
    cwd: folder,
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  const gone = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  // Where the tests are cut short, nobody asks it to end.
  const abandon = (): void => void child.kill('SIGTERM');
  process.once('exit', abandon);
  const end = async (): Promise<void> => {
    // Asked first: dockerd ends the containerd that it started.
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await gone;
    clearTimeout(patience);
    process.off('exit', abandon);
  };
  // Half a minute, for a machine that is busy with other tests.
  for (let attempt = 0; attempt < 150 && isRunning(child); attempt++) {
    if ((await run(question)).code === 0) return { run, end };
    await sleep(200);
  }
  await end();
  const last = readFileSync(log, 'utf8').trim().split('\n').slice(-3).join('\n');
  console.warn(`SKIPPED: ${name} does not run on this machine: ${last}`);
  return undefined;
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

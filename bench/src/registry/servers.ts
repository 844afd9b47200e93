// The two registries that are compared, each in a process of its own with an empty folder on the same disk.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Programs } from '../programs.ts';

/** A registry that answers. */
export interface BenchRegistry {
  readonly name: string;
  readonly port: number;
  /** `Authorization` of every request; empty where none is wanted. */
  readonly authorization: string;
  /** Highest resident memory since it started, as Linux counts it. */
  peakMiB(): number;
  stop(): Promise<void>;
}

/** Starts `plombe serve` with a robot that may do everything; every request is authenticated, as in use. `flags`: further ones. */
export async function startPlombe(programs: Programs, flags: readonly string[] = []): Promise<BenchRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-bench-registry-'));
  const [node = '', ...base] = programs.plombe().argv;
  const args = [...base, 'serve', '--data', folder, '--listen', '127.0.0.1:0', '--plain-http', ...flags];
  // As the launcher starts it.
  const env = { ...process.env, MALLOC_ARENA_MAX: '1' };
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close').then(() => Promise.reject(new Error('plombe serve ended at once.')));
  ended.catch(() => undefined);
  const [line] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer];
  const port = Number(/:(\d+)\s*$/.exec(line.toString())?.[1]);
  const robot = spawnSync(
    node,
    [
      ...base,
      'robots',
      'create',
      'bench',
      '--data',
      folder,
      '--repository',
      '*',
      '--actions',
      'pull,push',
      '--expires',
      '1h',
      '-o',
      'json',
    ],
    { encoding: 'utf8' },
  );
  const { username, password } = JSON.parse(robot.stdout) as { username: string; password: string };
  const scopes = ['bench/blobs', 'bench/images'].map((name) => `scope=repository:${name}:pull,push`).join('&');
  const answer = await fetch(`http://127.0.0.1:${port}/auth/token?service=plombe&${scopes}`, {
    headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
  });
  const { token } = (await answer.json()) as { token: string };
  return running('plombe', child, port, `Bearer ${token}`, folder);
}

/** Starts docker's registry; undefined where it is not installed. */
export async function startDocker(): Promise<BenchRegistry | undefined> {
  if (spawnSync('docker-registry', ['--version']).error !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'plombe-bench-registry-'));
  const port = await freePort();
  const file = join(folder, 'config.yml');
  writeFileSync(
    file,
    `version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: ${folder}/data}}\nhttp: {addr: '127.0.0.1:${port}'}\n`,
  );
  const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore' });
  for (let left = 100; left > 0; left--) {
    const isUp = await fetch(`http://127.0.0.1:${port}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return running('docker-registry', child, port, '', folder);
    await sleep(50);
  }
  throw new Error('docker-registry did not start.');
}

function running(
  name: string,
  child: ChildProcess,
  port: number,
  authorization: string,
  folder: string,
): BenchRegistry {
  const ended = once(child, 'close');
  return {
    name,
    port,
    authorization,
    peakMiB: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8'))?.[1]) / 1024,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

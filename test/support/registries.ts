// Registries of others as processes: docker's and crane's.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './plombe.ts';

/** Starts docker's registry, with deleting turned on; it ends with the test. Returns `127.0.0.1:port`. */
export async function startDockerRegistry(program = 'docker-registry'): Promise<string> {
  const folder = temporaryFolder();
  const port = await freePort();
  const file = join(folder, 'config.yml');
  const storage = `storage: {filesystem: {rootdirectory: ${folder}/data}, delete: {enabled: true}}`;
  writeFileSync(file, `version: 0.1\nlog: {level: error}\n${storage}\nhttp: {addr: '127.0.0.1:${port}'}\n`);
  return started(program, ['serve', file], port);
}

/** Starts crane's registry, which keeps everything in memory; it ends with the test. Returns `127.0.0.1:port`. */
export async function startCraneRegistry(program = 'crane'): Promise<string> {
  const port = await freePort();
  return started(program, ['registry', 'serve', '--address', `127.0.0.1:${port}`], port);
}

async function started(program: string, args: readonly string[], port: number): Promise<string> {
  const child = spawn(program, args, { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  for (let left = 100; left > 0; left--) {
    const isUp = await fetch(`http://127.0.0.1:${port}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return `127.0.0.1:${port}`;
    await sleep(50);
  }
  throw new Error(`${program} did not start`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

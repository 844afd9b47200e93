// Runs the program as a user does: through its launcher, in a process of its own, with a home that is a temporary folder.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const launcher = fileURLToPath(new URL('../../packages/cli/bin/plombe', import.meta.url));

/** Shared by every run, so that each does not compile the program anew. */
const compileCache = fileURLToPath(new URL('../../.plombe/compiled', import.meta.url));

export interface Outcome {
  /** Undefined where a signal ended the process. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Runs this program with the launcher as its last arguments, as `unshare -n`. */
  readonly through?: readonly string[];
}

/** A folder that goes away with the test file. Its name is short: podman wants to put its sockets into it, in paths of 50 characters at most. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'e-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Returns a function that runs the program with a home of its own. */
export function installed(home: string): (args: readonly string[], options?: RunOptions) => Promise<Outcome> {
  return (args, options = {}) => {
    const [command = launcher, ...rest] = [...(options.through ?? []), launcher, ...args];
    const own = { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: tmpdir() };
    const env = { ...own, NODE_COMPILE_CACHE: compileCache, ...options.env };
    const child = spawn(command, rest, { env, cwd: options.cwd ?? home });
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

/** True where a program can be started; where it is absent, that is said, because a test is skipped for it. */
export function hasProgram(name: string): boolean {
  if (spawnSync('sh', ['-c', `command -v ${name}`]).status === 0) return true;
  console.warn(`SKIPPED: there is no ${name} on this machine`);
  return false;
}

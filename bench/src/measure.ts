// Measures whole commands from outside: CPU and peak memory as the operating system accounts them, over several runs.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One finished run. `peakMiB` is that of the largest single process. */
export interface Run {
  readonly userS: number;
  readonly cpuS: number;
  readonly wallS: number;
  readonly peakMiB: number;
  readonly exitCode: number;
  readonly stdout: string;
}

/** A command line; `{dir}` in it or its `env` becomes a folder that is not there yet and is deleted after the run, which makes the run cold. */
export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Lays into `{dir}` what the program needs before it starts; not measured. */
  prepare?(dir: string): void;
  /** Exit codes that count as success, besides 0. */
  readonly accept?: readonly number[];
}

/** Where GNU time is; bash has a `time` of its own that does not know memory. */
export const gnuTime = '/usr/bin/time';

/** Runs the command once under GNU time. Throws where it cannot be started or ends with a code that is not accepted. */
export async function runOnce(command: Command): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'plombe-bench-'));
  try {
    const out = join(folder, 'time');
    const fill = (text: string): string => text.replaceAll('{dir}', join(folder, 'fresh'));
    command.prepare?.(join(folder, 'fresh'));
    const argv = command.argv.map(fill);
    const env = Object.fromEntries(Object.entries(command.env ?? {}).map(([name, value]) => [name, fill(value)]));
    const { exitCode, stdout, stderr } = await run([gnuTime, '-f', '%U %S %e %M', '-o', out, ...argv], env);
    if (exitCode !== 0 && !(command.accept ?? []).includes(exitCode)) {
      throw new Error(`${argv.join(' ')} ended with ${exitCode}: ${stderr.slice(-2000)}`);
    }
    const last = (await readFile(out, 'utf8')).trim().split('\n').at(-1) ?? '';
    const [user = 0, system = 0, wall = 0, peakKiB = 0] = last.split(' ').map(Number);
    return { userS: user, cpuS: user + system, wallS: wall, peakMiB: peakKiB / 1024, exitCode, stdout };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(
  [program = '', ...parameters]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? -1, stdout, stderr }));
  });
}

/** How several runs become one number. Other load only adds to CPU time, so the lowest is the nearest to the truth. */
type Choice = (values: readonly number[]) => number;

/** For commands of some ten milliseconds, which is how finely GNU time counts. */
export const mean: Choice = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
export const lowest: Choice = (values) => Math.min(...values);

/** Runs several commands in turn (A B A B …) and returns the chosen figure of each per command; of memory the highest. */
export async function runInTurn(
  commands: readonly Command[],
  rounds: number,
  choose: Choice = lowest,
): Promise<readonly Run[]> {
  const results: Run[][] = commands.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, command] of commands.entries()) results[i]?.push(await runOnce(command));
  }
  return results.map((list) => ({
    userS: choose(list.map((run) => run.userS)),
    cpuS: choose(list.map((run) => run.cpuS)),
    wallS: choose(list.map((run) => run.wallS)),
    peakMiB: Math.max(...list.map((run) => run.peakMiB)),
    exitCode: list[0]?.exitCode ?? -1,
    stdout: list[0]?.stdout ?? '',
  }));
}

// Runs the program and measures it: peak memory, time, and what it wrote outside the folders it may write to.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed, type Outcome } from './plombe.ts';

const peakModule = fileURLToPath(new URL('./peak.mjs', import.meta.url));

export interface Measured extends Outcome {
  readonly peakMiB: number;
  readonly seconds: number;
  /** Files below the home that are neither in the cache nor in the folder of compiled code. */
  readonly strayFiles: readonly string[];
}

/** Runs with an empty home of its own below `folder`. */
export async function measured(folder: string, args: readonly string[]): Promise<Measured> {
  const home = join(folder, 'home');
  rmSync(home, { recursive: true, force: true });
  mkdirSync(join(home, 'tmp'), { recursive: true });
  const peakFile = join(folder, 'peak');
  rmSync(peakFile, { force: true });
  const env = { PEAK_FILE: peakFile, NODE_OPTIONS: `--import=${peakModule}`, TMPDIR: join(home, 'tmp') };
  const startedAt = performance.now();
  const outcome = await installed(home)([...args, '--cache', join(home, 'cache')], { env });
  const seconds = (performance.now() - startedAt) / 1000;
  const strayFiles = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !/^(cache|tmp)(\/|$)/.test(path) || path.startsWith('tmp/'),
  );
  return { ...outcome, seconds, peakMiB: Number(readFileSync(peakFile, 'utf8')) / 1024, strayFiles };
}

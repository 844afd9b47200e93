// Whole commands besides the cold scan: start, re-scan from the cache, four at once on one cache, millions of entries.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import type { BenchImage } from './images.ts';
import { mean, runInTurn, runOnce, type Command, type Run } from './measure.ts';
import type { Programs } from './programs.ts';

/** `--help` from the bundle. */
export async function measureHelp(programs: Programs, rounds: number): Promise<readonly Figure[]> {
  const bare = { argv: [process.execPath, '-e', '0'] };
  const [help, node] = (await runInTurn([programs.plombe('--help'), bare], rounds * 3, mean)) as [Run, Run];
  const detail = `CPU; Node alone ${ms(node.cpuS).toFixed(0)} ms; ${help.peakMiB.toFixed(0)} MiB`;
  return [{ name: '--help', subject: 'the bundle', value: ms(help.cpuS), unit: 'ms', limit: 100, detail }];
}

/** A second scan with the cache of the first. */
export async function measureWarm(
  images: readonly BenchImage[],
  programs: Programs,
  rounds: number,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { id, layout } of images) {
    process.stderr.write(`warm: ${id}\n`);
    const folder = await mkdtemp(join(tmpdir(), 'plombe-bench-'));
    const command = programs.sbom(layout, join(folder, 'cache'), join(folder, 'out.json'));
    await runOnce(command);
    const [warm] = (await runInTurn([command], rounds * 3, mean)) as [Run];
    await rm(folder, { recursive: true, force: true });
    const detail = `user CPU; ${warm.peakMiB.toFixed(0)} MiB`;
    figures.push({ name: 'warm re-scan', subject: id, value: ms(warm.userS), unit: 'ms', limit: 150, detail });
  }
  return figures;
}

/**
 * Four images at once on one cache against the same four one after the other: all succeed, and the CPU time is the same but for what any four
 * programs cost each other on this machine, which the floor's four tell: two hardware threads of one core do less than two cores.
 */
export async function measureParallel(
  images: readonly BenchImage[],
  programs: Programs,
  rounds: number,
): Promise<readonly Figure[]> {
  const ratios: number[] = [];
  const floors: number[] = [];
  let failures = 0;
  for (let round = 0; round < rounds; round++) {
    process.stderr.write('parallel\n');
    const folder = await mkdtemp(join(tmpdir(), 'plombe-bench-'));
    const scans = (cache: string): Command[] =>
      images.map(({ id, layout }) => programs.sbom(layout, join(folder, cache), join(folder, `${id}.json`)));
    const alone = await oneByOne(scans('one-by-one'));
    const together = await allAtOnce(scans('together'));
    await rm(folder, { recursive: true, force: true });
    failures += [...alone, ...together].filter((run) => run === undefined).length;
    ratios.push(cpu(together) / cpu(alone));
    const bare = images.map(({ layout }) => programs.floor(layout));
    floors.push(cpu(await allAtOnce(bare)) / cpu(await oneByOne(bare)));
  }
  const subject = `${images.length} scans on one cache`;
  const [own, floor] = [Math.min(...ratios), Math.min(...floors)];
  const detail = `at once ${own.toFixed(2)} × one after the other, the floor's ${floor.toFixed(2)} ×`;
  return [
    { name: 'failed scans', subject, value: failures, unit: 'scans', limit: 0 },
    { name: 'CPU in parallel, against the floor', subject, value: own / floor, unit: '×', limit: 1.1, detail },
  ];
}

async function oneByOne(commands: readonly Command[]): Promise<(Run | undefined)[]> {
  const runs: (Run | undefined)[] = [];
  for (const command of commands) runs.push(await runOnce(command).catch(() => undefined));
  return runs;
}

function allAtOnce(commands: readonly Command[]): Promise<(Run | undefined)[]> {
  return Promise.all(commands.map((command) => runOnce(command).catch(() => undefined)));
}

/** Three million empty files in one layer. */
export async function measureEntries(image: BenchImage, programs: Programs): Promise<readonly Figure[]> {
  const run = await runOnce(programs.sbom(image.layout, '{dir}', join(tmpdir(), 'plombe-bench-entries.json')));
  const detail = `${run.cpuS.toFixed(2)} s CPU`;
  return [
    { name: 'time for 3 million files', subject: image.id, value: run.wallS, unit: 's', limit: 60, detail },
    { name: 'peak memory', subject: image.id, value: run.peakMiB, unit: 'MiB', limit: 200 },
  ];
}

function cpu(runs: readonly (Run | undefined)[]): number {
  return runs.reduce((sum, run) => sum + (run?.cpuS ?? 0), 0);
}

function ms(seconds: number): number {
  return seconds * 1000;
}

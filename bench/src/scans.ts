// Whole commands besides the cold scan: start, re-scan from the cache, four at once on one cache, millions of entries.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import type { BenchImage } from './images.ts';
import { runInTurn, runOnce, type Run } from './measure.ts';
import type { Programs } from './programs.ts';

/** `--help` from the bundle. */
export async function measureHelp(programs: Programs, rounds: number): Promise<readonly Figure[]> {
  const bare = { argv: [process.execPath, '-e', '0'] };
  const [help, node] = (await runInTurn([programs.plombe('--help'), bare], rounds * 3)) as [Run, Run];
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
    const [warm] = (await runInTurn([command], rounds * 3)) as [Run];
    await rm(folder, { recursive: true, force: true });
    const detail = `user CPU; ${warm.peakMiB.toFixed(0)} MiB`;
    figures.push({ name: 'warm re-scan', subject: id, value: ms(warm.userS), unit: 'ms', limit: 150, detail });
  }
  return figures;
}

/** Four images at once on one cache against the same four one after the other: all succeed and the CPU time is the same. */
export async function measureParallel(
  images: readonly BenchImage[],
  programs: Programs,
  rounds: number,
): Promise<readonly Figure[]> {
  const ratios: number[] = [];
  let failures = 0;
  let detail = '';
  for (let round = 0; round < rounds; round++) {
    const folder = await mkdtemp(join(tmpdir(), 'plombe-bench-'));
    const scan = ({ id, layout }: BenchImage, cache: string): Promise<Run | undefined> =>
      runOnce(programs.sbom(layout, join(folder, cache), join(folder, `${id}.json`))).catch(() => undefined);
    const alone: (Run | undefined)[] = [];
    for (const image of images) alone.push(await scan(image, 'one-by-one'));
    const together = await Promise.all(images.map((image) => scan(image, 'together')));
    await rm(folder, { recursive: true, force: true });
    failures += [...alone, ...together].filter((run) => run === undefined).length;
    const [a, b] = [cpu(alone), cpu(together)];
    ratios.push(b / a);
    detail = `${b.toFixed(2)} s at once, ${a.toFixed(2)} s one after the other, last of ${rounds} rounds`;
  }
  const subject = `${images.length} scans on one cache`;
  return [
    { name: 'failed scans', subject, value: failures, unit: 'scans', limit: 0 },
    // 1.25: two hardware threads of one core do less than two cores.
    { name: 'CPU in parallel', subject, value: Math.min(...ratios), unit: '×', limit: 1.25, detail },
  ];
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

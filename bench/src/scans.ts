// Whole commands besides the cold scan: start, re-scan from the cache, four at once on one cache, millions of entries.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import type { BenchImage } from './images.ts';
import { lowest, mean, runInTurn, runOnce, type Command, type Run } from './measure.ts';
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
    const command = programs.sbom(`oci:${layout}`, join(folder, 'cache'), join(folder, 'out.json'));
    await runOnce(command);
    const [warm] = (await runInTurn([command], rounds * 3, mean)) as [Run];
    await rm(folder, { recursive: true, force: true });
    const detail = `user CPU; ${warm.peakMiB.toFixed(0)} MiB`;
    figures.push({ name: 'warm re-scan', subject: id, value: ms(warm.userS), unit: 'ms', limit: 150, detail });
  }
  return figures;
}

/**
 * Four images at once on one cache against the same four in two pairs: all succeed, and twice as many at once cost no more each. One after the
 * other they cost less, on this machine as with the floor or any other program, where two threads at once share one core's units.
 */
export async function measureParallel(
  images: readonly BenchImage[],
  programs: Programs,
  rounds: number,
): Promise<readonly Figure[]> {
  const runs = { alone: [] as number[], pairs: [] as number[], together: [] as number[], floor: [] as number[] };
  let failures = 0;
  for (let round = 0; round < rounds; round++) {
    process.stderr.write('parallel\n');
    const folder = await mkdtemp(join(tmpdir(), 'plombe-bench-'));
    const measure = async (cache: string, atOnce: number): Promise<number> => {
      const done = await inGroups(
        images.map(({ id, layout }) => programs.sbom(`oci:${layout}`, join(folder, cache), join(folder, `${id}.json`))),
        atOnce,
      );
      failures += done.filter((run) => run === undefined).length;
      return cpu(done);
    };
    runs.alone.push(await measure('alone', 1));
    runs.pairs.push(await measure('pairs', 2));
    runs.together.push(await measure('together', images.length));
    await rm(folder, { recursive: true, force: true });
    const floor = images.map(({ layout }) => programs.floor(layout));
    runs.floor.push(cpu(await inGroups(floor, images.length)));
  }
  const subject = `${images.length} scans on one cache`;
  const [alone, pairs, together, floor] = [runs.alone, runs.pairs, runs.together, runs.floor].map(lowest) as [
    number,
    number,
    number,
    number,
  ];
  const detail = `${together.toFixed(2)} s at once, ${pairs.toFixed(2)} s in pairs, ${alone.toFixed(2)} s one by one`;
  return [
    { name: 'failed scans', subject, value: failures, unit: 'scans', limit: 0 },
    { name: 'CPU at once against in pairs', subject, value: together / pairs, unit: '×', limit: 1.25, detail },
    {
      name: "CPU at once against the floor's",
      subject,
      value: together / floor,
      unit: '×',
      limit: 1.3,
      detail: `${together.toFixed(2)} s against ${floor.toFixed(2)} s`,
    },
  ];
}

/** Runs so many at once, then as many again; undefined for one that failed. */
async function inGroups(commands: readonly Command[], atOnce: number): Promise<(Run | undefined)[]> {
  const runs: (Run | undefined)[] = [];
  for (let at = 0; at < commands.length; at += atOnce) {
    const group = commands.slice(at, at + atOnce);
    runs.push(...(await Promise.all(group.map((command) => runOnce(command).catch(() => undefined)))));
  }
  return runs;
}

/** Three million empty files in one layer. */
export async function measureEntries(image: BenchImage, programs: Programs): Promise<readonly Figure[]> {
  const run = await runOnce(programs.sbom(`oci:${image.layout}`, '{dir}', join(tmpdir(), 'plombe-bench-entries.json')));
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

// `node bench/src/main.ts [--floors] [--rounds N] [IMAGE…]`: measures every promise about speed and memory and prints the table.
import { existsSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { measureBreadth } from './breadth.ts';
import { coldFigures, differences, measureCold } from './cold.ts';
import { measureDatabase } from './database.ts';
import { figureTable, holds, type Figure } from './figure.ts';
import { measureGate } from './gate.ts';
import { fullSet, machineFiles, prepareImages, type BenchImage } from './images.ts';
import { measureLazy } from './lazy.ts';
import { measureLedger } from './ledger.ts';
import { gnuTime } from './measure.ts';
import { measurePolicy } from './policy.ts';
import { findPrograms } from './programs.ts';
import { measureRegistry } from './registry.ts';
import { measureScale } from './scale/measure.ts';
import { measureEntries, measureHelp, measureParallel, measureWarm } from './scans.ts';
import { measureSignatures } from './signatures.ts';
import { measureNotary, measureVerifyCommands } from './trust.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { floors: { type: 'boolean' }, rounds: { type: 'string' } },
});

/** What needs no image: `node bench/src/main.ts NAME`. */
const named: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  policy: measurePolicy,
  signatures: measureSignatures,
  notary: measureNotary,
  verify: () => measureVerifyCommands(findPrograms(), rounds, skip),
  lazy: () => measureLazy(skip),
  ledger: () => measureLedger(findPrograms()),
  registry: () => measureRegistry(findPrograms(), skip),
  gate: () => measureGate(findPrograms(), skip),
};

/** Takes minutes and gigabytes, and is measured only when named. */
const apart: typeof named = { database: () => measureScale(findPrograms(), skip) };

/** The subset for every change: one image that starting costs, one that reading costs; under three minutes. */
const floorSet = ['alpine-3.20', 'debian-minimal'];
// The small images of the floors are over in a second: more of their runs cost little, and their lowest is steadier.
const rounds = Number(values.rounds ?? (values.floors === true ? 7 : 3));

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

function skip(what: string, cause: string): void {
  say([`SKIPPED ${what}: ${cause.split('\n')[0] ?? ''}`]);
}

async function floorImages(): Promise<readonly BenchImage[]> {
  const images = await prepareImages(floorSet, skip);
  const large = images.some(({ storedMiB }) => storedMiB > 50);
  return large ? images : [...images, ...(await prepareImages([machineFiles.id], skip))];
}

async function measureNamed(measure: () => Promise<readonly Figure[]>): Promise<number> {
  const figures = await measure();
  say(figureTable(figures));
  return figures.every(holds) ? 0 : 1;
}

async function measureBreadthAlone(names: readonly string[]): Promise<number> {
  const { figures, differences: lines } = await measureBreadth(findPrograms(), rounds, names, skip);
  say([...figureTable(figures), '', ...lines]);
  return figures.every(holds) ? 0 : 1;
}

async function main(): Promise<number> {
  if (positionals[0] === 'breadth') return measureBreadthAlone(positionals.slice(1));
  const alone = named[positionals[0] ?? ''] ?? apart[positionals[0] ?? ''];
  if (alone !== undefined) return measureNamed(alone);
  if (!existsSync(gnuTime)) {
    say([
      `SKIPPED everything: there is no ${gnuTime} on this machine; install GNU time (Debian: apt-get install time).`,
    ]);
    return values.floors === true ? 0 : 1;
  }
  const programs = findPrograms();
  if (programs.trivy === undefined) {
    skip('every comparison with Trivy', 'there is none in PATH, and PLOMBE_TRIVY is not set');
  }
  say([
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? '?'}, Linux ${release()}, ${rounds} rounds`,
  ]);
  const floors = values.floors === true;
  const images = floors
    ? await floorImages()
    : await prepareImages(positionals.length > 0 ? positionals : fullSet, skip);
  const rows = await measureCold(images, programs, rounds);
  const figures: Figure[] = [...coldFigures(rows)];
  const lines = [...differences(rows)];
  if (!floors) {
    figures.push(...(await measureHelp(programs, rounds)));
    figures.push(...(await measureWarm(images, programs, rounds)));
    const four = images.filter(({ storedMiB }) => storedMiB > 20).slice(0, 4);
    figures.push(...(await measureParallel(four, programs, rounds)));
    figures.push(...(await measureDatabase([...images].reverse(), programs, rounds, skip)));
    const [entries] = positionals.length > 0 ? [] : await prepareImages(['empty-files-3m'], skip);
    if (entries !== undefined) figures.push(...(await measureEntries(entries, programs)));
    if (positionals.length === 0) {
      const breadth = await measureBreadth(programs, rounds, [], skip);
      figures.push(...breadth.figures);
      lines.push(...breadth.differences);
      for (const measure of Object.values(named)) figures.push(...(await measure()));
    }
  }
  say(['', ...figureTable(figures), '', ...lines]);
  const missed = figures.filter((figure) => !holds(figure));
  say([missed.length === 0 ? 'every limit is kept' : `${missed.length} of ${figures.length} figures miss their limit`]);
  return missed.length === 0 ? 0 : 1;
}

process.exitCode = await main();

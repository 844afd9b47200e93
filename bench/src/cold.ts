// The cold scan: CPU and memory of the package listing against Trivy and against the machine's floor, and what both found.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import type { BenchImage } from './images.ts';
import { runInTurn, runOnce, type Run } from './measure.ts';
import { compareFound, readPlombe, readTrivy, type Comparison } from './packages.ts';
import type { Programs } from './programs.ts';

export interface ColdRow {
  readonly image: BenchImage;
  readonly plombe: Run;
  /** The same with findings. */
  readonly scan: Run;
  readonly floor: Run;
  readonly trivy?: Run;
  readonly comparison?: Comparison;
}

/** An image with more stored bytes has its own ratio to keep; below it starting the program counts most. */
const largeMiB = 50;
/** Images of archives in archives, which the floor leaves closed: their figure against it has no limit. */
const beyondFloor: ReadonlySet<string> = new Set(['java-400']);
const limits = { trivySum: 0.7, trivyLarge: 0.85, floor: 1.3, floorOfFew: 1.4, peakMiB: 120 } as const;
/** Of less than this, starting the program is a tenth and more. */
const fewSeconds = 2;

/** Measures each image cold, the programs in turn. */
export async function measureCold(
  images: readonly BenchImage[],
  programs: Programs,
  rounds: number,
): Promise<readonly ColdRow[]> {
  const rows: ColdRow[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'plombe-bench-'));
  try {
    // The first command after a build writes down what was compiled, 20 ms that no other one takes.
    const [first] = images;
    if (first !== undefined) await runOnce(programs.sbom(`oci:${first.layout}`, '{dir}', join(folder, 'plombe.json')));
    for (const image of images) {
      process.stderr.write(`cold: ${image.id}\n`);
      const ours = join(folder, 'plombe.json');
      const theirs = join(folder, 'trivy.json');
      const scanned = join(folder, 'scan.json');
      const commands = [
        programs.sbom(`oci:${image.layout}`, '{dir}', ours),
        programs.floor(image.layout),
        programs.scan(image.layout, scanned),
      ];
      if (programs.trivy !== undefined) commands.push(programs.trivy.image(image.layout, '{dir}', theirs));
      const [plombe, floor, scan, trivy] = (await runInTurn(commands, rounds)) as [Run, Run, Run, Run?];
      const compared = trivy && { trivy, comparison: compareFound(readPlombe(ours), readTrivy(theirs)) };
      rows.push({ image, plombe, floor, scan, ...compared });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return rows;
}

/** Turns the measurements into figures: per image, and summed over the set. */
export function coldFigures(rows: readonly ColdRow[]): readonly Figure[] {
  return [...rows.flatMap(imageFigures), ...sumFigures(rows)];
}

function imageFigures({ image, plombe, floor, scan, trivy, comparison }: ColdRow): readonly Figure[] {
  const subject = image.id;
  const large = image.storedMiB > largeMiB;
  const figures: Figure[] = [
    {
      name: 'peak memory',
      subject,
      value: plombe.peakMiB,
      unit: 'MiB',
      limit: limits.peakMiB,
      detail: `${trivy === undefined ? '' : `Trivy ${mib(trivy)}, `}floor ${mib(floor)}, ${image.storedMiB.toFixed(0)} MiB stored`,
    },
    {
      name: 'peak memory with findings',
      subject,
      value: scan.peakMiB,
      unit: 'MiB',
      limit: limits.peakMiB,
      detail: `starter database, unpacked first; ${seconds(scan)} CPU`,
    },
    {
      name: 'CPU against the floor',
      subject,
      value: plombe.cpuS / floor.cpuS,
      unit: '×',
      ...(large && !beyondFloor.has(subject) ? { limit: limits.floor } : {}),
      detail: `${seconds(plombe)} against ${seconds(floor)}`,
    },
  ];
  if (trivy === undefined || comparison === undefined) return figures;
  figures.push({
    name: 'CPU against Trivy',
    subject,
    value: plombe.cpuS / trivy.cpuS,
    unit: '×',
    ...(large ? { limit: limits.trivyLarge } : {}),
    detail: `${seconds(plombe)} against ${seconds(trivy)}`,
  });
  const unexplained = comparison.more.filter(({ explanation }) => explanation === 'unexplained').length;
  figures.push({
    name: 'packages Trivy alone finds, or unexplained',
    subject,
    value: comparison.missing.length + unexplained,
    unit: 'packages',
    limit: 0,
    detail: `${comparison.both} in both, ${comparison.more.length} in Plombe only`,
  });
  return figures;
}

function sumFigures(rows: readonly ColdRow[]): readonly Figure[] {
  const subject = `all ${rows.length}`;
  const sum = (list: readonly (Run | undefined)[]): number => list.reduce((total, run) => total + (run?.cpuS ?? 0), 0);
  const figure = (name: string, own: number, other: number, limit: number): Figure => ({
    name,
    subject,
    value: own / other,
    unit: '×',
    limit,
    detail: `${own.toFixed(2)} s against ${other.toFixed(2)} s`,
  });
  const closed = rows.filter(({ image }) => !beyondFloor.has(image.id));
  const figures: Figure[] = [];
  if (closed.length > 0) {
    const [own, floor] = [sum(closed.map((row) => row.plombe)), sum(closed.map((row) => row.floor))];
    figures.push(figure('CPU against the floor', own, floor, floor < fewSeconds ? limits.floorOfFew : limits.floor));
  }
  if (rows.length > 0 && rows.every((row) => row.trivy !== undefined)) {
    const [own, trivy] = [sum(rows.map((row) => row.plombe)), sum(rows.map((row) => row.trivy))];
    figures.push(figure('CPU against Trivy', own, trivy, limits.trivySum));
  }
  return figures;
}

/** The differences by name@version, for a person to read; long lists with the same explanation are shortened. */
export function differences(rows: readonly ColdRow[]): readonly string[] {
  return rows.flatMap(({ image, comparison }) => {
    if (comparison === undefined) return [];
    const lines = comparison.missing.map(({ package: name, place }) => `${image.id}: only Trivy: ${name} (${place})`);
    const groups = Object.entries(Object.groupBy(comparison.more, ({ explanation }) => explanation));
    for (const [explanation, list = []] of groups) {
      lines.push(`${image.id}: only Plombe: ${list.length} × ${explanation}`);
      const shown = explanation === 'unexplained' ? list : list.slice(0, 5);
      lines.push(...shown.map(({ package: name, place }) => `    ${name} (${place})`));
    }
    return lines;
  });
}

function seconds({ cpuS }: Run): string {
  return `${cpuS.toFixed(2)} s`;
}

function mib({ peakMiB }: Run): string {
  return `${peakMiB.toFixed(0)} MiB`;
}

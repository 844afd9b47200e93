// Breadth: packages, CPU and memory on images and a source tree of many ecosystems, against Trivy and Syft.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareBreadth, type BreadthComparison } from './breadth-differences.ts';
import type { Figure } from './figure.ts';
import { prepareImages, prepareTree, type BenchImage } from './images.ts';
import { runInTurn, type Command, type Run } from './measure.ts';
import { readPlombe, readSyft, readTrivySbom } from './packages.ts';
import type { Programs } from './programs.ts';

/** Images of Java (in archives in archives), Ruby, .NET, PHP, Rust, programs of no package manager. */
const images: readonly string[] = [
  'java-400',
  'ruby-gems',
  'dotnet-programs',
  'php-composer',
  'rust-binaries',
  'binaries',
];
/** Checked out as folders. */
const trees: readonly string[] = ['monorepo'];
const limits = { trivySum: 0.7, peakMiB: 150 } as const;

interface BreadthRow {
  readonly subject: string;
  readonly plombe: Run;
  readonly trivy?: Run;
  readonly syft?: Run;
  readonly comparison: BreadthComparison;
}

/** Measures all subjects, or those of `names`; returns the figures and, for a person, every difference by name. */
export async function measureBreadth(
  programs: Programs,
  rounds: number,
  names: readonly string[],
  skip: (what: string, cause: string) => void,
): Promise<{ readonly figures: readonly Figure[]; readonly differences: readonly string[] }> {
  if (programs.trivy === undefined)
    skip('every comparison with Trivy', 'there is none in PATH, and PLOMBE_TRIVY is not set');
  if (programs.syft === undefined)
    skip('every comparison with Syft', 'there is none in PATH, and PLOMBE_SYFT is not set');
  const wanted = (list: readonly string[]): readonly string[] =>
    list.filter((id) => names.length === 0 || names.includes(id));
  const rows: BreadthRow[] = [];
  for (const image of await prepareImages(wanted(images), skip))
    rows.push(await measureOne(image.id, imageCommands(image, programs), rounds));
  for (const image of await prepareImages(wanted(trees), skip)) {
    const tree = await prepareTree(image);
    rows.push(await measureOne(image.id, treeCommands(tree, programs), rounds));
  }
  return { figures: [...rows.flatMap(rowFigures), ...sumFigures(rows)], differences: rows.flatMap(differenceLines) };
}

/** Each writes what it found to the file it is given. */
interface Commands {
  readonly plombe: (out: string) => Command;
  readonly trivy?: ((out: string) => Command) | undefined;
  readonly syft?: ((out: string) => Command) | undefined;
}

function imageCommands({ layout }: BenchImage, { sbom, trivy, syft }: Programs): Commands {
  return {
    plombe: (out) => sbom(`oci:${layout}`, '{dir}', out),
    trivy: trivy && ((out) => trivy.sbom('image', layout, out)),
    syft: syft && ((out) => syft(`oci-dir:${layout}`, out)),
  };
}

function treeCommands(tree: string, { sbom, trivy, syft }: Programs): Commands {
  return {
    plombe: (out) => sbom(`dir:${tree}`, '{dir}', out),
    trivy: trivy && ((out) => trivy.sbom('fs', tree, out)),
    syft: syft && ((out) => syft(`dir:${tree}`, out)),
  };
}

async function measureOne(subject: string, commands: Commands, rounds: number): Promise<BreadthRow> {
  process.stderr.write(`breadth: ${subject}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'plombe-bench-'));
  const file = (name: string): string => join(folder, `${name}.json`);
  try {
    const timed = [
      commands.plombe(file('plombe')),
      ...(commands.trivy === undefined ? [] : [commands.trivy(file('trivy'))]),
    ];
    const [plombe, trivy] = (await runInTurn(timed, rounds)) as [Run, Run?];
    // Once: what it found is compared, its CPU is for information.
    const [syft] = commands.syft === undefined ? [] : await runInTurn([commands.syft(file('syft'))], 1);
    const comparison = compareBreadth({
      plombe: readPlombe(file('plombe')),
      ...(trivy === undefined ? {} : { trivy: readTrivySbom(file('trivy')) }),
      ...(syft === undefined ? {} : { syft: readSyft(file('syft')) }),
    });
    return { subject, plombe, comparison, ...(trivy && { trivy }), ...(syft && { syft }) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rowFigures({ subject, plombe, trivy, syft, comparison }: BreadthRow): readonly Figure[] {
  const peers = [trivy && `Trivy ${trivy.peakMiB.toFixed(0)} MiB`, syft && `Syft ${syft.peakMiB.toFixed(0)} MiB`];
  const figures: Figure[] = [
    {
      name: 'peak memory',
      subject,
      value: plombe.peakMiB,
      unit: 'MiB',
      limit: limits.peakMiB,
      detail: peers.filter((text) => text !== undefined).join(', '),
    },
  ];
  if (trivy !== undefined) {
    const also = syft === undefined ? '' : `; Syft ${syft.cpuS.toFixed(2)} s`;
    figures.push({
      name: 'CPU against Trivy',
      subject,
      value: plombe.cpuS / trivy.cpuS,
      unit: '×',
      detail: `${plombe.cpuS.toFixed(2)} s against ${trivy.cpuS.toFixed(2)} s${also}`,
    });
  }
  if (trivy === undefined && syft === undefined) return figures;
  const { counts, missing, more } = comparison;
  const unexplained = [...missing, ...more].filter(({ explanation }) => explanation === 'unexplained').length;
  figures.push({
    name: 'differences without an explanation',
    subject,
    value: unexplained,
    unit: 'packages',
    limit: 0,
    detail:
      `Plombe ${counts.plombe}, Trivy ${counts.trivy ?? '–'}, Syft ${counts.syft ?? '–'}; ` +
      `${missing.length} only in a peer, ${more.length} in Plombe only`,
  });
  return figures;
}

function sumFigures(rows: readonly BreadthRow[]): readonly Figure[] {
  if (rows.length === 0 || rows.some(({ trivy }) => trivy === undefined)) return [];
  const own = rows.reduce((sum, { plombe }) => sum + plombe.cpuS, 0);
  const other = rows.reduce((sum, { trivy }) => sum + (trivy?.cpuS ?? 0), 0);
  return [
    {
      name: 'CPU against Trivy',
      subject: `all ${rows.length}`,
      value: own / other,
      unit: '×',
      limit: limits.trivySum,
      detail: `${own.toFixed(2)} s against ${other.toFixed(2)} s`,
    },
  ];
}

/** Long lists with the same explanation are shortened, those without one never. */
function differenceLines({ subject, comparison }: BreadthRow): readonly string[] {
  const lines: string[] = [];
  for (const [side, list] of [
    ['only in a peer', comparison.missing],
    ['only in Plombe', comparison.more],
  ] as const) {
    for (const [explanation, some = []] of Object.entries(Object.groupBy(list, (one) => one.explanation))) {
      lines.push(`${subject}: ${side}: ${some.length} × ${explanation}`);
      const shown = explanation === 'unexplained' ? some : some.slice(0, 3);
      lines.push(...shown.map(({ package: name, place, by }) => `    ${name} (${by}: ${place})`));
    }
  }
  return lines;
}

// The advisory database: opening it cold, and matching an inventory of 3,000 packages.
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedPath } from '@plombe/kit/testing';
import type { Figure } from './figure.ts';
import type { BenchImage } from './images.ts';
import { lowest, runOnce } from './measure.ts';
import { purlsOf } from './packages.ts';
import type { Programs } from './programs.ts';

const probe = fileURLToPath(new URL('database-probe.ts', import.meta.url));
/** Kept between runs: building it takes longer than all else. */
const builtDatabase = fileURLToPath(new URL('../results/database', import.meta.url));
const wantedPackages = 3000;
/** What the program sets for itself before anything else. */
const launch = new URL('../../packages/cli/src/launch.ts', import.meta.url).href;

interface Probed {
  readonly openMs: number;
  readonly matchMs: number;
  readonly packages: number;
  readonly findings: number;
}

/** Measures with the database of `PLOMBE_DB`, else one built from the feeds in the folder `shared`. */
export async function measureDatabase(
  images: readonly BenchImage[],
  programs: Programs,
  rounds: number,
  onSkip: (what: string, cause: string) => void,
): Promise<readonly Figure[]> {
  const database = await findDatabase(programs);
  if (database === undefined) {
    onSkip('database', 'PLOMBE_DB is not set and there are no feeds to build one from');
    return [];
  }
  const folder = await mkdtemp(join(tmpdir(), 'plombe-bench-'));
  try {
    const purls = await collectPurls(images, programs, folder);
    const list = join(folder, 'purls.txt');
    writeFileSync(list, purls.slice(0, wantedPackages).join('\n'));
    const probes: Probed[] = [];
    for (let round = 0; round < rounds * 2 + 1; round++) {
      const { stdout } = await runOnce({ argv: [process.execPath, `--import=${launch}`, probe, database, list] });
      probes.push(JSON.parse(stdout) as Probed);
    }
    const whole = await runOnce({
      ...programs.plombe('scan', `purls:${list}`, '--db', database, '-o', `json=${join(folder, 'scan.json')}`),
      accept: [1, 3],
    });
    const { packages = 0, findings = 0 } = probes[0] ?? {};
    const subject = `${packages} packages`;
    return [
      {
        name: 'database open and first match',
        subject: 'one package',
        value: least(probes, 'openMs'),
        unit: 'ms',
        limit: 100,
        detail: 'CPU, new process',
      },
      {
        name: 'matching',
        subject,
        value: least(probes, 'matchMs'),
        unit: 'ms',
        limit: 100,
        detail: `CPU, ${findings} findings`,
      },
      {
        name: 'whole scan of a list',
        subject,
        value: whole.cpuS * 1000,
        unit: 'ms',
        detail: `CPU, with report; ${whole.peakMiB.toFixed(0)} MiB`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function findDatabase(programs: Programs): Promise<string | undefined> {
  const set = process.env['PLOMBE_DB'];
  if (set !== undefined && set !== '') return set;
  if (existsSync(join(builtDatabase, 'manifest.json'))) return builtDatabase;
  const feeds = sharedPath('feeds');
  if (feeds === undefined) return undefined;
  process.stderr.write('database: building\n');
  await runOnce({ ...programs.plombe('db', 'build', '--from', feeds, '--db', builtDatabase), accept: [3] });
  return builtDatabase;
}

/** The package URLs of the images, without repetition, in the order of the images. */
async function collectPurls(images: readonly BenchImage[], programs: Programs, folder: string): Promise<string[]> {
  const purls = new Set<string>();
  for (const { layout } of images) {
    const out = join(folder, 'sbom.json');
    await runOnce(programs.sbom(`oci:${layout}`, join(folder, 'cache'), out));
    for (const purl of purlsOf(out)) purls.add(purl);
  }
  return [...purls];
}

function least(probes: readonly Probed[], key: 'openMs' | 'matchMs'): number {
  return lowest(probes.map((one) => one[key]));
}

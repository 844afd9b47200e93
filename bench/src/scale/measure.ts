// `node bench/src/main.ts database`: builds a database of 300,000 advisories and compares its shards with peers' shapes of the same data.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedPath } from '@plombe/kit/testing';
import type { Figure } from '../figure.ts';
import { gnuTime, runOnce } from '../measure.ts';
import type { Programs } from '../programs.ts';
import { generateFeeds } from './generate.ts';
import { measurePeers, packedRatio, peerTable, publishedRatio, rawRatio, type ShardSizes } from './peers.ts';

const folder = fileURLToPath(new URL('../../results/scale', import.meta.url));

/** 120 s on two cores is the promise; the CPU of both counts, so that other load does not. */
const limits = { cpuS: 120, peakMiB: 500, ratio: 1.5 };

function worst(sizes: readonly ShardSizes[], ratio: (one: ShardSizes) => number): ShardSizes | undefined {
  return [...sizes].sort((a, b) => ratio(b) - ratio(a))[0];
}

function ratioFigure(
  name: string,
  sizes: readonly ShardSizes[],
  ratio: (one: ShardSizes) => number,
  limit?: number,
): Figure[] {
  const one = worst(sizes, ratio);
  if (one === undefined) return [];
  return [
    {
      name,
      subject: one.id,
      value: ratio(one),
      unit: '×',
      ...(limit === undefined ? {} : { limit }),
      detail: `the worst of ${sizes.length} shards`,
    },
  ];
}

/** Measures the build, and the sizes of shards. `PLOMBE_BENCH_SCALE` makes it smaller. */
export async function measureScale(
  programs: Programs,
  onSkip: (what: string, cause: string) => void,
): Promise<readonly Figure[]> {
  const share = Number(process.env['PLOMBE_BENCH_SCALE'] ?? 1);
  if (sharedPath('feeds') === undefined || !existsSync(gnuTime)) {
    onSkip('database', 'there are no feeds to make more of, or no GNU time');
    return [];
  }
  const [feeds, database] = [join(folder, 'feeds'), join(folder, 'database')];
  await generateFeeds(feeds, share);
  rmSync(database, { recursive: true, force: true });
  const run = await runOnce(programs.plombe('db', 'build', '--from', feeds, '--db', database));
  const { shards } = JSON.parse(readFileSync(join(database, 'manifest.json'), 'utf8')) as {
    shards: readonly { readonly role: string; readonly records: number }[];
  };
  const advisories = shards.filter(({ role }) => role === 'advisories').reduce((sum, { records }) => sum + records, 0);
  const subject = `${advisories} advisories`;
  const sizes = await measurePeers(feeds, database);
  process.stdout.write(`${peerTable(sizes).join('\n')}\n`);
  return [
    {
      name: 'database build',
      subject,
      value: run.cpuS,
      unit: 's',
      limit: limits.cpuS,
      detail: `CPU; ${run.wallS.toFixed(0)} s by the clock`,
    },
    { name: 'database build, peak memory', subject, value: run.peakMiB, unit: 'MiB', limit: limits.peakMiB },
    ...ratioFigure('shard packed, against the smaller database', sizes, packedRatio, limits.ratio),
    ...ratioFigure('shard on disk, against the smaller database', sizes, rawRatio, limits.ratio),
    ...ratioFigure('shard packed, against what is published', sizes, publishedRatio),
  ];
}

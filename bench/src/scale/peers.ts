// The shards of a database beside the same advisories as they are published, and in the shapes of Trivy's and Grype's databases.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { advisoriesOf, shardsOf, type ShardSource } from './advisories.ts';
import { writeGrypeShape } from './grype-shape.ts';
import { trivyLine } from './trivy-lines.ts';

/** Bytes of one shard's advisories in each form; 0 where a form cannot be made here. */
export interface ShardSizes {
  readonly id: string;
  readonly records: number;
  readonly published: number;
  readonly raw: { readonly plombe: number; readonly trivy: number; readonly grype: number };
  readonly packed: { readonly plombe: number; readonly trivy: number; readonly grype: number };
}

/** Smaller shards are a page or two of SQLite. */
const fromRecords = 2000;

const size = (path: string): number => statSync(path).size;

/** Packs as the peers do: zstd for Grype and for us, gzip for Trivy. */
function packed(path: string, program: 'zstd' | 'gzip'): number {
  const level = program === 'zstd' ? '-9' : '-6';
  return execFileSync(program, [level, '-c', path], { maxBuffer: 2 ** 31 }).length;
}

/** A document that is published unpacked is counted as gzip packs it. */
function publishedBytes({ documents }: ShardSource): number {
  return documents.reduce((sum, { name, path = '' }) => {
    const isPacked = /\.(?:zip|gz|zst|bz2|xz)$/.test(name);
    return sum + (isPacked ? size(path) : packed(path, 'gzip'));
  }, 0);
}

/** Builds the writer of Trivy's shape; undefined without Go, or where its module cannot be had. */
function trivyWriter(folder: string): string | undefined {
  const path = join(folder, 'trivy-shape');
  const source = fileURLToPath(new URL('trivy-shape', import.meta.url));
  const built = spawnSync('go', ['build', '-o', path, '.'], {
    cwd: source,
    env: { ...process.env, GOFLAGS: '-mod=mod' },
  });
  return built.status === 0 ? path : undefined;
}

async function writeTrivyShape(writer: string, shard: ShardSource, path: string): Promise<void> {
  const child = spawn(writer, [path], { stdio: ['pipe', 'inherit', 'inherit'] });
  for await (const advisory of advisoriesOf(shard)) {
    if (!child.stdin.write(`${trivyLine(advisory)}\n`)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`trivy-shape ended with ${code}`);
}

interface Manifest {
  readonly shards: readonly { readonly id: string; readonly records: number; readonly file: string }[];
}

/** Measures every shard of 2,000 records and more that `database` holds of the advisories in `feeds`. */
export async function measurePeers(feeds: string, database: string): Promise<readonly ShardSizes[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-peers-'));
  const sizes: ShardSizes[] = [];
  try {
    const writer = trivyWriter(folder);
    const { shards } = JSON.parse(readFileSync(join(database, 'manifest.json'), 'utf8')) as Manifest;
    for (const source of shardsOf(feeds)) {
      const shard = shards.find(({ id }) => id === source.id);
      if (shard === undefined || shard.records < fromRecords) continue;
      const own = join(database, shard.file);
      const [trivy, grype] = [join(folder, `${source.id}.bolt`), join(folder, `${source.id}.sqlite`)];
      await writeGrypeShape(advisoriesOf(source), grype);
      if (writer !== undefined) await writeTrivyShape(writer, source, trivy);
      sizes.push({
        id: source.id,
        records: shard.records,
        published: publishedBytes(source),
        raw: { plombe: size(own), trivy: writer === undefined ? 0 : size(trivy), grype: size(grype) },
        packed: {
          plombe: packed(own, 'zstd'),
          trivy: writer === undefined ? 0 : packed(trivy, 'gzip'),
          grype: packed(grype, 'zstd'),
        },
      });
      for (const path of [trivy, grype]) rmSync(path, { force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return sizes;
}

const kib = (bytes: number): string => (bytes === 0 ? '—' : Math.round(bytes / 1024).toLocaleString('en'));
const least = (...values: readonly number[]): number => Math.min(...values.filter((value) => value > 0));

/** Our packed bytes to the smaller of the two databases', packed as they ship. */
export function packedRatio({ packed: all }: ShardSizes): number {
  return all.plombe / least(all.trivy, all.grype);
}

/** Our packed bytes to what the publisher ships, which nobody can look anything up in. */
export function publishedRatio({ published, packed: all }: ShardSizes): number {
  return all.plombe / published;
}

/** Our bytes on disk to the smaller of the two databases'. */
export function rawRatio({ raw }: ShardSizes): number {
  return raw.plombe / least(raw.trivy, raw.grype);
}

/** Returns the sizes as lines of a table, in KiB. */
export function peerTable(sizes: readonly ShardSizes[]): string[] {
  return [
    '| shard | records | published | Trivy tar.gz | Grype tar.zst | Plombe zst | × | Trivy | Grype | Plombe | × |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...sizes.map(
      (one) =>
        `| ${one.id} | ${one.records.toLocaleString('en')} | ${kib(one.published)} | ${kib(one.packed.trivy)} | ${kib(one.packed.grype)} | ${kib(one.packed.plombe)} | ${packedRatio(one).toFixed(2)} | ${kib(one.raw.trivy)} | ${kib(one.raw.grype)} | ${kib(one.raw.plombe)} | ${rawRatio(one).toFixed(2)} |`,
    ),
  ];
}

if (import.meta.main) {
  const [, , feeds = '', database = ''] = process.argv;
  process.stdout.write(`${peerTable(await measurePeers(feeds, database)).join('\n')}\n`);
}

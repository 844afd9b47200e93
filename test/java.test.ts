// Archives of Maven Central in an image, found by the program, against the coordinates they were fetched by.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builtFixture } from './support/fixtures.ts';
import { installed, temporaryFolder } from './support/plombe.ts';

const layout = builtFixture('java-400');
const coordinates = 'usr/share/plombe-fixture/coordinates.tsv';

async function truth(layoutDir: string): Promise<readonly (readonly string[])[]> {
  const read = (digest: string): Buffer => readFileSync(`${layoutDir}/blobs/${digest.replace(':', '/')}`);
  const index = JSON.parse(readFileSync(`${layoutDir}/index.json`, 'utf8')) as { manifests: { digest: string }[] };
  const manifest = JSON.parse(String(read(index.manifests[0]?.digest ?? ''))) as { layers: { digest: string }[] };
  const { gunzipSync } = await import('node:zlib');
  const tar = gunzipSync(read(manifest.layers.at(-1)?.digest ?? ''));
  const at = tar.indexOf(coordinates);
  expect(at).toBeGreaterThan(0);
  const size = Number.parseInt(
    tar.toString('latin1', at + 124 - (tar.toString('latin1', at - 2, at) === './' ? 2 : 0), at + 136),
    8,
  );
  const start = (Math.floor(at / 512) + 1) * 512;
  return tar
    .toString('utf8', start, start + size)
    .trim()
    .split('\n')
    .map((row) => row.split('\t'));
}

it.skipIf(layout === undefined)(
  'finds at least 99.5 % of them, in a folder and inside other archives, in the right place',
  async () => {
    const home = temporaryFolder();
    const file = join(home, 'scan.json');
    const { stderr } = await installed(home)(['scan', `oci:${layout}`, '-o', `json=${file}`]);
    expect(stderr).toBe('');
    const { packages } = JSON.parse(readFileSync(file, 'utf8')) as {
      packages: { purl: string; evidence: { path: string }[] }[];
    };
    // Several classifiers of one artifact are several packages.
    const places = new Map<string, string[]>();
    for (const { purl, evidence } of packages) {
      const bare = decodeURIComponent(purl.split('?', 1)[0] ?? '');
      places.set(bare, [...(places.get(bare) ?? []), ...evidence.map(({ path }) => path)]);
    }
    const rows = await truth(layout as string);
    expect(rows.length).toBeGreaterThanOrEqual(380);
    const missed = rows.filter(([path = '', group, artifact, version]) => {
      const found = places.get(`pkg:maven/${group}/${artifact}@${version}`) ?? [];
      return !found.some((one) => one === path || one.startsWith(`${path}!/`));
    });
    expect(missed.length / rows.length, missed.join('\n')).toBeLessThanOrEqual(0.005);
  },
);

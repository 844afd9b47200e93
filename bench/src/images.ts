// The images that are measured: those of the fixtures, and one made of this machine's own files where nothing can be fetched.
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, globSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mebibyte } from '@plombe/kit';
import { buildFixture, recipes, type Recipe } from '@plombe/fixtures';

export interface BenchImage {
  readonly id: string;
  readonly layout: string;
  /** Bytes of its blobs, in MiB. */
  readonly storedMiB: number;
}

/** The set of the full run: Debian minimal and fat, npm, Python, Go, each Alpine, and nothing at all; breadth.ts has the others. */
export const fullSet: readonly string[] = [
  'scratch-empty',
  'alpine-3.10',
  'alpine-3.14',
  'alpine-3.17',
  'alpine-3.20',
  'busybox-glibc',
  'busybox-musl',
  'multi-layer',
  'multi-layer-apk',
  'debian-minimal',
  'npm-1000',
  'python-80',
  'go-binaries',
  'debian-fat',
];

/** Small enough that one run takes seconds, large enough that starting a program does not count. */
const machineCommand =
  'cd / && find usr/bin var/lib/dpkg usr/lib/os-release -type f -size -16M | sort | head -n 2500 | ' +
  'tar -cf "$0" --owner=0 --group=0 --mtime=@0 --no-recursion -T -';

/** Programs and package database of this machine in one layer: mid-sized, real, and made without any network. */
export const machineFiles: Recipe = {
  id: 'machine-files',
  description: "This machine's programs and its package database, in one layer.",
  definition: { machineCommand },
  async layers(workshop) {
    const file = `${workshop.folder}/layer.tar`;
    await workshop.run('bash', ['-c', machineCommand, file]);
    const tar = createReadStream(file, { highWaterMark: mebibyte }) as AsyncIterable<Uint8Array>;
    return [{ tar, createdBy: 'COPY / /' }];
  },
};

/** Builds the images that are not there yet; tells `onSkip` about each that cannot be had here. */
export async function prepareImages(
  ids: readonly string[],
  onSkip: (id: string, cause: string) => void,
): Promise<readonly BenchImage[]> {
  const images: BenchImage[] = [];
  for (const id of ids) {
    const recipe = id === machineFiles.id ? machineFiles : recipes.find((one) => one.id === id);
    if (recipe === undefined) {
      onSkip(id, 'there is no such recipe');
      continue;
    }
    try {
      const { layoutDir } = await buildFixture(recipe, { progress: (text) => process.stderr.write(`${text}\n`) });
      const bytes = globSync('blobs/*/*', { cwd: layoutDir }).map((blob) => statSync(join(layoutDir, blob)).size);
      images.push({ id, layout: layoutDir, storedMiB: bytes.reduce((sum, size) => sum + size, 0) / mebibyte });
    } catch (thrown) {
      onSkip(id, thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
  return images;
}

/** Unpacks the layers of a prepared image into a folder and returns it: a source tree as a checkout has it. */
export async function prepareTree({ layout }: BenchImage): Promise<string> {
  const tree = join(fileURLToPath(new URL('../results/trees', import.meta.url)), basename(layout));
  if (existsSync(tree)) return tree;
  const read = async (path: string): Promise<unknown> => JSON.parse(await readFile(join(layout, path), 'utf8'));
  const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`;
  const index = (await read('index.json')) as { readonly manifests: readonly { readonly digest: string }[] };
  const manifest = (await read(blob(index.manifests[0]?.digest ?? ''))) as {
    readonly layers: readonly { readonly digest: string }[];
  };
  const partial = `${tree}.part`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  for (const { digest } of manifest.layers) execFileSync('tar', ['-xf', join(layout, blob(digest)), '-C', partial]);
  await rename(partial, tree);
  return tree;
}

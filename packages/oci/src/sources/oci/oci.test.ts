import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Platform } from '@plombe/model';
import { writeLayout } from '../../sinks/layout/write.ts';
import { hexOf, layerOf, resolve, resolveOne } from '../testing/archives.ts';
import { temporaryFolder } from '../testing/context.ts';
import { readEntries } from '../testing/sample.ts';

const amd64: Platform = { os: 'linux', architecture: 'amd64' };
const arm64: Platform = { os: 'linux', architecture: 'arm64' };
const { signal } = new AbortController();

const image = (name: string | undefined, file: string, platform = amd64) => ({
  ...(name === undefined ? {} : { name }),
  platform,
  layers: [{ tar: [layerOf(file)] }],
});

async function layoutOf(...images: readonly ReturnType<typeof image>[]): Promise<string> {
  const path = temporaryFolder();
  await writeLayout(path, images, { signal });
  return path;
}

const firstFile = async (subject: string, platform?: Platform): Promise<string | undefined> =>
  (await readEntries(await resolveOne(subject, platform ? { platform } : {}))).entries[0]?.split(' ')[2];

/** Writes `index.json` again, changed. */
function editIndex(path: string, edit: (index: { manifests: Record<string, unknown>[] }) => unknown): void {
  const index = JSON.parse(readFileSync(`${path}/index.json`, 'utf8')) as { manifests: Record<string, unknown>[] };
  writeFileSync(`${path}/index.json`, JSON.stringify(edit(index) ?? index));
}

describe('selection', () => {
  test('by name, by digest of a manifest, and by the full name of containerd', async () => {
    const path = await layoutOf(image('v1', 'one'), image('v2', 'two'));
    const { digest } = await resolveOne(`oci:${path}:v2`);
    expect(await firstFile(`oci:${path}:v1`)).toBe('one');
    expect(await firstFile(`oci:${path}@${digest ?? ''}`)).toBe('two');
    expect(await firstFile(`${path}:v2`)).toBe('two');
    editIndex(path, ({ manifests }) => {
      manifests[0] = {
        ...manifests[0],
        annotations: { 'io.containerd.image.name': 'ghcr.io/o/r:3', 'org.opencontainers.image.ref.name': '3' },
      };
    });
    expect((await resolveOne(`oci:${path}:ghcr.io/o/r:3`)).reference).toBe('ghcr.io/o/r:3');
    expect(await firstFile(`oci:${path}:3`)).toBe('one');
    await expect(resolve(`oci:${path}`)).rejects.toMatchObject({
      code: 'source/ambiguous',
      message: expect.stringContaining('ghcr.io/o/r:3, v2') as string,
    });
    await expect(resolve(`oci:${path}:v9`)).rejects.toMatchObject({ code: 'source/not-found' });
    await expect(resolve(`oci:${path}@sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'source/not-found' });
  });

  test('by platform in a nested index and in index.json itself; all platforms on demand', async () => {
    for (const name of ['multi', undefined]) {
      const path = await layoutOf(image(name, 'amd', amd64), image(name, 'arm', arm64));
      expect(await firstFile(`oci:${path}`, amd64)).toBe('amd');
      expect(await firstFile(`oci:${path}`, arm64)).toBe('arm');
      const all = await resolve(`oci:${path}`, { allPlatforms: true });
      expect(all.map(({ platform }) => platform?.architecture)).toEqual(['amd64', 'arm64']);
      expect(all.map(({ indexDigest }) => indexDigest !== undefined)).toEqual(
        name === undefined ? [false, false] : [true, true],
      );
      await expect(resolve(`oci:${path}`, { platform: { os: 'linux', architecture: 's390x' } })).rejects.toMatchObject({
        code: 'registry/platform',
      });
      const [first] = all;
      expect(await firstFile(`oci:${path}@${first?.digest ?? ''}`)).toBe('amd');
    }
  });

  test('a single image of another platform than the one asked for is refused', async () => {
    const path = await layoutOf(image('x', 'amd'));
    editIndex(path, ({ manifests }) => void delete manifests[0]?.['platform']);
    expect(await firstFile(`oci:${path}`)).toBe('amd');
    await expect(resolve(`oci:${path}`, { platform: arm64 })).rejects.toMatchObject({ code: 'registry/platform' });
  });
});

describe('hostile', () => {
  test('T26 an index that is a manifest too, and one that is none, are refused', async () => {
    const path = await layoutOf(image('x', 'x'));
    const index = JSON.parse(readFileSync(`${path}/index.json`, 'utf8')) as { manifests: { digest: string }[] };
    const manifest = readFileSync(`${path}/blobs/${index.manifests[0]?.digest.replace(':', '/') ?? ''}`, 'utf8');
    writeFileSync(`${path}/index.json`, manifest);
    await expect(resolve(`oci:${path}`)).rejects.toMatchObject({ code: 'registry/manifest-invalid' });
    writeFileSync(
      `${path}/index.json`,
      JSON.stringify({ ...(JSON.parse(manifest) as object), manifests: index.manifests }),
    );
    await expect(resolve(`oci:${path}`)).rejects.toMatchObject({
      code: 'registry/manifest-invalid',
      message: expect.stringContaining('ambiguous') as string,
    });
  });

  test('T27 a manifest or config with other bytes, another size or a digest that is a path is refused', async () => {
    const path = await layoutOf(image('x', 'x'));
    const { digest, configDigest } = await resolveOne(`oci:${path}`);
    for (const blob of [digest, configDigest]) {
      const file = `${path}/blobs/${blob?.replace(':', '/') ?? ''}`;
      const bytes = readFileSync(file);
      writeFileSync(
        file,
        bytes.toString('latin1').replace('linux', 'linuX').replace('"schemaVersion":2', '"schemaVersion":3'),
      );
      await expect(resolve(`oci:${path}`)).rejects.toMatchObject({ code: 'archive/digest-mismatch' });
      writeFileSync(file, bytes);
    }
    editIndex(path, ({ manifests }) => void ((manifests[0] ?? {})['size'] = 7));
    await expect(resolve(`oci:${path}`)).rejects.toMatchObject({
      code: 'registry/manifest-invalid',
      message: expect.stringContaining('not the 7') as string,
    });
    editIndex(path, ({ manifests }) => void ((manifests[0] ?? {})['digest'] = 'sha256:../../../index.json'));
    await expect(resolve(`oci:${path}`)).rejects.toMatchObject({ code: 'registry/manifest-invalid' });
  });

  test('T27 a layer with other bytes of the same size is told by the pass', async () => {
    const path = await layoutOf(image('x', 'x'));
    const opened = await resolveOne(`oci:${path}`);
    const file = `${path}/blobs/${opened.layers[0]?.digest?.replace(':', '/') ?? ''}`;
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
    writeFileSync(file, bytes);
    expect((await readEntries(opened)).verified).toBe(false);
  });

  test('T26 an index that contains itself cannot be written, one nested too deep is refused', async () => {
    const path = await layoutOf(image('x', 'x'));
    editIndex(path, (index) => {
      let inner = JSON.stringify(index);
      for (let depth = 0; depth < 6; depth++) {
        writeFileSync(`${path}/blobs/sha256/${hexOf(inner)}`, inner);
        const entry = {
          mediaType: 'application/vnd.oci.image.index.v1+json',
          digest: `sha256:${hexOf(inner)}`,
          size: inner.length,
        };
        inner = JSON.stringify({ schemaVersion: 2, mediaType: entry.mediaType, manifests: [entry] });
      }
      return JSON.parse(inner) as unknown;
    });
    await expect(resolve(`oci:${path}`)).rejects.toMatchObject({
      code: 'registry/manifest-invalid',
      message: expect.stringContaining('deeper') as string,
    });
  });

  test('a folder that is no layout is told so', async () => {
    const path = await layoutOf(image('x', 'x'));
    writeFileSync(`${path}/oci-layout`, '{"imageLayoutVersion":"2.0.0"}');
    await expect(resolve(`oci:${path}`)).rejects.toMatchObject({ code: 'registry/manifest-invalid' });
    await expect(resolve(`oci:${temporaryFolder()}`)).rejects.toMatchObject({ code: 'source/not-found' });
  });

  test('T28 an index.json over the limit is not parsed', async () => {
    const path = await layoutOf(image('x', 'x'));
    writeFileSync(`${path}/index.json`, ' '.repeat(4 * 1024 * 1024 + 1));
    await expect(resolve(`oci:${path}`)).rejects.toMatchObject({ code: 'registry/manifest-invalid' });
  });
});

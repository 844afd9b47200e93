import { spawnSync } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Image } from '@plombe/model';
import { offlineContext, temporaryFolder } from './testing/context.ts';
import { hasTool, readEntries, run, sampleLayout } from './testing/sample.ts';
import { resolveSubject } from './resolve.ts';
import type { ImageSource } from './source.ts';

const noRegistry: ImageSource = { id: 'registry', open: () => Promise.reject(new Error('the registry was asked')) };

async function only(subject: string): Promise<Image> {
  const images = await resolveSubject(subject, { registry: noRegistry }, offlineContext());
  expect(images).toHaveLength(1);
  return images[0] as Image;
}

/** What must not depend on the form an image is in. */
async function essence(image: Image): Promise<object> {
  const { entries, verified } = await readEntries(image);
  const { config, platform } = image;
  return {
    entries,
    verified,
    config: { ...config, labels: { ...config.labels } },
    platform,
    layers: image.layers.map((layer) => [layer.diffID, layer.createdBy]),
  };
}

describe.skipIf(!hasTool('skopeo'))('one image in every form has the same layers and entries (skopeo, tar)', () => {
  test('layout, layout in tar, tar.gz and tar.zst, docker archive plain and compressed', async () => {
    const folder = temporaryFolder();
    const layout = await sampleLayout(folder);
    const from = `oci:${layout}:sample`;
    run('skopeo', '--insecure-policy', 'copy', from, `docker-archive:${folder}/docker.tar:example.org/sample:1`);
    run('skopeo', '--insecure-policy', 'copy', from, `oci-archive:${folder}/skopeo.tar:sample`);
    run(
      'skopeo',
      '--insecure-policy',
      'copy',
      '--dest-oci-accept-uncompressed-layers',
      '--dest-decompress',
      from,
      `oci:${folder}/plain:sample`,
    );
    run('tar', '-C', layout, '-cf', `${folder}/layout.tar`, '.');
    run('tar', '-C', layout, '-czf', `${folder}/layout.tar.gz`, '.');
    run('tar', '-C', layout, '--zstd', '-cf', `${folder}/layout.tar.zst`, '.');
    run('gzip', '-k', `${folder}/docker.tar`);
    run('zstd', '-q', `${folder}/docker.tar`);

    const expected = await essence(await only(from));
    expect(expected).toMatchObject({
      verified: true,
      platform: { os: 'linux', architecture: 'amd64' },
      config: { user: '1000' },
    });
    for (const name of ['layout.tar', 'layout.tar.gz', 'layout.tar.zst', 'skopeo.tar', 'plain']) {
      expect(await essence(await only(`oci:${folder}/${name}`)), name).toEqual(expected);
      expect((await only(`${folder}/${name}`)).source, name).toBe('oci');
    }
    for (const name of ['docker.tar', 'docker.tar.gz', 'docker.tar.zst']) {
      const image = await only(`docker-archive:${folder}/${name}`);
      expect(await essence(image), name).toEqual(expected);
      expect([image.reference, image.digest], name).toEqual(['example.org/sample:1', undefined]);
      expect((await only(`${folder}/${name}:1`)).source, name).toBe('docker-archive');
    }
  });

  test.skipIf(!hasTool('umoci'))('a layout that umoci made', async () => {
    const folder = temporaryFolder();
    const layout = `${folder}/umoci`;
    run('umoci', 'init', '--layout', layout);
    run('umoci', 'new', '--image', `${layout}:v1`);
    run('mkdir', `${folder}/root`);
    writeFileSync(`${folder}/root/file`, 'content');
    run('tar', '-C', `${folder}/root`, '-cf', `${folder}/layer.tar`, 'file');
    run('umoci', 'raw', 'add-layer', '--image', `${layout}:v1`, '--tag', 'v2', `${folder}/layer.tar`);
    expect(await readEntries(await only(`oci:${layout}:v2`))).toEqual({ entries: ['0 file file 7'], verified: true });
    expect((await only(`oci:${layout}:v1`)).layers).toEqual([]);
    await expect(only(`oci:${layout}`)).rejects.toMatchObject({ code: 'source/ambiguous' });
  });
});

describe('reading leaves nothing behind', () => {
  test('T25 no form needs a temporary file: all are read in a process that may write nothing', async () => {
    const folder = temporaryFolder();
    const layout = await sampleLayout(folder);
    run('tar', '-C', layout, '-czf', `${folder}/layout.tar.gz`, '.');
    run('tar', '-C', layout, '-cf', `${folder}/layout.tar`, '.');
    const at = (name: string): string => new URL(name, import.meta.url).href;
    const script = `
      import { resolveSubject } from '${at('resolve.ts')}';
      import { readLayer } from '@plombe/formats';
      import { defaultLayerLimits as limits } from '@plombe/kit';
      const { signal } = new AbortController();
      const sizes = [];
      for (const name of ['layout', 'layout.tar', 'layout.tar.gz']) {
        const [image] = await resolveSubject('oci:${folder}/' + name, { registry: { id: 'registry' } }, { signal });
        for (const { content } of image.layers) {
          const read = await readLayer(content.open({ signal }), { entry: () => undefined }, { signal, limits });
          sizes.push(read.complete);
        }
      }
      console.log(JSON.stringify(sizes));`;
    const flags = ['--permission', '--allow-fs-read=*', '--input-type=module', '-e', script];
    const { stdout, stderr } = spawnSync(process.execPath, flags, {
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    });
    expect([stdout.trim(), stderr.includes('ERR_ACCESS_DENIED')]).toEqual([JSON.stringify(Array(6).fill(true)), false]);
  });

  test('T36 a blob that goes away before or after the image was opened is told, and nothing else is lost', async () => {
    const folder = temporaryFolder();
    const layout = await sampleLayout(folder);
    const opened = await only(`oci:${layout}`);
    const [, upper] = opened.layers;
    const path = `${layout}/blobs/${upper?.digest?.replace(':', '/') ?? ''}`;
    renameSync(path, `${folder}/away`);
    await expect(readEntries(opened)).rejects.toMatchObject({ code: 'source/not-found' });
    const later = await only(`oci:${layout}`);
    expect(later.layers[0]?.content.kind).toBe('tar');
    expect(later.layers[1]?.content).toEqual({
      kind: 'absent',
      damaged: true,
      cause: `the blob ${upper?.digest ?? ''} is not in the layout`,
    });
    writeFileSync(path, 'short');
    expect((await only(`oci:${layout}`)).layers[1]?.content).toMatchObject({
      cause: expect.stringContaining('has 5 bytes') as string,
    });
    rmSync(path);
  });
});

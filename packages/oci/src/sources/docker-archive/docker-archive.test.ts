import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { isPlombeError } from '@plombe/kit';
import { writeTar } from '@plombe/formats/testing';
import { configOf, dockerEntries, fileOf, hexOf, layerOf, resolveOne } from '../testing/archives.ts';
import { readEntries } from '../testing/sample.ts';

const [a, b, c] = [layerOf('a'), layerOf('b'), layerOf('c')];
const open = (entries: Parameters<typeof writeTar>[0], selector = '') =>
  resolveOne(`docker-archive:${fileOf(writeTar(entries))}${selector}`);

describe('styles', () => {
  test('docker 1.10 and later: manifest.json, its instructions and diffIDs', async () => {
    const image = await open(dockerEntries([{ tag: 'app:1', layers: [a, b] }]));
    expect(image.layers.map(({ createdBy, digest }) => [createdBy, digest])).toEqual([
      ['RUN 0', undefined],
      ['RUN 1', undefined],
    ]);
    expect(image).toMatchObject({
      reference: 'docker.io/library/app:1',
      configDigest: `sha256:${hexOf(configOf([a, b]))}`,
    });
    expect(await readEntries(image)).toEqual({ entries: ['0 file a 1', '1 file b 1'], verified: true });
  });

  test('layers that are compressed, and layers that are links to the layer of another image', async () => {
    const config = configOf([a, b]);
    const manifest = [{ Config: `${hexOf(config)}.json`, RepoTags: null, Layers: ['one/layer.tar', 'two/layer.tar'] }];
    const image = await open([
      { path: 'one/layer.tar', content: gzipSync(a) },
      { path: 'two', type: 'directory' },
      { path: 'two/layer.tar', type: 'symlink', linkTarget: '../real/layer.tar' },
      { path: 'real/layer.tar', content: b },
      { path: `${hexOf(config)}.json`, content: config },
      { path: 'manifest.json', content: JSON.stringify(manifest) },
    ]);
    expect(await readEntries(image)).toEqual({ entries: ['0 file a 1', '1 file b 1'], verified: true });
    expect(image.reference).toBeUndefined();
  });

  test.each(['xz', 'bzip2'])('an archive that went through %s, and a layer that did', async (program) => {
    const pack = (bytes: Uint8Array): Buffer | undefined => {
      const { error, stdout } = spawnSync(program, ['-c'], { input: bytes });
      if (error !== undefined) console.warn(`skipped: ${program} is not installed`);
      return error === undefined ? stdout : undefined;
    };
    const layer = pack(a);
    if (layer === undefined) return;
    const config = configOf([a, b]);
    const manifest = [{ Config: `${hexOf(config)}.json`, RepoTags: null, Layers: ['one/layer.tar', 'two/layer.tar'] }];
    const whole = writeTar([
      { path: 'one/layer.tar', content: layer },
      { path: 'two/layer.tar', content: b },
      { path: `${hexOf(config)}.json`, content: config },
      { path: 'manifest.json', content: JSON.stringify(manifest) },
    ]);
    const image = await resolveOne(`docker-archive:${fileOf(pack(whole) ?? whole)}`);
    expect(await readEntries(image)).toEqual({ entries: ['0 file a 1', '1 file b 1'], verified: true });
  });

  test('docker 25 and later: a layout with manifest.json, whose blobs have digests', async () => {
    const config = configOf([a]);
    const entries = [
      { path: `blobs/sha256/${hexOf(a)}`, content: a },
      { path: `blobs/sha256/${hexOf(config)}`, content: config },
      {
        path: 'manifest.json',
        content: JSON.stringify([
          { Config: `blobs/sha256/${hexOf(config)}`, RepoTags: ['x:1'], Layers: [`blobs/sha256/${hexOf(a)}`] },
        ]),
      },
    ];
    const image = await open(entries);
    expect(image.layers[0]?.digest).toBe(`sha256:${hexOf(a)}`);
    expect((await readEntries(image)).verified).toBe(true);
  });

  test('before docker 1.10: repositories and a chain of parents', async () => {
    const [low, high] = ['1'.repeat(64), '2'.repeat(64)];
    const image = await open([
      { path: `${low}/VERSION`, content: '1.0' },
      {
        path: `${low}/json`,
        content: JSON.stringify({ id: low, container_config: { Cmd: ['/bin/sh', '-c', '#(nop) ADD x'] } }),
      },
      { path: `${low}/layer.tar`, content: a },
      {
        path: `${high}/json`,
        content: JSON.stringify({
          id: high,
          parent: low,
          os: 'linux',
          architecture: 'amd64',
          config: { User: 'app' },
          container_config: { Cmd: ['make'] },
        }),
      },
      { path: `${high}/layer.tar`, content: b },
      { path: 'repositories', content: JSON.stringify({ old: { v1: high } }) },
    ]);
    expect(image.layers.map(({ createdBy, diffID }) => [createdBy, diffID])).toEqual([
      ['/bin/sh -c #(nop) ADD x', undefined],
      ['make', undefined],
    ]);
    expect(image).toMatchObject({ reference: 'docker.io/library/old:v1', config: { user: 'app' } });
    expect((await readEntries(image)).entries).toEqual(['0 file a 1', '1 file b 1']);
  });
});

describe('several images', () => {
  const two = dockerEntries([
    { tag: 'app:1', layers: [a, b] },
    { tag: 'ghcr.io/x/y:2', layers: [a, c] },
  ]);
  test.each([
    [':app:1', 'RUN 0'],
    [':1', 'RUN 0'],
    [':docker.io/library/app:1', 'RUN 0'],
    ['@0', 'RUN 0'],
  ])('%s names the first', async (selector) => {
    expect((await open(two, selector)).reference).toBe('docker.io/library/app:1');
  });

  test('without a name it is an error that lists them, and so is a name that is not there', async () => {
    await expect(open(two)).rejects.toMatchObject({
      code: 'source/ambiguous',
      message: expect.stringContaining('app:1, ghcr.io/x/y:2') as string,
    });
    await expect(open(two, ':3')).rejects.toMatchObject({ code: 'source/not-found' });
    await expect(open(two, '@2')).rejects.toMatchObject({ code: 'source/not-found' });
  });
});

describe('hostile', () => {
  const good = dockerEntries([{ tag: 'app:1', layers: [a] }]);
  const replaced = (path: RegExp, content: string) =>
    good.map((entry) => (path.test(entry.path) ? { ...entry, content } : entry));

  test.each([
    ['no list', replaced(/manifest/, '{}'), 'registry/manifest-invalid'],
    ['not JSON', replaced(/manifest/, '['), 'registry/manifest-invalid'],
    ['an entry without layers', replaced(/manifest/, '[{"Config":"x"}]'), 'registry/manifest-invalid'],
    ['no config', replaced(/manifest/, '[{"Config":"../../etc/passwd","Layers":[]}]'), 'source/not-found'],
    ['no image', replaced(/manifest/, '[]'), 'source/not-found'],
    ['neither document', good.slice(0, 2), 'source/not-found'],
    [
      'another number of layers',
      replaced(/manifest/, JSON.stringify([{ Config: good[1]?.path, Layers: [] }])),
      'registry/manifest-invalid',
    ],
    [
      'T26 an entry with Layers and layers',
      replaced(/manifest/, JSON.stringify([{ Config: good[1]?.path, Layers: [good[0]?.path], layers: [] }])),
      'registry/manifest-invalid',
    ],
    [
      'T07 1,001 layers',
      replaced(/manifest/, JSON.stringify([{ Config: good[1]?.path, Layers: Array(1001).fill(good[0]?.path) }])),
      'registry/manifest-invalid',
    ],
    ['T26 two manifest.json', [...good, { path: './manifest.json', content: '[]' }], 'registry/manifest-invalid'],
    ['T27 a config of another digest', replaced(/^[0-9a-f]{64}.json/, configOf([b])), 'archive/digest-mismatch'],
    [
      'a legacy chain that is a loop',
      [
        { path: `${'1'.repeat(64)}/json`, content: JSON.stringify({ id: 1, parent: '1'.repeat(64) }) },
        { path: 'repositories', content: JSON.stringify({ x: { y: '1'.repeat(64) } }) },
      ],
      'registry/manifest-invalid',
    ],
    [
      'a legacy layer document that is no JSON',
      [
        { path: `${'1'.repeat(64)}/json`, content: '{' },
        { path: 'repositories', content: JSON.stringify({ x: { y: '1'.repeat(64) } }) },
      ],
      'registry/manifest-invalid',
    ],
  ])('%s is refused', async (_, entries, code) => {
    await expect(open(entries)).rejects.toMatchObject({ code });
  });

  test('T27 a layer that is not what the config says is told by the pass', async () => {
    expect((await readEntries(await open(replaced(/layer.tar/, layerOf('z').toString('latin1'))))).verified).toBe(
      false,
    );
  });

  test('T02 links that loop or lead out of the archive are absent layers', async () => {
    for (const linkTarget of ['layer.tar', '../../../etc/passwd', '/etc/passwd', '../manifest.json/..']) {
      const entries = good.map((entry) =>
        entry.path.endsWith('layer.tar') ? { path: entry.path, type: 'symlink' as const, linkTarget } : entry,
      );
      expect((await open(entries)).layers[0]?.content.kind, linkTarget).toBe('absent');
    }
  });

  test('T36 a layer that is not there is absent, with its name made inert', async () => {
    const manifest = JSON.stringify([{ Config: good[1]?.path, Layers: ['\u001b[31m'] }]);
    const image = await open(replaced(/manifest/, manifest));
    expect(image.layers[0]?.content).toEqual({
      kind: 'absent',
      damaged: true,
      cause: 'the layer \\u{1b}[31m is not in the archive',
    });
  });

  test('truncated anywhere, it opens or ends in an error of its own', async () => {
    const bytes = writeTar(good);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), fc.boolean(), async (size, compressed) => {
        const cut = compressed ? gzipSync(bytes).subarray(0, size) : bytes.subarray(0, size);
        try {
          const image = await resolveOne(`docker-archive:${fileOf(cut)}`);
          expect((await readEntries(image)).verified).toBe(true);
        } catch (thrown) {
          if (!isPlombeError(thrown)) throw thrown;
        }
      }),
      { numRuns: 60 },
    );
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { PlombeError } from '@plombe/kit';
import { writeTar } from '@plombe/formats/testing';
import { configOf, dockerEntries, fileOf, layerOf, resolve, resolveOne } from './testing/archives.ts';
import { offlineContext, temporaryFolder } from './testing/context.ts';
import { sampleLayout, run } from './testing/sample.ts';
import { resolveSubject } from './resolve.ts';

const docker = writeTar(dockerEntries([{ tag: 'app:1', layers: [layerOf('a')] }]));
const refusal = async (subject: string): Promise<string> => {
  try {
    await resolve(subject);
  } catch (thrown) {
    const { code, message } = thrown as { code?: string; message: string };
    return `${code ?? 'none'}: ${message}`;
  }
  return 'opened';
};

describe('without a prefix', () => {
  test('a path is read by what it holds', async () => {
    const folder = temporaryFolder();
    const layout = await sampleLayout(folder);
    run('tar', '-C', layout, '-cf', `${folder}/layout.tar`, '.');
    mkdirSync(`${folder}/root`);
    const cases: [string, string][] = [
      [layout, 'oci'],
      [`${layout}:sample`, 'oci'],
      [`${folder}/layout.tar`, 'oci'],
      [`${folder}/layout.tar:sample`, 'oci'],
      [`${folder}/root`, 'dir'],
      [fileOf(docker), 'docker-archive'],
      [fileOf(gzipSync(docker)), 'docker-archive'],
      [fileOf(writeTar([{ path: 'bin/sh' }, { path: 'manifest.json' }])), 'tar'],
      [fileOf(gzipSync(writeTar([{ path: 'manifest.webmanifest' }]))), 'tar'],
      [fileOf(writeTar([])), 'tar'],
    ];
    for (const [subject, source] of cases) {
      const image = await resolveOne(subject);
      expect([image.source, image.subject]).toEqual([source, subject]);
    }
  });

  test('a docker archive may call its layers and config anything', async () => {
    const layer = layerOf('a');
    const manifest = [{ Config: 'config.json', RepoTags: ['app:1'], Layers: ['base/layer.tar'] }];
    const named = [
      { path: 'base/layer.tar', content: layer },
      { path: 'config.json', content: configOf([layer]) },
      { path: 'manifest.json', content: JSON.stringify(manifest) },
    ];
    expect((await resolveOne(fileOf(writeTar(named)))).source).toBe('docker-archive');
    const own = Array.from({ length: 400 }, (_, at) => ({ path: `app/${at}` }));
    expect((await resolveOne(fileOf(writeTar([...own, ...named])))).source).toBe('tar');
  });

  test('the remedy is that of the attempt that failed last', async () => {
    const error = new PlombeError('registry/tls', 'x does not speak TLS.', { remedy: 'Use --plain-http.' });
    const registry = { id: 'registry' as const, open: () => Promise.reject(error) };
    await expect(resolve('localhost:5000/x', { registry })).rejects.toMatchObject({ remedy: 'Use --plain-http.' });
    await expect(resolve(fileOf('just text'))).rejects.toMatchObject({
      remedy: expect.stringContaining('build it again') as string,
    });
    const none = { id: 'registry' as const, open: () => Promise.reject(new PlombeError('reference/invalid', 'x')) };
    await expect(resolve('./none', { registry: none })).rejects.toMatchObject({
      remedy: expect.stringContaining('Name the source') as string,
    });
  });

  test('what is no path is asked of the registry, and the error names every attempt', async () => {
    expect(await refusal('alpine:3.17')).toBe(
      'subject/unresolved: "alpine:3.17" could not be read. Tried as a path: there is no file or folder alpine:3.17; as an image in a registry: the registry was asked for alpine:3.17.',
    );
    expect(await refusal('./none')).toContain('Tried as a path: there is no file or folder ./none; as an image');
  });

  test('a path that exists is never looked up in a registry', async () => {
    const path = fileOf('just text');
    expect(await refusal(path)).toMatch(/^subject\/unresolved: .* Tried as an archive: .* is no whole tar archive/);
    const folder = temporaryFolder();
    writeFileSync(`${folder}/oci-layout`, '{}');
    expect(await refusal(folder)).toMatch(/Tried as an OCI layout: .* version 1/);
    expect(await refusal(`${folder.replace(/[^/]*$/, '')}:tag`)).toContain('Tried as a path');
    expect(await refusal(`${fileOf(writeTar([{ path: 'bin/sh' }]))}:tag`)).toContain('holds one root file system');
  });
});

describe('with a prefix', () => {
  test('only that source is asked, and its own error is thrown', async () => {
    expect(await refusal('registry:alpine')).toBe('none: the registry was asked for alpine');
    expect(await refusal('dir:/none')).toMatch(/^source\/not-found/);
    expect(await refusal('oci:/none:tag')).toMatch(/^source\/not-found/);
    expect(await refusal(`docker-archive:${fileOf('x')}`)).toMatch(/^archive\/corrupt/);
    expect((await resolveOne(`dir:${temporaryFolder()}`)).source).toBe('dir');
  });

  test('paths may hold colons', async () => {
    const folder = temporaryFolder();
    mkdirSync(`${folder}/a:b`);
    const layout = await sampleLayout(`${folder}/a:b`);
    expect((await resolveOne(`oci:${layout}:sample`)).source).toBe('oci');
    expect((await resolveOne(`oci:${layout}`)).source).toBe('oci');
  });
});

test('T68 hostile subjects are inert in messages, and long or empty ones are refused', async () => {
  expect(await refusal('./\u001b[31m\n::set-env')).toContain('\\u{1b}[31m\\u{a}::set-env');
  expect(await refusal('')).toMatch(/^subject\/unresolved/);
  expect(await refusal('a'.repeat(6000))).toMatch(/^subject\/unresolved/);
  expect(await refusal('a\0b')).toMatch(/^subject\/unresolved/);
});

test('a cancelled resolution is no failed attempt', async () => {
  const context = offlineContext(AbortSignal.abort());
  const registry = { id: 'registry' as const, open: () => Promise.reject(new Error('no')) };
  await expect(resolveSubject(fileOf(docker), { registry }, context)).rejects.toThrow('aborted');
});

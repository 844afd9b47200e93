import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { writeTar } from '@plombe/formats/testing';
import type { Platform } from '@plombe/model';
import { resolve, resolveOne } from '../../sources/testing/archives.ts';
import { temporaryFolder } from '../../sources/testing/context.ts';
import { hasTool, readEntries, run } from '../../sources/testing/sample.ts';
import type { LayoutImage } from './image.ts';
import { writeLayout } from './write.ts';

const { signal } = new AbortController();
const amd64: Platform = { os: 'linux', architecture: 'amd64' };
const tar = writeTar([{ path: 'etc/motd', content: 'hello' }]);

const blobsOf = (path: string): readonly string[] => readdirSync(`${path}/blobs/sha256`).sort();

describe('writeLayout', () => {
  test.each(['none', 'gzip', 'zstd'] as const)(
    'with compression %s is read back, digests and all',
    async (compression) => {
      const path = temporaryFolder();
      const config = { User: '65532', Env: ['A=1'], Cmd: ['run'], Labels: { a: 'b' } };
      const layers = [
        { tar: [tar], compression, createdBy: 'COPY motd /etc' },
        { tar: [writeTar([])], compression },
      ];
      const [written] = await writeLayout(path, [{ name: 'x', platform: amd64, layers, config }], { signal });
      const image = await resolveOne(`oci:${path}:x`);
      expect(image).toMatchObject({
        digest: written?.digest,
        platform: amd64,
        config: { user: '65532', env: ['A=1'], cmd: ['run'], createdAt: '1970-01-01T00:00:00Z' },
      });
      expect(image.layers.map(({ createdBy }) => createdBy)).toEqual(['COPY motd /etc', undefined]);
      expect(await readEntries(image)).toEqual({ entries: ['0 file etc/motd 5'], verified: true });
      for (const name of blobsOf(path)) {
        expect(
          createHash('sha256')
            .update(readFileSync(`${path}/blobs/sha256/${name}`))
            .digest('hex'),
        ).toBe(name);
      }
    },
  );

  test('writes the same bytes for the same input, however it comes in pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4000 }), async (size) => {
        const pieces = Array.from({ length: Math.ceil(tar.length / size) }, (_, at) =>
          tar.subarray(at * size, (at + 1) * size),
        );
        const [one, two] = [temporaryFolder(), temporaryFolder()];
        await writeLayout(one, [{ platform: amd64, layers: [{ tar: [tar] }] }], { signal });
        await writeLayout(two, [{ platform: amd64, layers: [{ tar: pieces }] }], { signal });
        expect(blobsOf(one)).toEqual(blobsOf(two));
        expect(readFileSync(`${one}/index.json`)).toEqual(readFileSync(`${two}/index.json`));
      }),
      { numRuns: 20 },
    );
  });

  test('images that share a name become one index of platforms', async () => {
    const path = temporaryFolder();
    const platforms: Platform[] = [amd64, { os: 'linux', architecture: 'arm', variant: 'v7' }];
    await writeLayout(
      path,
      platforms.map((platform): LayoutImage => ({ name: 'x', platform, layers: [{ tar: [tar] }] })),
      { signal },
    );
    const images = await resolve(`oci:${path}`, { allPlatforms: true });
    expect(images.map(({ platform }) => platform)).toEqual(platforms);
    expect(new Set(images.map(({ indexDigest }) => indexDigest)).size).toBe(1);
  });

  test('stops at a cancellation', async () => {
    const image = { platform: amd64, layers: [{ tar: [tar] }] };
    await expect(writeLayout(temporaryFolder(), [image], { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  });

  test.skipIf(!hasTool('umoci') || !hasTool('skopeo'))('umoci and skopeo take it', async () => {
    const path = temporaryFolder();
    await writeLayout(`${path}/l`, [{ name: 'x', platform: amd64, layers: [{ tar: [tar] }] }], { signal });
    const stat = JSON.parse(run('umoci', 'stat', '--image', `${path}/l:x`, '--json')) as { history: object[] };
    expect(stat.history).toHaveLength(1);
    expect(JSON.parse(run('skopeo', 'inspect', `oci:${path}/l:x`))).toMatchObject({
      Architecture: 'amd64',
      Os: 'linux',
    });
  });
});

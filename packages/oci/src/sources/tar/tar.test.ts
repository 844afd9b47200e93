import { spawnSync } from 'node:child_process';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { writeTar } from '@plombe/formats/testing';
import { sharedPath } from '@plombe/kit/testing';
import { fileOf, resolve, resolveOne } from '../testing/archives.ts';
import { readEntries, run } from '../testing/sample.ts';

const root = writeTar([
  { path: './', type: 'directory' },
  { path: './etc/os-release', content: 'ID=x\n' },
]);

describe('tar', () => {
  test.each([
    ['tar', root],
    ['tar+gzip', gzipSync(root)],
    ['tar+zstd', zstdCompressSync(root)],
    ...['xz', 'bzip2'].flatMap((program): [string, Buffer][] => {
      const { error, stdout } = spawnSync(program, ['-c'], { input: root });
      if (error !== undefined) console.warn(`skipped: ${program} is not installed`);
      return error === undefined ? [[`tar+${program}`, stdout]] : [];
    }),
  ])('%s is told by its bytes, not its name', async (suffix, bytes) => {
    const image = await resolveOne(`tar:${fileOf(bytes, 'rootfs.bin')}`);
    expect(image.layers[0]).toMatchObject({
      mediaType: `application/vnd.oci.image.layer.v1.${suffix}`,
      sizeBytes: bytes.length,
      content: { literalNames: true },
    });
    expect((await readEntries(image)).entries).toContain('0 file etc/os-release 5');
  });

  test.each([
    ['no tar', Buffer.from('PK\u0003\u0004'.padEnd(600, 'x'), 'latin1'), 'archive/corrupt'],
    ['a tar cut in its first header', root.subarray(0, 300), 'archive/corrupt'],
    ['nothing', Buffer.alloc(0), 'archive/corrupt'],
    ['lz4', Buffer.from([0x04, 0x22, 0x4d, 0x18, 0, 0, 0, 4]), 'archive/unsupported'],
    ['damaged xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]), 'archive/corrupt'],
    ['damaged gzip', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7]), 'archive/corrupt'],
  ])('refuses %s', async (_, bytes, code) => {
    await expect(resolve(`tar:${fileOf(bytes)}`)).rejects.toMatchObject({ code });
  });

  test('refuses what is no regular file, without waiting for it', async () => {
    const path = fileOf('', 'fifo').replace('fifo', 'pipe');
    run('mkfifo', path);
    await expect(resolve(`tar:${path}`)).rejects.toMatchObject({ code: 'source/unreadable' });
    await expect(resolve('tar:/')).rejects.toMatchObject({ code: 'source/unreadable' });
    await expect(resolve(`tar:${path}.none`)).rejects.toMatchObject({ code: 'source/not-found' });
  });

  const alpine = sharedPath('images/alpine-minirootfs-3.17.10-x86_64.tar.gz');
  test.skipIf(alpine === undefined)('a real root file system has as many entries as GNU tar lists', async () => {
    const image = await resolveOne(alpine ?? '');
    const listed = run('tar', '-tzf', alpine ?? '')
      .trim()
      .split('\n').length;
    const { entries, verified } = await readEntries(image);
    expect([image.source, verified]).toEqual(['tar', true]);
    // `./` itself is no entry of a layer.
    expect(entries.length).toBe(listed - 1);
  });
});

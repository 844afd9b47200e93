import { spawnSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { isPlombeError } from '@plombe/kit';
import { tarHeader, writeTar } from '@plombe/formats/testing';
import { fileOf } from '../testing/archives.ts';
import { temporaryFolder } from '../testing/context.ts';
import { openArchive } from './archive-members.ts';
import { readMember } from './members.ts';

const options = { signal: new AbortController().signal, anyKind: false };
const read = async (path: string, name: string, maxBytes = 1e9): Promise<string> =>
  Buffer.from(await readMember((await openArchive(path, options)).members, name, maxBytes, options)).toString();

describe('archives', () => {
  test.each(['ustar', 'gnu', 'pax', 'v7'])('GNU tar, format %s, plain and compressed', async (format) => {
    const folder = temporaryFolder();
    const long = format === 'v7' ? 'short' : `${'d'.repeat(60)}/${'n'.repeat(90)}`;
    const script = `mkdir -p $(dirname ${long}) blobs && printf one > ${long} && printf two > blobs/b && ln blobs/b hard && ln -s blobs/b soft &&
      tar --format=${format} -cf a.tar ${long} blobs hard soft && gzip -k a.tar`;
    expect(spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' }).stderr).toBe('');
    for (const file of ['a.tar', 'a.tar.gz']) {
      for (const [name, content] of [
        [long, 'one'],
        ['blobs/b', 'two'],
        ['hard', 'two'],
        ['soft', 'two'],
      ] as const) {
        expect(await read(`${folder}/${file}`, name), `${file} ${name}`).toBe(content);
      }
    }
  });

  test('members over 1 MiB of a compressed archive are read from it again, as often as wanted', async () => {
    const large = Buffer.alloc(3_000_001, 'abc');
    const path = fileOf(
      gzipSync(
        writeTar([
          { path: 'a', content: large },
          { path: 'b', content: Buffer.alloc(2_000_000, 'd') },
        ]),
      ),
    );
    expect(await read(path, 'a')).toBe(large.toString());
    const { members } = await openArchive(path, options);
    for (let i = 0; i < 2; i++) expect((await readMember(members, 'b', 1e9, options)).length).toBe(2_000_000);
    await expect(readMember(members, 'a', 1000, options)).rejects.toMatchObject({ code: 'registry/manifest-invalid' });
  });

  test('files of a compressed archive in any order, at the same time and given up half way', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const entries = names.map((name, at) => ({ path: name, content: Buffer.alloc(1_100_000 + at * 700_001, name) }));
    const { members } = await openArchive(fileOf(gzipSync(writeTar(entries))), options);
    const expectWhole = async (name: string): Promise<void> => {
      const bytes = Buffer.from(await readMember(members, name, 1e9, options));
      expect(bytes.equals(entries[names.indexOf(name)]?.content ?? bytes), name).toBe(true);
    };
    for (const name of ['a', 'b', 'd', 'c', 'a', 'd']) await expectWhole(name);
    await Promise.all(['d', 'a', 'c', 'b', 'b'].map(expectWhole));
    for await (const chunk of members.open('c', options)) if (chunk.length > 0) break;
    const aborted = AbortSignal.abort();
    await expect(readMember(members, 'd', 1e9, { signal: aborted })).rejects.toThrow('aborted');
    await expectWhole('d');
    await members.close();
    await expectWhole('b');
    await members.close();
  });

  test('files over 8 GiB are found without reading them (sparse file)', async () => {
    const folder = temporaryFolder();
    const size = 9 * 2 ** 30;
    writeFileSync(`${folder}/a.tar`, tarHeader({ name: Buffer.from('big'), type: '0', sizeBytes: size }));
    truncateSync(`${folder}/a.tar`, 512 + size);
    writeFileSync(`${folder}/a.tar`, writeTar([{ path: 'after', content: 'found' }]), { flag: 'a' });
    expect(await read(`${folder}/a.tar`, 'after')).toBe('found');
  });
});

describe('archives, hostile', () => {
  test('T01 names with .. are no members', async () => {
    const path = fileOf(
      writeTar([
        { path: '../x', content: 'a' },
        { path: '/y', content: 'b' },
        { path: 'a/../../z', content: 'c' },
      ]),
    );
    const { members } = await openArchive(path, options);
    expect(['../x', 'x', 'y', 'z', 'a/../../z'].map((name) => members.sizeOf(name))).toEqual([
      undefined,
      undefined,
      1,
      undefined,
      undefined,
    ]);
  });

  test('T05 a bomb ends at the ratio limit', async () => {
    const zeros = gzipSync(Buffer.alloc(64 * 2 ** 20), { level: 9 });
    const header = gzipSync(tarHeader({ name: Buffer.from('a'), type: '0', sizeBytes: 2 ** 40 }));
    const path = fileOf(Buffer.concat([header, ...Array<Buffer>(8).fill(zeros)]));
    await expect(openArchive(path, options)).rejects.toMatchObject({ code: 'archive/limit' });
  });

  test.each([
    [
      'a header longer than 64 KiB',
      tarHeader({ name: Buffer.from('x'), type: 'x', sizeBytes: 2 ** 31 }),
      'archive/limit',
    ],
    ['a size beyond the end', tarHeader({ name: Buffer.from('x'), type: '0', sizeBytes: 2 ** 40 }), 'archive/corrupt'],
    ['a wrong check sum', writeTar([{ path: 'x' }]).fill(7, 0, 3), 'archive/corrupt'],
    [
      'a PAX record that lies about its length',
      writeTar([{ path: 'x', pax: { path: 'y' } }]).fill('9', 512, 514),
      'archive/corrupt',
    ],
  ])('T07 %s', async (_, bytes, code) => {
    await expect(openArchive(fileOf(bytes), options)).rejects.toMatchObject({ code });
  });

  test('T07 100,001 entries', async () => {
    const one = writeTar([{ path: 'x' }]).subarray(0, 512);
    await expect(openArchive(fileOf(Buffer.alloc(512 * 100_002, one)), options)).rejects.toMatchObject({
      code: 'archive/limit',
    });
  });

  test('any change of a byte ends in an index or an error of its own', async () => {
    const bytes = writeTar([
      { path: 'n'.repeat(120), content: 'x' },
      { path: 'link', type: 'symlink', linkTarget: 'l'.repeat(120) },
    ]);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), async (at, value) => {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        try {
          await openArchive(fileOf(changed), options);
        } catch (thrown) {
          if (!isPlombeError(thrown)) throw thrown;
        }
      }),
      { numRuns: 200 },
    );
  });
});

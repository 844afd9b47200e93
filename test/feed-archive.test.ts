// A database from an archive of feeds is the one from the folder, and nothing is left beside it.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTar } from '@plombe/formats/testing';
import { beforeAll, expect, it } from 'vitest';
import { writeFeeds } from './support/feeds.ts';
import { installed, temporaryFolder } from './support/plombe.ts';

const home = temporaryFolder();
const plombe = installed(home);

interface Status {
  readonly shards: readonly {
    readonly id: string;
    readonly records: number;
    readonly digest: string;
    readonly fetchedAt: string;
  }[];
}

const status = async (db: string): Promise<Status> =>
  JSON.parse((await plombe(['db', 'status', '--db', db, '-o', 'json'])).stdout) as Status;

beforeAll(async () => {
  // Some days old: the times in the archive say so.
  writeFeeds(join(home, 'feeds'), 3);
  expect((await plombe(['db', 'build', '--from', 'feeds', '--db', 'dbs/folder'])).code).toBe(0);
});

it.each([
  ['feeds.tar', ['-cf', 'feeds.tar', '-C', 'feeds', '.']],
  ['feeds.tar.gz', ['-czf', 'feeds.tar.gz', '-C', 'feeds', 'alpine-secdb', 'kev', 'osv']],
  ['outer.tar.gz', ['-czf', 'outer.tar.gz', 'feeds']],
  ['feeds.txz', ['-cJf', 'feeds.txz', 'feeds']],
])('%s', async (archive, args) => {
  expect(spawnSync('tar', args, { cwd: home }).status).toBe(0);
  const { code, stderr } = await plombe(['db', 'build', '--from', archive, '--db', `dbs/${archive}`]);
  expect([code, stderr]).toEqual([0, '']);
  const told = (await status(`dbs/${archive}`)).shards.map(({ id, records, digest }) => [id, records, digest]);
  const { shards } = await status('dbs/folder');
  expect(told.map(([id, records]) => [id, records])).toEqual(shards.map(({ id, records }) => [id, records]));
  const ages = (await status(`dbs/${archive}`)).shards.map(({ fetchedAt }) => fetchedAt.slice(0, 19));
  expect(ages).toEqual(shards.map(({ fetchedAt }) => fetchedAt.slice(0, 19)));
  expect(readdirSync(join(home, 'dbs')).filter((name) => name.startsWith('.'))).toEqual([]);
});

it('what is cut off, is no archive or leads outside is refused or stays inside, and leaves nothing behind', async () => {
  spawnSync('tar', ['-cf', 'cut.tar', 'feeds'], { cwd: home });
  truncateSync(join(home, 'cut.tar'), readFileSync(join(home, 'cut.tar')).length - 20_000);
  writeFileSync(join(home, 'no.json'), '{}');
  for (const archive of ['cut.tar', 'no.json']) {
    const { code, stderr } = await plombe(['db', 'build', '--from', archive, '--db', 'dbs/none']);
    expect([code, stderr]).toEqual([4, expect.stringContaining(`${archive} is no folder, and cannot be unpacked`)]);
  }
  writeFileSync(join(home, 'escape.tar'), writeTar([{ path: '../../escaped/osv/npm/a.json', content: '{}' }]));
  await plombe(['db', 'build', '--from', 'escape.tar', '--db', 'dbs/none']);
  expect(readdirSync(home)).not.toContain('escaped');
  expect(readdirSync(join(home, 'dbs')).filter((name) => name.startsWith('.'))).toEqual([]);
});

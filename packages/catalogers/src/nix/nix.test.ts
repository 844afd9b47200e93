// Nix's store: names and versions, the database, a store without one; hostile; and what Nix itself says.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { nixCataloger } from './index.ts';
import { packageOfStorePath, splitName } from './names.ts';

const hash = '01q2y1zs5b01h8dffpvqfcdm7k407z6w';
const store = (name: string): string => `/nix/store/${hash}-${name}`;
const work = mkdtempSync(join(tmpdir(), 'plombe-nix-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function database(...rows: readonly (readonly [path: string, deriver: string | null])[]): Uint8Array {
  const file = join(work, 'db.sqlite');
  rmSync(file, { force: true });
  const db = new DatabaseSync(file);
  db.exec(
    'create table ValidPaths (id integer primary key autoincrement not null, path text unique not null, hash text not null, registrationTime integer not null, deriver text, narSize integer, ultimate integer, sigs text, ca text)',
  );
  const insert = db.prepare(
    "insert into ValidPaths (path, hash, registrationTime, deriver) values (?, 'sha256:x', 1, ?)",
  );
  for (const [path, deriver] of rows) insert.run(path, deriver);
  db.close();
  return readFileSync(file);
}

const path = 'nix/var/nix/db/db.sqlite';
const content = database(
  [store('openssl-3.0.14'), store('openssl-3.0.14.drv')],
  [`/nix/store/${hash.replace('01', '02')}-openssl-3.0.14-bin`, store('openssl-3.0.14.drv')],
  [store('openssl-3.0.14.drv'), null],
  [store('openssl-3.0.14.tar.gz'), null],
  [store('hello-2.12.1'), null],
);
const catalog = (specs: FileSpecs) => nixCataloger.catalog(viewOf(specs, nixCataloger), {});

catalogerContract(nixCataloger, { [path]: content, [`nix/store/${hash}-curl-8.11.0-bin/bin/curl`]: 'x' });

test('packages of the database and of the store, each once', () => {
  const { packages, diagnostics, complete } = catalog({
    [path]: content,
    [`nix/store/${hash}-hello-2.12.1/bin/hello`]: 'x',
    [`nix/store/${hash}-curl-8.11.0-bin/bin/curl`]: 'x',
    [`nix/store/${hash}-curl-8.11.0-bin/share/doc/readme`]: 'x',
  });
  expect(packages.map((found) => [found.name, found.version, found.paths[0]])).toEqual([
    ['openssl', '3.0.14', path],
    ['hello', '2.12.1', path],
    ['curl', '8.11.0', `nix/store/${hash}-curl-8.11.0-bin/bin/curl`],
  ]);
  expect(packages[0]).toEqual({
    type: 'nix',
    namespace: 'nixpkgs',
    name: 'openssl',
    version: '3.0.14',
    licences: [],
    paths: [path],
  });
  expect([diagnostics, complete]).toEqual([[], true]);
});

test.each([
  ['python3.11-requests-2.31.0', { name: 'python3.11-requests', version: '2.31.0' }],
  ['glibc-2.40-36-dev', { name: 'glibc', version: '2.40-36' }],
  ['gcc-13.3.0-libgcc', { name: 'gcc', version: '13.3.0' }],
  ['nss-cacert-3.107', { name: 'nss-cacert', version: '3.107' }],
  ['stdenv-linux', undefined],
  ['0001-fix.patch', undefined],
  ['curl-8.11.0.tar.xz', undefined],
  ['go1.22.3.linux-amd64.tar.gz', undefined],
])('the package of %s', (name, expected) => {
  expect(packageOfStorePath(store(name), undefined)).toEqual(expected);
});

describe('T13 T14 T15 hostile databases', () => {
  test.each([
    ['no database', Buffer.from('nothing')],
    ['half of one', content.subarray(0, content.length / 2)],
  ])('%s is reported, the store is read all the same', (_title, broken) => {
    const { packages, complete, diagnostics } = catalog({
      [path]: broken,
      [`nix/store/${hash}-curl-8.11.0/lib/libcurl.so.4`]: 'x',
    });
    expect(packages.map(({ name }) => name)).toContain('curl');
    expect(complete).toBe(false);
    expect(diagnostics[0]?.code).toBe('package/database-corrupt');
  });

  test.each([
    '/nix/store/short-a-1',
    '/nix/store/../../etc/a-1',
    `${store('a-1')}/bin/x`,
    store('a b-1'),
    `/tmp${store('a-1')}`,
  ])('%s is no store path', (text) => {
    expect(packageOfStorePath(text, undefined)).toBeUndefined();
  });
});

const environment = { HOME: work, PATH: '/usr/bin:/bin', NIX_CONFIG: 'build-users-group =\nsubstituters =' };
const hasNix = spawnSync('nix-instantiate', ['--version'], { stdio: 'ignore', env: environment }).status === 0;
if (!hasNix) console.warn('SKIPPED: there is no Nix on this machine, its names and its database were not compared');

describe.skipIf(!hasNix)('Nix itself', () => {
  test('splits 5,000 names alike', { timeout: 60_000 }, () => {
    const piece = fc.constantFrom('a', 'foo', 'B2', '+', '_', '-', '1', '2.0', '.', 'rc', '-bin', '-1', '3a');
    const texts = fc.sample(
      fc.array(piece, { minLength: 1, maxLength: 7 }).map((parts) => parts.join('')),
      { numRuns: 5000, seed: 1 },
    );
    const file = join(work, 'names.nix');
    writeFileSync(file, `map builtins.parseDrvName ${`[${texts.map((text) => JSON.stringify(text)).join(' ')}]`}`);
    const settings = ['--eval', '--strict', '--json', '--store', join(work, 'empty'), file];
    const run = spawnSync('nix-instantiate', settings, { encoding: 'utf8', env: environment, maxBuffer: 1 << 26 });
    expect(run.status, run.stderr).toBe(0);
    expect(texts.map(splitName)).toEqual(JSON.parse(run.stdout));
  });

  test('writes a database that is read whole', { timeout: 60_000 }, () => {
    const root = join(work, 'root');
    for (const name of ['hello-2.12.1', 'python3.11-requests-2.31.0', 'notes']) {
      mkdirSync(join(work, name, 'bin'), { recursive: true });
      writeFileSync(join(work, name, 'bin', 'tool'), name);
      const run = spawnSync('nix-store', ['--store', root, '--add', join(work, name)], {
        encoding: 'utf8',
        env: environment,
      });
      expect(run.status, run.stderr).toBe(0);
    }
    const { packages, complete } = catalog({ [path]: readFileSync(join(root, path)) });
    expect(complete).toBe(true);
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'hello 2.12.1',
      'python3.11-requests 2.31.0',
    ]);
  });
});

// Snaps: what they are, what they are made of; hostile; and the table that dpkg itself writes.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { snapCataloger } from './index.ts';
import { readDpkgList, readSnap } from './parse.ts';

const app = `name: hello-world
version: '6.4'
summary: Says hello # not a comment that counts
architectures:
- amd64
base: core22
apps:
  hello:
    command: bin/hello
    name: other
`;
const manifest = `name: hello-world
parts:
  hello:
    stage-packages:
    - not-primed=1.0
primed-stage-packages:
- libssl3=3.0.2-0ubuntu1.18
- libc6:amd64=2.35-0ubuntu3.8
type: app
`;
const base = 'name: core22\nversion: 20240904\ntype: base\narchitectures: [amd64]\n';
const list = `Desired=Unknown/Install/Remove/Purge/Hold
| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend
||/ Name           Version             Architecture Description
+++-==============-===================-============-===========
ii  bash           5.1-6ubuntu1.1      amd64        GNU Bourne Again SHell
ii  libc6:amd64    2.35-0ubuntu3.8     amd64        GNU C Library: Shared libraries
rc  gone           1.0                 amd64        removed
`;
const example = {
  'snap/hello-world/29/meta/snap.yaml': app,
  'snap/hello-world/29/snap/manifest.yaml': manifest,
  'snap/core22/1612/meta/snap.yaml': base,
  'snap/core22/1612/usr/share/snappy/dpkg.list': list,
};
const catalog = (specs: FileSpecs) => snapCataloger.catalog(viewOf(specs, snapCataloger), {});

catalogerContract(snapCataloger, example);

test('snaps and their packages', () => {
  const { packages, diagnostics, complete } = catalog(example);
  expect(packages.map(({ type, name, version }) => [type, name, version])).toEqual([
    ['generic', 'core22', '20240904'],
    ['deb', 'bash', '5.1-6ubuntu1.1'],
    ['deb', 'libc6', '2.35-0ubuntu3.8'],
    ['generic', 'hello-world', '6.4'],
    ['deb', 'libssl3', '3.0.2-0ubuntu1.18'],
    ['deb', 'libc6', '2.35-0ubuntu3.8'],
  ]);
  expect(packages[0]).toEqual({
    type: 'generic',
    namespace: 'snap',
    name: 'core22',
    version: '20240904',
    architecture: 'amd64',
    licences: [],
    paths: ['snap/core22/1612/meta/snap.yaml'],
    facts: { kind: 'base' },
  });
  expect(packages[4]).toEqual({
    type: 'deb',
    namespace: 'ubuntu',
    name: 'libssl3',
    version: '3.0.2-0ubuntu1.18',
    architecture: 'amd64',
    qualifiers: { distro: 'ubuntu-22.04' },
    source: { name: 'openssl', version: '3.0.2-0ubuntu1.18' },
    licences: [],
    paths: ['snap/hello-world/29/snap/manifest.yaml'],
    facts: { snap: 'hello-world 6.4' },
  });
  expect([diagnostics, complete]).toEqual([[], true]);
});

test.each([
  ['name: a\nversion: 1\n', '16.04'],
  ['name: a\nversion: 1\nbase: core24\n', '24.04'],
  ['name: a\nversion: 1\nbase: bare\n', undefined],
  ['name: core18\nversion: 1\ntype: base\n', '18.04'],
  ['name: core\nversion: 16-2.61\ntype: os\n', '16.04'],
])('the release of %j is %s', (text, release) => {
  expect(readSnap(text)?.release).toBe(release);
});

describe('T15 hostile files', () => {
  test.each([
    ['no name', 'version: 1\n'],
    ['a name with a slash', 'name: ../x\nversion: 1\n'],
    ['a version with a space', 'name: a\nversion: 1 2\n'],
    ['aliases', 'a: &a [1]\nb: [*a, *a]\n'],
  ])('%s is reported', (_title, broken) => {
    const { packages, complete, diagnostics } = catalog({ ...example, 'snap/hello-world/29/meta/snap.yaml': broken });
    expect(packages).toHaveLength(3);
    expect(complete).toBe(false);
    expect(diagnostics).toHaveLength(1);
  });

  test('a file of that name that is no snap is passed over; an unknown source is named', () => {
    expect(catalog({ 'srv/meta/snap.yaml': 'hello: world\n' })).toMatchObject({ packages: [], complete: true });
    const odd = list.replace('bash ', 'oddd ');
    expect(
      catalog({ ...example, 'snap/core22/1612/usr/share/snappy/dpkg.list': odd }).diagnostics[0]?.message,
    ).toContain('oddd');
  });
});

const dpkg = spawnSync('dpkg', ['-l'], { encoding: 'utf8', env: { ...process.env, COLUMNS: '400' } });
if (dpkg.status !== 0) console.warn('SKIPPED: no dpkg, its own table was not read');

describe.skipIf(dpkg.status !== 0)('dpkg -l', () => {
  test('lists what dpkg-query says', () => {
    const query = ['-W', '-f', '${db:Status-Status} ${Package} ${Version} ${Architecture}\\n'];
    const installed = spawnSync('dpkg-query', query, { encoding: 'utf8' })
      .stdout.split('\n')
      .filter((line) => line.startsWith('installed '));
    const found = readDpkgList(dpkg.stdout).map((one) => `installed ${one.name} ${one.version} ${one.architecture}`);
    expect(found.sort()).toEqual(installed.sort());
  });
});

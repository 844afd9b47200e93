// The rpm cataloger on databases made by code, on real ones, and on manifests.
import {
  hashFile,
  insertPackages,
  ndbFile,
  rpmHeaderBlob,
  sqliteFile,
  sqliteFiles,
  type RpmSpec,
} from '@plombe/formats/testing/rpm';
import { sharedPath } from '@plombe/kit/testing';
import type { Distribution } from '@plombe/model';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CatalogResult } from '../cataloger.ts';
import { catalogerContract } from '../testing/contract.ts';
import { viewOf, type FileSpecs } from '../testing/view.ts';
import { rpmCataloger } from './index.ts';

const azure: Distribution = { id: 'azurelinux', versionId: '3.0', evidencePath: 'etc/os-release' };
const bash: RpmSpec = {
  name: 'bash',
  version: '5.2.15',
  release: '3.azl3',
  architecture: 'x86_64',
  sourceRpm: 'bash-5.2.15-3.azl3.src.rpm',
  vendor: 'Microsoft Corporation',
  licence: 'GPLv3',
  files: ['/usr/bin/bash', '/usr/share/doc/bash/README', '/etc/skel/.bashrc'],
};
const nginx: RpmSpec = {
  name: 'nginx',
  version: '1.14.1',
  release: '9.module+el8',
  epoch: 1,
  architecture: 'aarch64',
  sourceRpm: 'nginx-1.14.1-9.module+el8.src.rpm',
  modularityLabel: 'nginx:1.14:8000020190830002848:f8e95b4e',
  files: ['/usr/sbin/nginx'],
};

function catalog(files: FileSpecs, distribution?: Distribution): CatalogResult {
  return rpmCataloger.catalog(viewOf(files, rpmCataloger), (distribution && { distribution }) || {});
}

const database = (...specs: RpmSpec[]): Uint8Array => sqliteFile(specs.map(rpmHeaderBlob));
const names = (result: CatalogResult): string[] => result.packages.map((p) => `${p.name}@${p.version}`);
const row =
  'busybox\t1.35.0-6.cm2\t1664414158\t1654844204\tMicrosoft Corporation\t(none)\t3512551\tx86_64\t0\tbusybox-1.35.0-6.cm2.src.rpm';

catalogerContract(rpmCataloger, {
  'var/lib/rpm/rpmdb.sqlite': database(bash),
  'var/lib/rpm/Packages': hashFile([rpmHeaderBlob(nginx)]),
  'usr/lib/sysimage/rpm/Packages.db': ndbFile([rpmHeaderBlob({ name: 'a', version: '1', release: '1' })]),
});
catalogerContract(rpmCataloger, { 'var/lib/rpmmanifest/container-manifest-2': `${row}\n` });

test('a package has all that the database says of it', () => {
  const { packages, diagnostics, owners, complete } = catalog(
    { 'var/lib/rpm/rpmdb.sqlite': database(bash, nginx) },
    azure,
  );
  expect({ diagnostics, complete }).toEqual({ diagnostics: [], complete: true });
  expect(packages).toEqual([
    {
      type: 'rpm',
      namespace: 'azurelinux',
      name: 'bash',
      version: '5.2.15-3.azl3',
      architecture: 'x86_64',
      qualifiers: { upstream: 'bash-5.2.15-3.azl3.src.rpm' },
      source: { name: 'bash', version: '5.2.15-3.azl3' },
      licences: ['GPL-3.0-only'],
      vendor: 'Microsoft Corporation',
      paths: ['var/lib/rpm/rpmdb.sqlite'],
    },
    {
      type: 'rpm',
      namespace: 'azurelinux',
      name: 'nginx',
      version: '1:1.14.1-9.module+el8',
      architecture: 'aarch64',
      qualifiers: { epoch: '1', upstream: 'nginx-1.14.1-9.module+el8.src.rpm', rpmmod: nginx.modularityLabel },
      source: { name: 'nginx', version: '1:1.14.1-9.module+el8' },
      licences: [],
      modularity: nginx.modularityLabel,
      paths: ['var/lib/rpm/rpmdb.sqlite'],
    },
  ]);
  expect([...(owners ?? [])]).toEqual([
    ['usr/bin/bash', 0],
    ['usr/sbin/nginx', 1],
  ]);
});

test('owners know the places of before the merge of /usr, and the first package that lists a path', () => {
  const first = { ...bash, files: ['/bin/bash', '/usr/bin/shared', '/sbin/both'] };
  const second = { ...nginx, files: ['/usr/bin/shared', '/usr/sbin/both', '/boot/x'] };
  const { owners } = catalog({ 'var/lib/rpm/rpmdb.sqlite': database(first, second) });
  expect(Object.fromEntries(owners ?? [])).toEqual({
    'bin/bash': 0,
    'usr/bin/bash': 0,
    'usr/bin/shared': 0,
    'sbin/both': 0,
    'usr/sbin/both': 1,
    'boot/x': 1,
  });
});

test.each([
  ['rhel', 'redhat'],
  ['opensuse-leap', 'opensuse'],
  ['sles', 'sles'],
  ['mariner', 'mariner'],
])('the purl namespace of %s is %s', (id, namespace) => {
  const result = catalog({ 'var/lib/rpm/rpmdb.sqlite': database(bash) }, { id, evidencePath: 'etc/os-release' });
  expect(result.packages[0]?.namespace).toBe(namespace);
});

test('without a distribution there is no namespace', () => {
  expect(catalog({ 'var/lib/rpm/rpmdb.sqlite': database(bash) }).packages[0]).not.toHaveProperty('namespace');
});

test.each(['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm'])(
  'a database in %s is found, in each format',
  (folder) => {
    const blobs = [rpmHeaderBlob(bash)];
    const files = { 'rpmdb.sqlite': sqliteFile(blobs), Packages: hashFile(blobs), 'Packages.db': ndbFile(blobs) };
    for (const [name, bytes] of Object.entries(files)) {
      expect(names(catalog({ [`${folder}/${name}`]: bytes }))).toEqual(['bash@5.2.15-3.azl3']);
    }
  },
);

test('two databases are read both, and a package in both is one', () => {
  const files = {
    'var/lib/rpm/Packages': hashFile([bash, nginx].map(rpmHeaderBlob)),
    'var/lib/rpm/rpmdb.sqlite': database(nginx),
  };
  expect(names(catalog(files))).toEqual(['bash@5.2.15-3.azl3', 'nginx@1:1.14.1-9.module+el8']);
});

test('the same package of two architectures or versions is two', () => {
  const i686 = { ...bash, architecture: 'i686' };
  const older = { ...bash, release: '1.azl3' };
  expect(catalog({ 'var/lib/rpm/rpmdb.sqlite': database(bash, i686, older) }).packages).toHaveLength(3);
});

test('keys are no packages', () => {
  const key = { name: 'gpg-pubkey', version: 'be1229cf', release: '5631588c', sourceRpm: '(none)' };
  expect(names(catalog({ 'var/lib/rpm/rpmdb.sqlite': database(key, bash) }))).toEqual(['bash@5.2.15-3.azl3']);
});

test('the write-ahead log beside a database counts', () => {
  const { file, wal } = sqliteFiles((db) => {
    db.exec('PRAGMA journal_mode=wal');
    insertPackages(db, [rpmHeaderBlob(bash)]);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    insertPackages(db, [rpmHeaderBlob(nginx)], 2);
  });
  expect(catalog({ 'var/lib/rpm/rpmdb.sqlite': file }).packages).toHaveLength(1);
  expect(catalog({ 'var/lib/rpm/rpmdb.sqlite': file, 'var/lib/rpm/rpmdb.sqlite-wal': wal }).packages).toHaveLength(2);
});

test('the epoch of a source is that of the package with the source version', () => {
  const sourceRpm = 'perl-5.34.1-489.src.rpm';
  const { packages } = catalog({
    'var/lib/rpm/rpmdb.sqlite': database(
      { name: 'perl-B', version: '1.82', release: '489', sourceRpm },
      { name: 'perl-libs', version: '5.34.1', release: '489', epoch: 4, sourceRpm },
    ),
  });
  expect(packages.map((p) => [p.version, p.source?.version])).toEqual([
    ['1.82-489', '4:5.34.1-489'],
    ['4:5.34.1-489', '4:5.34.1-489'],
  ]);
});

describe('a broken database', () => {
  const bytes = hashFile([bash, nginx].map(rpmHeaderBlob));

  test('T13 cut short: what could be read stays, and the result is not complete', () => {
    const { packages, diagnostics, complete } = catalog({ 'var/lib/rpm/Packages': bytes.subarray(0, 3 * 4096) });
    expect(packages.map((p) => p.name)).toEqual(['bash']);
    expect(complete).toBe(false);
    expect(diagnostics[0]).toMatchObject({
      code: 'package/database-corrupt',
      level: 'error',
      path: 'var/lib/rpm/Packages',
    });
  });

  test.each(['', 'no database'])('"%s" is not an empty one', (content) => {
    expect(catalog({ 'var/lib/rpm/Packages': content })).toMatchObject({ packages: [], complete: false });
  });

  test('T13 a package without a release is left out and told', () => {
    const result = catalog({ 'var/lib/rpm/rpmdb.sqlite': database({ ...bash, release: '' }, nginx) });
    expect(names(result)).toEqual(['nginx@1:1.14.1-9.module+el8']);
    expect(result.diagnostics.map((d) => d.message)).toEqual([
      'rpm database /var/lib/rpm/rpmdb.sqlite: a package has no name, version or release',
    ]);
  });

  test('T13 a file list that grows without end on few bytes is cut and told', () => {
    const files = Array.from({ length: 100_000 }, () => `/usr/share/${'d'.repeat(4000)}/f`);
    const result = catalog({ 'var/lib/rpm/rpmdb.sqlite': database({ ...bash, files }, nginx) });
    expect(names(result)).toEqual(['bash@5.2.15-3.azl3', 'nginx@1:1.14.1-9.module+el8']);
    expect(result).toMatchObject({ complete: false, diagnostics: [{ message: /file lists are larger/ }] });
    expect(result.owners?.size).toBe(0);
  });

  test('T11 a link from a database to a place that is not read is told', () => {
    const astray = catalog({ 'var/lib/rpm': { link: '/opt/.hidden' } });
    expect(astray).toMatchObject({ complete: false, diagnostics: [{ path: 'var/lib/rpm' }] });
    const known = catalog({ 'var/lib/rpm': { link: '../../usr/lib/sysimage/rpm' } });
    expect(known).toMatchObject({ complete: true, diagnostics: [] });
  });
});

describe('container manifests', () => {
  const second = 'var/lib/rpmmanifest/container-manifest-2';
  const first = 'var/lib/rpmmanifest/container-manifest-1';

  test('the second has source, vendor and epoch', () => {
    const content = `${row}\nopenssl\t3.3.0-1.azl3\t1\t1\t(none)\t2\t1\taarch64\t2\t(none)\ngpg-pubkey\ta-b\t1\t1\t(none)\t(none)\t0\t(none)\t0\t(none)\n`;
    expect(catalog({ [second]: content }, azure)).toMatchObject({
      complete: true,
      diagnostics: [],
      packages: [
        {
          namespace: 'azurelinux',
          name: 'busybox',
          version: '1.35.0-6.cm2',
          architecture: 'x86_64',
          source: { name: 'busybox', version: '1.35.0-6.cm2' },
          vendor: 'Microsoft Corporation',
          paths: [second],
        },
        { name: 'openssl', version: '2:3.3.0-1.azl3', architecture: 'aarch64', qualifiers: { epoch: '2' } },
      ],
    });
  });

  test.each([
    ['bash-5.1.8-1.cm2.x86_64', 'bash', '5.1.8-1.cm2'],
    ['ca-certificates-base-2.0.0-10.cm2.noarch', 'ca-certificates-base', '2.0.0-10.cm2'],
    ['bash.5.1.8-1.cm2.x86_64', 'bash', '5.1.8-1.cm2'],
  ])('the first is weak evidence: %s', (line, name, version) => {
    const { packages } = catalog({ [first]: `${line}\n` });
    expect(packages).toMatchObject([{ name, version, weak: true, architecture: line.split('.').at(-1) }]);
  });

  test('the second counts before the first, and a database before both', () => {
    const files = { [first]: 'a-1-1.noarch\n', [second]: `${row}\r\n` };
    expect(names(catalog(files))).toEqual(['busybox@1.35.0-6.cm2']);
    expect(names(catalog({ ...files, 'var/lib/rpm/rpmdb.sqlite': database(bash) }))).toEqual(['bash@5.2.15-3.azl3']);
  });

  test('T15 lines that are not valid are counted and told', () => {
    const result = catalog({ [second]: `${row}\nnonsense\na\tb\tc\n\0\n` });
    expect(result).toMatchObject({ complete: false, packages: [{ name: 'busybox' }] });
    expect(result.diagnostics[0]?.message).toBe(`rpm manifest /${second}: 3 lines are not valid`);
  });
});

describe('real databases', () => {
  test.each([
    ['rpmdb/cbl-mariner-2.0/rpmdb.sqlite', 'var/lib/rpm/rpmdb.sqlite', 129],
    ['rpmdb/libuuid/Packages', 'var/lib/rpm/Packages', 1],
    ['rpmdb/sle15-bci/Packages.db', 'usr/lib/sysimage/rpm/Packages.db', 35],
  ])('%s', (name, place, count) => {
    const path = sharedPath(name);
    if (path === undefined) return console.warn(`skipped: ${name} is not there`);
    const { packages, complete } = catalog({ [place]: readFileSync(path) });
    expect(complete).toBe(true);
    expect(packages).toHaveLength(count);
    for (const found of packages) expect(found.source?.version).toMatch(/^.+-.+$/);
  });
});

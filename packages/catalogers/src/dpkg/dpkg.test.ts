// dpkg's databases: states, sources, distroless, licences, file lists; whole and hostile.
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpec, type FileSpecs, viewOf } from '../testing/view.ts';
import { dpkgCataloger } from './index.ts';

const distribution = { id: 'debian', versionId: '12', evidencePath: 'etc/os-release' };
const catalog = (specs: FileSpecs) => dpkgCataloger.catalog(viewOf(specs, dpkgCataloger), { distribution });
const status = 'var/lib/dpkg/status';

function entry(name: string, version: string, more = '', state = 'install ok installed'): string {
  return `Package: ${name}\nStatus: ${state}\nArchitecture: amd64\n${more}Version: ${version}\nDescription: x\n y\n`;
}

const example: FileSpecs = {
  [status]: [
    entry('bash', '5.2.15-2+b7'),
    entry('libssl3', '1:3.0.11-1~deb12u2', 'Source: openssl\nMulti-Arch: same\n'),
  ].join('\n'),
  'var/lib/dpkg/info/bash.list': '/.\n/bin\n/bin/bash\n/usr\n/usr/share/doc/bash/copyright\n',
  'var/lib/dpkg/info/libssl3:amd64.list': '/.\n/usr/lib/x86_64-linux-gnu/libssl.so.3\n/usr/bin/c_rehash\n',
  'usr/share/doc/bash/copyright':
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-3+\n\nFiles: x\nLicense: GPL-2+ or Expat\n text\n\nLicense: GPL-3+\n text\n',
  'usr/share/doc/libssl3/copyright': 'This is free text.\nLicense: X\n',
};

catalogerContract(dpkgCataloger, example);

test('a package in full', () => {
  const { packages, diagnostics, complete } = catalog(example);
  expect(packages).toEqual([
    {
      type: 'deb',
      namespace: 'debian',
      name: 'bash',
      version: '5.2.15-2+b7',
      architecture: 'amd64',
      source: { name: 'bash', version: '5.2.15-2' },
      licences: ['GPL-2.0-or-later OR MIT', 'GPL-3.0-or-later'],
      paths: [status],
    },
    {
      type: 'deb',
      namespace: 'debian',
      name: 'libssl3',
      version: '1:3.0.11-1~deb12u2',
      architecture: 'amd64',
      source: { name: 'openssl', version: '1:3.0.11-1~deb12u2' },
      licences: [],
      paths: [status],
    },
  ]);
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
});

test.each([
  ['no Source field', '', '1.2-3', { name: 'a', version: '1.2-3' }],
  ['a binary rebuild', '', '1:1.2-3+b12', { name: 'a', version: '1:1.2-3' }],
  ['a name', 'Source: src\n', '1.2-3+b1', { name: 'src', version: '1.2-3' }],
  ['a name and version', 'Source: src (2:9.1)\n', '1.2-3+b1', { name: 'src', version: '2:9.1' }],
  ['something else', 'Source: what is (this\n', '1.2', { name: 'a', version: '1.2' }],
])('source package of %s', (_title, field, version, expected) => {
  expect(catalog({ [status]: entry('a', version, field) }).packages[0]?.source).toEqual(expected);
});

test.each([
  ['install ok installed', true],
  ['hold ok installed', true],
  ['deinstall ok installed', true],
  ['install ok half-configured', true],
  ['install reinstreq half-installed', true],
  ['install ok unpacked', true],
  ['install ok triggers-pending', true],
  ['deinstall ok config-files', false],
  ['unknown ok not-installed', false],
])('state %s counts: %s', (state, counts) => {
  const { packages, complete } = catalog({ [status]: entry('a', '1', '', state) });
  expect(packages.length).toBe(counts ? 1 : 0);
  expect(packages[0]?.facts?.['status']).toBe(counts && state !== 'install ok installed' ? state : undefined);
  expect(complete).toBe(true);
});

test('distroless: a file per package in status.d, with sums as file list', () => {
  const { packages, owners, complete } = catalog({
    'var/lib/dpkg/status.d/base': 'Package: base-files\nVersion: 12.4\nArchitecture: amd64\nDescription: x',
    'var/lib/dpkg/status.d/python3':
      'Package: python3.11-minimal\nVersion: 3.11.2-6\nSource: python3.11\nArchitecture: amd64\n',
    'var/lib/dpkg/status.d/python3.md5sums':
      '0123456789abcdef0123456789abcdef  usr/bin/python3.11\n0123456789abcdef0123456789abcdef  ./usr/bin/pydoc\n',
  });
  expect(packages.map((found) => [found.name, found.version, found.paths[0]])).toEqual([
    ['base-files', '12.4', 'var/lib/dpkg/status.d/base'],
    ['python3.11-minimal', '3.11.2-6', 'var/lib/dpkg/status.d/python3'],
  ]);
  expect([...(owners ?? [])]).toEqual([
    ['usr/bin/python3.11', 1],
    ['usr/bin/pydoc', 1],
  ]);
  expect(complete).toBe(true);
});

test('the namespace is the distribution, Debian where it is not known', () => {
  const view = viewOf({ [status]: entry('a', '1') }, dpkgCataloger);
  const ubuntu = { id: 'ubuntu', evidencePath: 'x' };
  expect(dpkgCataloger.catalog(view, { distribution: ubuntu }).packages[0]?.namespace).toBe('ubuntu');
  expect(dpkgCataloger.catalog(view, {}).packages[0]?.namespace).toBe('debian');
});

describe('file lists', () => {
  test('paths that language packages and programs are found at have an owner', () => {
    const listed = [
      'usr/lib/python3/dist-packages/six-1.16.0.egg-info',
      'usr/lib/python3/dist-packages/x.egg-info/PKG-INFO',
      'usr/lib/python3/dist-packages/y-1.dist-info/METADATA',
      'usr/share/nodejs/acorn/package.json',
      'usr/share/nodejs/@types/node/package.json',
      'usr/bin/docker',
    ];
    const { owners } = catalog({ [status]: entry('a', '1'), 'var/lib/dpkg/info/a.list': `/${listed.join('\n/')}\n` });
    expect([...(owners?.keys() ?? [])]).toEqual(listed);
  });

  test('a folder is no evidence, the last line counts', () => {
    const { owners } = catalog({ [status]: entry('a', '1'), 'var/lib/dpkg/info/a.list': '/.\n/opt\n/opt/x\n/opt/x/y' });
    expect([...(owners?.keys() ?? [])]).toEqual(['opt/x/y']);
  });

  test('the list of an architecture belongs to the package of that architecture', () => {
    const { packages, owners } = catalog({
      [status]: `${entry('a', '1')}\n${entry('a', '1').replace('amd64', 'i386')}`,
      'var/lib/dpkg/info/a:i386.list': '/opt/i386\n',
      'var/lib/dpkg/info/a:amd64.list': '/opt/amd64\n',
    });
    const architecture = (path: string) => packages[owners?.get(path) ?? -1]?.architecture;
    expect([architecture('opt/i386'), architecture('opt/amd64')]).toEqual(['i386', 'amd64']);
  });

  test('a diverted file is where the diversion puts it, but for the package that diverts', () => {
    const { owners } = catalog({
      [status]: [entry('dash', '1'), entry('bash', '1')].join('\n'),
      'var/lib/dpkg/info/dash.list': '/opt/sh\n',
      'var/lib/dpkg/info/bash.list': '/opt/sh\n',
      'var/lib/dpkg/diversions': '/opt/sh\n/opt/sh.distrib\ndash\n',
    });
    expect(Object.fromEntries(owners ?? [])).toEqual({ 'opt/sh': 0, 'opt/sh.distrib': 1 });
  });

  test('a list may name the place before /usr was merged', () => {
    const { owners } = catalog({ [status]: entry('a', '1'), 'var/lib/dpkg/info/a.list': '/bin/ls\n' });
    expect(Object.fromEntries(owners ?? [])).toEqual({ 'bin/ls': 0, 'usr/bin/ls': 0 });
  });

  test('T11 lists of packages that the status file does not know at all are told', () => {
    const { packages, complete, diagnostics } = catalog({
      [status]: [entry('a', '1'), entry('conf', '1', '', 'deinstall ok config-files')].join('\n'),
      ...Object.fromEntries(
        ['a', 'conf', 'd', 'a:i386', ...[1, 2, 3, 4, 5].map((n) => `x${n}`)].map((stem) => [
          `var/lib/dpkg/info/${stem}.list`,
          '/usr/bin/x\n',
        ]),
      ),
    });
    expect(packages).toHaveLength(1);
    expect(complete).toBe(true);
    expect(diagnostics).toMatchObject([
      { code: 'package/database-rewritten', level: 'warning', path: 'var/lib/dpkg/info/a:i386.list' },
    ]);
    expect(diagnostics[0]?.message).toMatch(/a:i386\.list is .*d\.list, .*x1\.list, .*x2\.list, .*x3\.list, 2 more;/);
  });

  test('T11 a package of status.d that is gone leaves its sums', () => {
    const { diagnostics } = catalog({
      'var/lib/dpkg/status.d/base': 'Package: base-files\nVersion: 12.4\n',
      'var/lib/dpkg/status.d/base.md5sums': '0123456789abcdef0123456789abcdef  usr/bin/a\n',
      'var/lib/dpkg/status.d/ssl.md5sums': '0123456789abcdef0123456789abcdef  usr/bin/b\n',
    });
    expect(diagnostics).toMatchObject([{ path: 'var/lib/dpkg/status.d/ssl.md5sums' }]);
  });

  test('T11 lists without an installed package are not an empty image', () => {
    const { complete, diagnostics } = catalog({ 'var/lib/dpkg/info/a.list': '/usr/bin/a\n' });
    expect(complete).toBe(false);
    expect(diagnostics[0]?.code).toBe('package/database-missing');
  });
});

test('the copyright file is found through the link to another package’s folder', () => {
  const { packages } = catalog({
    [status]: entry('liba', '1'),
    'usr/share/doc/liba': { link: 'a' },
    'usr/share/doc/a/copyright': 'Format: x\nLicense: MIT\n',
  });
  expect(packages[0]?.licences).toEqual(['MIT']);
});

describe('T15 hostile status files', () => {
  test.each([
    ['a 10 MB version', `Package: a\nVersion: ${'1'.repeat(10e6)}\n`],
    ['a NUL in the name', 'Package: a\0b\nVersion: 1\n'],
    ['a version with a space', 'Package: a\nVersion: 1 2\n'],
    ['a name with a slash', 'Package: ../a\nVersion: 1\n'],
    ['no version', 'Package: a\nArchitecture: all\n'],
    ['a state of one word', 'Package: a\nStatus: installed\nVersion: 1\n'],
    ['garbage', 'garbage\n'.repeat(3)],
  ])('%s is reported and the other packages are found', (_title, text) => {
    const { packages, diagnostics, complete } = catalog({ [status]: `${text}\n${entry('b', '2')}` });
    expect(packages.map((found) => found.name)).toContain('b');
    expect(complete).toBe(false);
    expect(diagnostics.every((one) => one.code === 'package/database-corrupt' && one.path === status)).toBe(true);
  });

  test('CRLF, a byte order mark and no last newline are read exactly', () => {
    const text = `\ufeff${entry('a', '1').replaceAll('\n', '\r\n').trimEnd()}`;
    expect(catalog({ [status]: text })).toMatchObject({ packages: [{ name: 'a', version: '1' }], complete: true });
  });

  test("a list of dpkg's own that ends within a line was cut", () => {
    const text = ['a', 'b'].map((name) => entry(name, '1', 'Maintainer: x\n')).join('\n');
    expect(catalog({ [status]: text })).toMatchObject({ complete: true });
    const { packages, complete, diagnostics } = catalog({ [status]: text.slice(0, -4) });
    expect(packages.map((found) => found.name)).toContain('a');
    expect(complete).toBe(false);
    expect(diagnostics[0]?.message).toContain('ends within a line');
  });
});

test.skipIf(!existsSync(`/${status}`))('this machine, against dpkg-query (skipped: no dpkg)', () => {
  const specs: Record<string, FileSpec> = {};
  const add = (path: string): void => {
    if (!existsSync(`/${path}`)) return;
    specs[path] = lstatSync(`/${path}`).isSymbolicLink()
      ? { link: readlinkSync(`/${path}`) }
      : readFileSync(`/${path}`);
  };
  add(status);
  add('var/lib/dpkg/diversions');
  for (const name of readdirSync('/var/lib/dpkg/info')) if (name.endsWith('.list')) add(`var/lib/dpkg/info/${name}`);
  const { packages, diagnostics, owners } = catalog(specs);
  const format = '${Package} ${Architecture} ${Version} ${source:Package} ${source:Version} ${db:Status-Status}\n';
  const lines = execFileSync('dpkg-query', ['-W', '-f', format], { encoding: 'utf8', maxBuffer: 64 << 20 }).trimEnd();
  const expected = lines
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , , , , state]) => state !== 'config-files' && state !== 'not-installed')
    .map((fields) => fields.slice(0, 5).join(' '));
  const ours = packages.map((found) =>
    [found.name, found.architecture, found.version, found.source?.name, found.source?.version].join(' '),
  );
  expect(ours.sort()).toEqual(expected.sort());
  expect(diagnostics).toEqual([]);
  expect(packages[owners?.get('usr/bin/dpkg') ?? -1]?.name).toBe('dpkg');
});

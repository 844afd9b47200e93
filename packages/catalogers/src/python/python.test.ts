// Python distributions: forms of metadata, names, licences, editable installs; whole and hostile.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { pythonCataloger } from './index.ts';
import { normalName } from './metadata.ts';

const catalog = (specs: FileSpecs) => pythonCataloger.catalog(viewOf(specs, pythonCataloger), {});
const site = 'usr/lib/python3.11/site-packages';
const metadata = (name: string, version: string, more = ''): string =>
  `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${more}\nA description\nName: other\n`;

catalogerContract(pythonCataloger, {
  [`${site}/a-1.0.dist-info/METADATA`]: metadata('a', '1.0', 'License: MIT\n'),
  [`${site}/a-1.0.dist-info/INSTALLER`]: 'pip\n',
  [`${site}/a-1.0.dist-info/direct_url.json`]: '{"url": "file:///src/a", "dir_info": {"editable": true}}',
  [`${site}/b.egg-info/PKG-INFO`]: metadata('b', '2.0'),
  [`${site}/b.egg-link`]: '/src/b\n.',
  [`${site}/__editable__.c-1.0.pth`]: '/src/c',
});

test('a package in full', () => {
  const path = `${site}/Zope.Interface-6.1.dist-info/METADATA`;
  const { packages, diagnostics, complete } = catalog({
    [path]: metadata('Zope.Interface', '6.1', 'License: ZPL-2.1\n'),
    [`${site}/Zope.Interface-6.1.dist-info/INSTALLER`]: 'pip\n',
  });
  expect(packages).toEqual([
    {
      type: 'pypi',
      name: 'zope-interface',
      version: '6.1',
      licences: ['ZPL-2.1'],
      paths: [path],
      facts: { declaredName: 'Zope.Interface', installer: 'pip' },
    },
  ]);
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
});

test.each([
  `${site}/a-1.0.dist-info/METADATA`,
  `${site}/a-1.0.egg-info/PKG-INFO`,
  `${site}/a-1.0-py3.11.egg-info`,
  `${site}/a-1.0-py3.11.egg/EGG-INFO/PKG-INFO`,
  'usr/lib/python3/dist-packages/a.egg-info/PKG-INFO',
  'EGG-INFO/PKG-INFO',
])('%s is metadata', (path) => {
  expect(catalog({ [path]: metadata('a', '1.0') }).packages).toMatchObject([
    { name: 'a', version: '1.0', paths: [path] },
  ]);
});

test.each([`${site}/a/METADATA`, `${site}/PKG-INFO`, `${site}/a-1.0.dist-info/RECORD`])('%s is not', (path) => {
  expect(catalog({ [path]: metadata('a', '1.0') }).packages).toEqual([]);
});

test.each([
  ['expression', 'License-Expression: MIT OR Apache-2.0\nLicense: x\n', ['MIT OR Apache-2.0']],
  ['name', 'License: BSD-3-Clause\nClassifier: License :: OSI Approved :: MIT License\n', ['BSD-3-Clause']],
  [
    'classifiers, where the field holds the text of the licence',
    'License: Copyright\n        All rights\nClassifier: License :: OSI Approved :: MIT License\nClassifier: License :: Public Domain\nClassifier: Topic :: X\n',
    ['MIT', 'Public Domain'],
  ],
  [
    'classifiers, where the field is no expression',
    'License: Dual\nClassifier: License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)\n',
    ['MPL-2.0'],
  ],
  ['UNKNOWN', 'License: UNKNOWN\n', []],
  ['nothing', '', []],
])('licence as %s', (_title, more, expected) => {
  const { packages } = catalog({ [`${site}/a-1.0.dist-info/METADATA`]: metadata('a', '1.0', more) });
  expect(packages[0]?.licences).toEqual(expected);
});

describe('editable installs', () => {
  test('direct_url.json says so, and its URL loses what may be secret (T24)', () => {
    const { packages } = catalog({
      [`${site}/a-1.0.dist-info/METADATA`]: metadata('a', '1.0'),
      [`${site}/a-1.0.dist-info/direct_url.json`]: '{"url": "file:///src/a", "dir_info": {"editable": true}}',
      [`${site}/b-1.0.dist-info/METADATA`]: metadata('b', '1.0'),
      [`${site}/b-1.0.dist-info/direct_url.json`]:
        '{"url": "https://user:s3cret@example.org/b.git?token=s3cret#s3cret", "vcs_info": {"vcs": "git", "commit_id": "0123456789abcdef"}}',
    });
    expect(packages.map((found) => found.facts)).toEqual([
      { directUrl: 'file:///src/a', editable: 'true' },
      { commit: '0123456789abcdef', directUrl: 'https://example.org/b.git' },
    ]);
  });

  test('an egg-link leads to the source folder', () => {
    const { packages } = catalog({
      [`${site}/a.egg-link`]: '/src/a\n../',
      'src/a/a.egg-info/PKG-INFO': metadata('a', '1.0'),
      'src/b/b.egg-info/PKG-INFO': metadata('b', '1.0'),
    });
    expect(packages.map((found) => [found.name, found.facts])).toEqual([
      ['a', { editable: 'true' }],
      ['b', undefined],
    ]);
  });

  test.each(['__editable__.my_pkg-1.0.pth', '__editable___my_pkg_1_0_finder.py'])('%s names the package', (finder) => {
    const { packages } = catalog({
      [`${site}/${finder}`]: 'x',
      [`${site}/my_pkg-1.0.dist-info/METADATA`]: metadata('my-pkg', '1.0'),
    });
    expect(packages).toMatchObject([{ name: 'my-pkg', facts: { editable: 'true' } }]);
  });
});

test.each([
  [`${site}/six-1.16.0.egg-info`, '', { name: 'six', version: '1.16.0', weak: true }],
  [
    `${site}/Foo_Bar-1.0rc1-py3.9.egg-info/PKG-INFO`,
    'Name: Foo-Bar\n',
    { name: 'foo-bar', version: '1.0rc1', weak: true },
  ],
  [`${site}/a-1.0.dist-info/METADATA`, 'Name: a\nVersion: 1 0\n', { name: 'a', version: '1.0', weak: true }],
])('%s: the file name counts where the metadata says nothing', (path, content, expected) => {
  expect(catalog({ [path]: content }).packages).toMatchObject([expected]);
});

test.each([
  `${site}/~rong-3.1.dist-info/METADATA`,
  `${site}/~rong-3.1.egg-info/PKG-INFO`,
  `${site}/~rong-3.1-py3.9.egg-info`,
  `${site}/~=ng-3.1-py3.9.egg/EGG-INFO/PKG-INFO`,
])('%s is what pip left behind, and is no package', (path) => {
  const { packages, diagnostics, complete } = catalog({ [path]: metadata('wrong', '3.1') });
  expect(packages).toEqual([]);
  expect(diagnostics).toMatchObject([{ code: 'package/metadata-invalid', level: 'note', path }]);
  expect(complete).toBe(true);
});

test('a folder above that begins with ~ says nothing', () => {
  expect(catalog({ '~opt/a-1.0.dist-info/METADATA': metadata('a', '1.0') }).packages).toMatchObject([{ name: 'a' }]);
});

test('names are normalised per PEP 503, once', () => {
  for (const name of ['Foo.Bar', 'foo_bar', 'FOO--bar', 'foo-_.bar']) expect(normalName(name)).toBe('foo-bar');
  fc.assert(fc.property(fc.string(), (name) => normalName(normalName(name)) === normalName(name)));
});

describe('hostile files', () => {
  test.each([
    ['without anything', ''],
    ['T15 with a NUL', 'Name: a\0b\nVersion: 1\n'],
    ['with a path for a name', 'Name: ../a\nVersion: 1\n'],
    ['T57 with a version of 1 MB', `Name: a\nVersion: ${'1'.repeat(1e6)}\n`],
  ])('metadata %s is reported and the others are found', (_title, content) => {
    const { packages, diagnostics, complete } = catalog({
      [`${site}/x.egg-info`]: content,
      [`${site}/b-1.0.dist-info/METADATA`]: metadata('b', '1.0'),
    });
    expect(packages).toMatchObject([{ name: 'b' }]);
    expect(diagnostics).toMatchObject([{ code: 'package/metadata-invalid', path: `${site}/x.egg-info` }]);
    expect(complete).toBe(false);
  });

  test('only the headers are kept, whatever follows and wherever a chunk ends', () => {
    const path = `${site}/a-1.0.dist-info/METADATA`;
    const want = pythonCataloger.wants({ path, type: 'file', sizeBytes: 9, mode: 0, uid: 0, gid: 0 });
    if (want?.kind !== 'distill') throw new Error('wants no distiller');
    const text = 'Name: a\r\nVersion: 1.0\r\n\r\nbody\n\nmore';
    for (let size = 1; size <= text.length; size++) {
      const distiller = want.create();
      for (let at = 0; at < text.length; at += size)
        if (!distiller.write(Buffer.from(text.slice(at, at + size)))) break;
      expect(
        Buffer.from(distiller.finish() ?? [])
          .toString()
          .trimEnd(),
      ).toBe('Name: a\r\nVersion: 1.0');
    }
    const distiller = want.create();
    const line = Buffer.alloc(65_536, 'x');
    for (let i = 0; i < 64; i++) if (!distiller.write(line)) break;
    expect(distiller.finish()?.length).toBe(262_144);
  });

  test.each([
    '[]',
    '{',
    '{"url": 1, "dir_info": []}',
    '{"url": "not a url"}',
    '{"__proto__": {"dir_info": {"editable": true}}}',
  ])('T73 direct_url.json %s says nothing', (content) => {
    const { packages, complete } = catalog({
      [`${site}/a-1.0.dist-info/METADATA`]: metadata('a', '1.0'),
      [`${site}/a-1.0.dist-info/direct_url.json`]: content,
    });
    expect(packages[0]?.facts).toBeUndefined();
    expect(complete).toBe(true);
  });
});

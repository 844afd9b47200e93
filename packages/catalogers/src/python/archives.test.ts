// Distributions in archives of Python: wheels at rest, eggs, and applications in one file; whole and hostile.
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { writeZip } from '@plombe/formats/testing/zip';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { pythonCataloger } from './index.ts';

const catalog = (specs: FileSpecs) => pythonCataloger.catalog(viewOf(specs, pythonCataloger), {});
const metadata = (name: string, version: string, text = 'Text\n'): string =>
  `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nLicense: MIT\n\n${text}`;
const wheel = (name: string, version: string, text?: string): Buffer =>
  writeZip([
    { name: `${name}/__init__.py`, content: '' },
    { name: `${name}-${version}.dist-info/METADATA`, content: metadata(name, version, text) },
    { name: `${name}-${version}.dist-info/RECORD`, content: '' },
  ]);
const interpreter = Buffer.from('#!/usr/bin/env python3\n');

catalogerContract(pythonCataloger, {
  'usr/share/python-wheels/pip-23.0.1-py3-none-any.whl': wheel('pip', '23.0.1'),
});

test('a wheel at rest is embedded, whatever follows its headers', () => {
  const path = 'usr/lib/python3.11/ensurepip/_bundled/pip-23.0.1-py3-none-any.whl';
  expect(catalog({ [path]: wheel('pip', '23.0.1', 'x'.repeat(1e6)) })).toEqual({
    packages: [
      {
        type: 'pypi',
        name: 'pip',
        version: '23.0.1',
        licences: ['MIT'],
        paths: [`${path}!/pip-23.0.1.dist-info/METADATA`],
        weak: true,
        facts: { embedded: 'true' },
      },
    ],
    diagnostics: [],
    complete: true,
  });
});

test.each([
  ['shiv', 'usr/local/bin/tool.pyz', [['site-packages/click-8.1.7.dist-info/METADATA', 'click', '8.1.7']]],
  ['pex', 'opt/tool.pex', [['.deps/click-8.1.7-py3-none-any.whl/click-8.1.7.dist-info/METADATA', 'click', '8.1.7']]],
  ['an egg', 'usr/lib/python3/dist-packages/six-1.16.0-py3.11.egg', [['EGG-INFO/PKG-INFO', 'six', '1.16.0']]],
] as const)('%s', (_title, path, entries) => {
  const zip = writeZip(
    entries.map(([name, found, version]) => ({ name, content: metadata(found, version) })),
    path.endsWith('.egg') ? {} : { prefix: interpreter },
  );
  const { packages, diagnostics } = catalog({ [path]: zip });
  expect(diagnostics).toEqual([]);
  const [[name, found, version]] = entries;
  const packedIn = path.slice(path.lastIndexOf('/') + 1);
  expect(packages).toMatchObject([{ name: found, version, paths: [`${path}!/${name}`], facts: { packedIn } }]);
  expect(packages[0]?.weak).toBeUndefined();
});

test('a wheel in an application is found too', () => {
  const zip = writeZip([{ name: 'wheels/a-1.0-py3-none-any.whl', content: wheel('a', '1.0') }]);
  expect(catalog({ 'opt/x.pyz': zip }).packages).toMatchObject([
    { name: 'a', paths: ['opt/x.pyz!/wheels/a-1.0-py3-none-any.whl!/a-1.0.dist-info/METADATA'] },
  ]);
});

describe('hostile archives', () => {
  test('what is no archive is a note', () => {
    const { packages, diagnostics, complete } = catalog({ 'a.whl': 'text' });
    expect(packages).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: 'archive/unsupported', level: 'note' }]);
    expect(complete).toBe(true);
  });

  test('T08 metadata that grows without end is told', () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
    const zip = writeZip([
      { name: 'a-1.0.dist-info/METADATA', data: () => bomb, local: sizes(bomb), central: sizes(bomb) },
    ]);
    const { packages, complete } = catalog({ 'a-1.0-py3-none-any.whl': zip });
    expect(packages).toEqual([]);
    expect(complete).toBe(false);
  });

  test('T15 a wheel whose metadata names nothing is told', () => {
    const zip = writeZip([{ name: 'x.dist-info/METADATA', content: 'Name: ../a\n' }]);
    const { packages, diagnostics, complete } = catalog({ 'x.whl': zip });
    expect(packages).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: 'package/metadata-invalid', path: 'x.whl' }]);
    expect(complete).toBe(false);
  });
});

function sizes(data: Buffer): (header: Buffer) => void {
  return (header) => {
    const at = header.readUInt32LE(0) === 0x04034b50 ? 18 : 20;
    header.writeUInt32LE(data.length, at);
  };
}

describe('a program without an ending', () => {
  const zip = writeZip(
    [{ name: 'site-packages/click-8.1.7.dist-info/METADATA', content: metadata('click', '8.1.7') }],
    {
      prefix: interpreter,
    },
  );
  const names = (specs: FileSpecs): readonly string[] =>
    catalog(specs).packages.map(({ name, paths }) => `${name} ${paths[0]}`);

  test('that is an application in one file is read, as shiv and pex name theirs', () => {
    const inside = 'click usr/local/bin/black!/site-packages/click-8.1.7.dist-info/METADATA';
    expect(
      names({ 'usr/local/bin/black': zip, 'bin/black.sh': zip, 'opt/robin/black': zip, 'opt/black': zip }),
    ).toEqual([inside]);
    expect(names({ 'bin/black': zip, 'usr/sbin/black': zip })).toHaveLength(2);
  });

  test.each([
    ['a script', '#!/bin/sh\necho PK\n'],
    ['an ELF file', '\x7fELF'],
    ['an archive without a line', zip.subarray(interpreter.length)],
    ['a line without an end', `#!${'x'.repeat(100_000)}`],
    ['a line alone', '#!/usr/bin/python3\n'],
    ['one byte', '#'],
  ])('that is %s is left', (_, content) => {
    expect(catalog({ 'usr/bin/a': content })).toEqual({ packages: [], diagnostics: [], complete: true });
  });

  test('is read in pieces of any size, and left early where it is none', () => {
    const want = pythonCataloger.wants({ path: 'bin/a', type: 'file', sizeBytes: 9, mode: 0o755, uid: 0, gid: 0 });
    const reader = (): ReturnType<Extract<typeof want, { kind: 'distill' }>['create']> => {
      if (want?.kind !== 'distill') throw new Error('not wanted');
      return want.create();
    };
    const whole = reader();
    whole.write(zip);
    const pieces = reader();
    const piece = Buffer.alloc(1);
    for (const byte of zip) {
      piece[0] = byte;
      expect(pieces.write(piece)).toBe(true);
    }
    expect(pieces.finish()).toEqual(whole.finish());
    expect(reader().write(Buffer.from('\x7fELF'))).toBe(false);
    expect(reader().write(Buffer.from('#!/bin/sh\nset -e\n'))).toBe(false);
  });
});

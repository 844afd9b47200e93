// apk's database: fields, owned files; whole, hostile and real.
import { execFileSync } from 'node:child_process';
import { sharedPath } from '@plombe/kit/testing';
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { apkCataloger } from './index.ts';

const path = 'lib/apk/db/installed';
const catalog = (specs: FileSpecs, id?: string) =>
  apkCataloger.catalog(
    viewOf(specs, apkCataloger),
    id === undefined ? {} : { distribution: { id, evidencePath: 'x' } },
  );

const text = `C:Q1abc=
P:libssl3
V:3.1.4-r5
A:x86_64
S:1
L:Apache-2.0
o:openssl
r:libssl1.1
p:so:libssl.so.3=3
F:usr
F:usr/lib
R:libssl.so.3
Z:Q1x=
F:usr/bin
M:0:0:755
R:c_rehash
a:0:0:755

P:py3-six
V:1.16.0-r3
A:noarch
F:usr/lib/python3.11/site-packages/six-1.16.0-py3.11.egg-info
R:PKG-INFO

P:.build-deps
V:20240101.120000
A:noarch
`;

catalogerContract(apkCataloger, { [path]: text });

test('packages in full', () => {
  const { packages, owners, diagnostics, complete } = catalog({ [path]: text }, 'wolfi');
  expect(packages).toEqual([
    {
      type: 'apk',
      namespace: 'wolfi',
      name: 'libssl3',
      version: '3.1.4-r5',
      architecture: 'x86_64',
      source: { name: 'openssl', version: '3.1.4-r5' },
      licences: ['Apache-2.0'],
      paths: [path],
    },
    {
      type: 'apk',
      namespace: 'wolfi',
      name: 'py3-six',
      version: '1.16.0-r3',
      architecture: 'noarch',
      source: { name: 'py3-six', version: '1.16.0-r3' },
      licences: [],
      paths: [path],
    },
    expect.objectContaining({ name: '.build-deps' }),
  ]);
  expect(Object.fromEntries(owners ?? [])).toEqual({
    'usr/bin/c_rehash': 0,
    'usr/lib/libssl.so.3': 0,
    'usr/lib/python3.11/site-packages/six-1.16.0-py3.11.egg-info/PKG-INFO': 1,
  });
  expect(diagnostics).toEqual([]);
  expect(complete).toBe(true);
});

test.each([
  ['apk-tools 3', { 'usr/lib/apk/db/installed': text }, 'usr/lib/apk/db/installed'],
  ['a merged /usr', { lib: { link: 'usr/lib' }, 'usr/lib/apk/db/installed': text }, 'usr/lib/apk/db/installed'],
  [
    'a link',
    { [path]: { link: '/usr/lib/apk/db/installed' }, 'usr/lib/apk/db/installed': text },
    'usr/lib/apk/db/installed',
  ],
])('%s: each package once', (_title, specs, expected) => {
  expect(catalog(specs).packages.map((found) => found.paths[0])).toEqual([expected, expected, expected]);
});

test('files of the root folder belong to their package', () => {
  expect([...(catalog({ [path]: 'P:a\nV:1\nF:\nR:init\n' }).owners?.keys() ?? [])]).toEqual(['init']);
});

describe('T15 hostile databases', () => {
  test.each([
    ['a 10 MB version', `P:a\nV:${'1'.repeat(10e6)}\n`],
    ['a NUL in a name', 'P:a\0\nV:1\n'],
    ['two versions', 'P:a\nV:1\nV:2\n'],
    ['no version', 'P:a\nA:x86_64\n'],
    ['a version with a space', 'P:a\nV:1 2\n'],
    ['a name with a slash', 'P:../a\nV:1\n'],
    ['a line of another form', 'P:a\ngarbage\nV:1\n'],
    ['packages run together', 'P:a\nV:1\nP:c\nV:2\n'],
  ])('%s is reported and the other packages are found', (_title, broken) => {
    const { packages, diagnostics, complete } = catalog({ [path]: `${broken}\n${text}` });
    expect(packages.map((found) => found.name)).toEqual(['libssl3', 'py3-six', '.build-deps']);
    expect(complete).toBe(false);
    expect(diagnostics[0]).toMatchObject({ code: 'package/database-corrupt', path });
  });

  test.each([
    ['CRLF', text.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${text}`],
    ['no last newline', text.trimEnd()],
    ['a 10 MB description', text.replace('S:1', `T:${'x'.repeat(10e6)}`)],
  ])('%s is read exactly', (_title, changed) => {
    expect(catalog({ [path]: changed })).toEqual(catalog({ [path]: text }));
  });

  test('a list of apk that ends within a line was cut', () => {
    const own = text.replace('C:Q1abc=', `C:Q1${'a'.repeat(27)}=`);
    expect(catalog({ [path]: own })).toMatchObject({ complete: true });
    const { packages, complete, diagnostics } = catalog({ [path]: own.slice(0, own.indexOf('py3-six') + 30) });
    expect(packages.map((found) => found.name)).toContain('libssl3');
    expect(complete).toBe(false);
    expect(diagnostics.at(-1)?.message).toContain('ends within a line');
  });

  test('problems are bounded', () => {
    expect(catalog({ [path]: 'x\n'.repeat(100_000) }).diagnostics.length).toBeLessThanOrEqual(20);
  });
});

const images = ['3.10.9', '3.14.10', '3.17.10', '3.20.3'].map(
  (release) => `images/alpine-minirootfs-${release}-x86_64.tar.gz`,
);

describe.skipIf(sharedPath(images[0] as string) === undefined)('real Alpine (skipped: no images)', () => {
  test.each(images)('%s', (image) => {
    const file = sharedPath(image) as string;
    const content = execFileSync('tar', ['-xzOf', file, './lib/apk/db/installed'], { maxBuffer: 64 << 20 });
    const { packages, owners, complete } = catalog({ [path]: content }, 'alpine');
    const names = content.toString().match(/^P:.*$/gm) ?? [];
    expect(packages.map((found) => `P:${found.name}`)).toEqual(names);
    expect(packages.find((found) => found.name === 'musl-utils')?.source?.name).toBe('musl');
    expect(packages[owners?.get('bin/busybox') ?? -1]?.name).toBe('busybox');
    expect(complete).toBe(true);
  });
});

// opkg's status and control files: fields, owned files, places; hostile.
import { describe, expect, test } from 'vitest';
import { catalogerContract } from '../testing/contract.ts';
import { type FileSpecs, viewOf } from '../testing/view.ts';
import { opkgCataloger } from './index.ts';

const status = `Package: libopenssl3
Version: 3.0.15-1
Depends: libc, libatomic1
Status: install user installed
Architecture: x86_64
Installed-Time: 1730900000

Package: busybox
Version: 1.36.1-2
Status: install ok installed
Essential: yes
Architecture: x86_64
Conffiles:
 /etc/config/system d41d8cd98f00b204e9800998ecf8427e
Auto-Installed: yes

Package: gone
Version: 1-1
Status: deinstall ok not-installed
Architecture: x86_64

`;
const control = `Package: libopenssl3
Version: 3.0.15-1
Source: package/libs/openssl
SourceName: openssl
License: Apache-2.0
Section: libs
CPE-ID: cpe:/a:openssl:openssl
Architecture: x86_64
Description:  The OpenSSL Project
`;
const example = {
  'usr/lib/opkg/status': status,
  'usr/lib/opkg/info/libopenssl3.control': control,
  'usr/lib/opkg/info/libopenssl3.list': '/usr/lib/libcrypto.so.3\n/etc/ssl/notes.txt\n',
  'usr/lib/opkg/info/busybox.list': '\t040755\n/bin\t040755\n/bin/busybox\t0100755\n/etc/init.d/cron\n',
};
const openwrt = { distribution: { id: 'openwrt', versionId: '23.05.5', evidencePath: 'etc/os-release' } };
const catalog = (specs: FileSpecs, context = {}) => opkgCataloger.catalog(viewOf(specs, opkgCataloger), context);

catalogerContract(opkgCataloger, example);

test('packages in full', () => {
  const { packages, owners, diagnostics, complete } = catalog(example, openwrt);
  expect(packages).toEqual([
    {
      type: 'opkg',
      namespace: 'openwrt',
      name: 'libopenssl3',
      version: '3.0.15-1',
      architecture: 'x86_64',
      source: { name: 'openssl', version: '3.0.15-1' },
      licences: ['Apache-2.0'],
      cpes: ['cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*'],
      paths: ['usr/lib/opkg/status'],
    },
    {
      type: 'opkg',
      namespace: 'openwrt',
      name: 'busybox',
      version: '1.36.1-2',
      architecture: 'x86_64',
      source: { name: 'busybox', version: '1.36.1-2' },
      licences: [],
      paths: ['usr/lib/opkg/status'],
    },
  ]);
  expect(owners?.get('bin/busybox')).toBe(1);
  expect(owners?.has('bin')).toBe(false);
  expect(owners?.has('etc/ssl/notes.txt')).toBe(false);
  expect([diagnostics, complete]).toEqual([[], true]);
});

test.each([
  ['GPL-2.0 LGPL-2.1', 'GPL-2.0-only AND LGPL-2.1-only'],
  ['GPL-2.0-only & bzip2-1.0.4', ['GPL-2.0-only', 'bzip2-1.0.4']],
  ['MIT | GPL-2.0-or-later', 'MIT OR GPL-2.0-or-later'],
  ['GPL-2.0-only WITH Linux-syscall-note', 'GPL-2.0-only WITH Linux-syscall-note'],
])('licence %s', (declared, expected) => {
  const specs = { ...example, 'usr/lib/opkg/info/libopenssl3.control': control.replace('Apache-2.0', declared) };
  expect(catalog(specs).packages[0]?.licences).toEqual([expected].flat());
});

test('the places of Yocto and of a link, each package once', () => {
  expect(catalog({ 'var/lib/opkg/status': status }).packages).toHaveLength(2);
  const linked = { 'var/lib/opkg': { link: '/usr/lib/opkg' }, ...example };
  expect(catalog(linked).packages).toHaveLength(2);
});

describe('T11 T15 hostile databases', () => {
  test.each([
    ['a version with a space', 'Package: a\nVersion: 1 2\n'],
    ['a name with a slash', 'Package: ../a\nVersion: 1\n'],
    ['no version', 'Package: a\n'],
    ['a line of another form', 'Package: a\nnothing\nVersion: 1\n'],
    ['a version of 10 MB', `Package: a\nVersion: ${'1'.repeat(10e6)}\n`],
  ])('%s is reported and the other packages are found', (_title, broken) => {
    const { packages, complete, diagnostics } = catalog({ 'usr/lib/opkg/status': `${broken}\n${status}` });
    expect(packages).toHaveLength(2);
    expect(complete).toBe(false);
    expect(diagnostics[0]?.code).toBe('package/database-corrupt');
  });

  test('control files without a status file are reported', () => {
    const { packages, complete, diagnostics } = catalog({ 'usr/lib/opkg/info/a.control': control });
    expect([packages, complete, diagnostics[0]?.code]).toEqual([[], false, 'package/database-missing']);
  });
});

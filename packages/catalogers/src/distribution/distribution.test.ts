// Distributions as their real files describe them, and files that describe nothing.
import { sharedPath } from '@plombe/kit/testing';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { viewOf, type FileSpecs } from '../testing/view.ts';
import { detectDistribution, type DetectedDistribution } from './index.ts';
import { distributionInterest } from './interest.ts';

const detect = (files: FileSpecs): DetectedDistribution => detectDistribution(viewOf(files, distributionInterest));
const link = '../usr/lib/os-release';

test.each([
  [
    'Debian',
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n',
    { id: 'debian', versionId: '12', codename: 'bookworm', name: 'Debian GNU/Linux 12 (bookworm)' },
  ],
  [
    'Debian before VERSION_CODENAME',
    'PRETTY_NAME="Debian GNU/Linux 9 (stretch)"\nVERSION_ID="9"\nID=debian\n',
    { id: 'debian', versionId: '9', codename: 'stretch' },
  ],
  ['Debian testing', 'PRETTY_NAME="Debian GNU/Linux trixie/sid"\nID=debian\n', { id: 'debian', codename: 'trixie' }],
  [
    'Ubuntu',
    'NAME="Ubuntu"\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\n',
    { id: 'ubuntu', versionId: '22.04', codename: 'jammy', idLike: ['debian'] },
  ],
  [
    'Azure Linux',
    'NAME="Microsoft Azure Linux"\nVERSION="3.0.20240727"\nID=azurelinux\nVERSION_ID="3.0"\n',
    { id: 'azurelinux', versionId: '3.0' },
  ],
  [
    'Mariner 2',
    'NAME="Common Base Linux Mariner"\nID=mariner\nVERSION_ID="2.0"\n',
    { id: 'mariner', versionId: '2.0' },
  ],
  [
    'Oracle',
    'NAME="Oracle Linux Server"\nID="ol"\nVARIANT_ID="server"\nVERSION_ID="8.8"\nCPE_NAME="cpe:/o:oracle:linux:8:8:server"\n',
    { id: 'ol', versionId: '8.8', variantId: 'server', cpe: 'cpe:/o:oracle:linux:8:8:server' },
  ],
  [
    'Amazon',
    'NAME="Amazon Linux"\nID="amzn"\nID_LIKE="centos rhel fedora"\nVERSION_ID="2"\n',
    { id: 'amzn', versionId: '2', idLike: ['centos', 'rhel', 'fedora'] },
  ],
  ['SLES', 'NAME="SLES"\nVERSION_ID="15.6"\nID="sles"\nID_LIKE="suse"\n', { id: 'sles', versionId: '15.6' }],
  ['openSUSE', 'ID="opensuse-leap"\nVERSION_ID="15.5"\n', { id: 'opensuse-leap', versionId: '15.5' }],
  ['Photon', 'NAME="VMware Photon OS"\nID=photon\nVERSION_ID=5.0\n', { id: 'photon', versionId: '5.0' }],
  [
    'Wolfi',
    'ID=wolfi\nNAME="Wolfi"\nPRETTY_NAME="Wolfi"\nVERSION_ID="20230201"\n',
    { id: 'wolfi', versionId: '20230201', name: 'Wolfi' },
  ],
  ['Chainguard', 'ID=chainguard\nVERSION_ID="20230214"\n', { id: 'chainguard' }],
  [
    'Fedora',
    'ID=fedora\nVERSION_ID=41\nVARIANT_ID=container\n',
    { id: 'fedora', versionId: '41', variantId: 'container' },
  ],
  ['Arch', 'ID=arch\nBUILD_ID=rolling\n', { id: 'arch' }],
])('%s: /etc/os-release', (_title, content, expected) => {
  const { distribution, diagnostics } = detect({ 'etc/os-release': content });
  expect(distribution).toMatchObject({ ...expected, evidencePath: 'etc/os-release' });
  expect(diagnostics).toEqual([]);
});

test.each([
  ['a link to the vendor copy', { 'etc/os-release': { link }, 'usr/lib/os-release': 'ID=x' }],
  ['an absolute link', { 'etc/os-release': { link: '/usr/lib/os-release' }, 'usr/lib/os-release': 'ID=x' }],
  ['only the vendor copy', { 'usr/lib/os-release': 'ID=x' }],
  [
    'a dangling link, the vendor copy elsewhere',
    { 'etc/os-release': { link: 'nowhere' }, 'usr/lib/os-release': 'ID=x' },
  ],
  ['a link to itself (T02)', { 'etc/os-release': { link: 'os-release' }, 'usr/lib/os-release': 'ID=x' }],
])('the vendor copy is evidence: %s', (_title, files) => {
  expect(detect(files).distribution).toEqual({ id: 'x', evidencePath: 'usr/lib/os-release' });
});

test('Bottlerocket keeps its os-release in a sysroot', () => {
  const path = 'aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release';
  const content = 'ID=bottlerocket\nVERSION_ID=1.26.2\nVARIANT_ID=aws-k8s-1.30\n';
  const files = { usr: { link: 'aarch64-bottlerocket-linux-gnu/sys-root/usr' }, [path]: content };
  const { distribution } = detect(files);
  expect(distribution).toEqual({
    id: 'bottlerocket',
    versionId: '1.26.2',
    variantId: 'aws-k8s-1.30',
    evidencePath: path,
  });
});

test("Fedora's edition files are followed", () => {
  const edition = 'usr/lib/os.release.d/os-release-fedora';
  const files = { 'etc/os-release': { link }, 'usr/lib/os-release': { link: './os.release.d/os-release-fedora' } };
  expect(detect({ ...files, [edition]: 'ID=fedora\n' }).distribution).toEqual({ id: 'fedora', evidencePath: edition });
});

test.each([
  ['etc/alpine-release', '3.17.10\n', { id: 'alpine', versionId: '3.17.10' }],
  ['etc/debian_version', '12.5\n', { id: 'debian', versionId: '12' }],
  ['etc/debian_version', 'trixie/sid\n', { id: 'debian', codename: 'trixie' }],
  ['etc/redhat-release', 'CentOS release 6.10 (Final)\n', { id: 'centos', versionId: '6.10' }],
  [
    'etc/redhat-release',
    'Red Hat Enterprise Linux Server release 6.10 (Santiago)\n',
    { id: 'rhel', versionId: '6.10' },
  ],
  ['etc/oracle-release', 'Oracle Linux Server release 7.9\n', { id: 'ol', versionId: '7.9' }],
  ['etc/system-release', 'Amazon Linux AMI release 2018.03\n', { id: 'amzn', versionId: '2018.03' }],
  [
    'etc/lsb-release',
    'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\nDISTRIB_CODENAME=trusty\n',
    { id: 'ubuntu', versionId: '14.04', codename: 'trusty' },
  ],
  [
    'etc/SuSE-release',
    'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n',
    { id: 'sles', versionId: '11.4' },
  ],
  ['etc/SuSE-release', 'openSUSE 13.2 (x86_64)\nVERSION = 13.2\n', { id: 'opensuse', versionId: '13.2' }],
  ['etc/photon-release', 'VMware Photon OS 3.0\nPHOTON_BUILD_NUMBER=1\n', { id: 'photon', versionId: '3.0' }],
  ['etc/mariner-release', 'CBL-Mariner 2.0.20220426\nMARINER_BUILD_NUMBER=1\n', { id: 'mariner', versionId: '2.0' }],
  ['etc/azurelinux-release', 'Microsoft Azure Linux 3.0.20240727\n', { id: 'azurelinux', versionId: '3.0' }],
  ['etc/arch-release', '', { id: 'arch' }],
  ['etc/gentoo-release', 'Gentoo Base System release 2.15\n', { id: 'gentoo', versionId: '2.15' }],
  [
    'etc/openwrt_release',
    "DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='23.05.5'\nDISTRIB_DESCRIPTION='OpenWrt 23.05.5 r24106'\n",
    { id: 'openwrt', versionId: '23.05.5' },
  ],
])('without os-release: %s %j', (path, content, expected) => {
  expect(detect({ [path]: content }).distribution).toMatchObject({ ...expected, evidencePath: path });
});

test('the more specific file counts', () => {
  const rhel = 'Red Hat Enterprise Linux Server release 7.9 (Maipo)\n';
  const oracle = detect({ 'etc/redhat-release': rhel, 'etc/oracle-release': 'Oracle Linux Server release 7.9\n' });
  expect(oracle.distribution?.id).toBe('ol');
  const ubuntu = detect({
    'etc/debian_version': 'jessie/sid\n',
    'etc/lsb-release': 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\n',
  });
  expect(ubuntu.distribution?.id).toBe('ubuntu');
});

describe('repositories', () => {
  const main = (...releases: string[]) =>
    releases.map((r) => `https://dl-cdn.alpinelinux.org/alpine/${r}/main\n`).join('');

  test.each([
    ['the same release says no more', '3.17.10', main('v3.17'), undefined],
    ['a newer release', '3.17.10', main('v3.18'), 'v3.18'],
    ['edge', '3.17.10', main('edge'), 'edge'],
    ['the installed release among others', '3.17.10', main('v3.17', 'edge'), undefined],
    ['the highest of two others', '3.17.10', main('v3.9', 'v3.19'), 'v3.19'],
    ['community of edge beside main', '3.17.10', `${main('v3.17')}http://x/edge/testing\n`, undefined],
    ['a tagged repository', '3.17.10', `${main('v3.17').trim()}\n@edge http://x/alpine/edge/main\n`, undefined],
    ['a comment', '3.17.10', '#http://x/alpine/edge/main\r\n', undefined],
    ['a development version', '3.21_alpha20240923', main('edge'), 'edge'],
    ['a development version without repositories', '3.21_alpha20240923', '', 'edge'],
    ['a path on disk', '3.17.10', '/media/cdrom/apks\n', undefined],
  ])('Alpine: %s', (_title, version, repositories, expected) => {
    const files = { 'etc/os-release': `ID=alpine\nVERSION_ID=${version}\n`, 'etc/apk/repositories': repositories };
    expect(detect(files).distribution?.repositoryRelease).toBe(expected);
  });

  test.each([
    ['etc/apt/sources.list', 'deb http://deb.debian.org/debian sid main\n', 'sid'],
    ['etc/apt/sources.list', 'deb [signed-by=/x.gpg] http://deb.debian.org/debian testing main\n', 'testing'],
    ['etc/apt/sources.list', '# deb http://deb.debian.org/debian sid main\n', undefined],
    ['etc/apt/sources.list.d/debian.sources', 'Types: deb\nSuites: unstable\nComponents: main\n', 'sid'],
    ['etc/apt/sources.list.d/x.disabled', 'Suites: unstable\n', undefined],
  ])('Debian without a version: %s %j', (path, content, expected) => {
    const files = { 'etc/os-release': 'ID=debian\nPRETTY_NAME="Debian GNU/Linux trixie/sid"\n', [path]: content };
    expect(detect(files).distribution).toMatchObject({ codename: 'trixie' });
    expect(detect(files).distribution?.repositoryRelease).toBe(expected);
  });

  test('a Debian with a version is what it says', () => {
    const files = {
      'etc/os-release': 'ID=debian\nVERSION_ID=12\n',
      'etc/apt/sources.list': 'deb http://x/debian sid main\n',
    };
    expect(detect(files).distribution?.repositoryRelease).toBeUndefined();
  });
});

test('nothing that says it is no distribution', () => {
  expect(detect({})).toEqual({ diagnostics: [] });
  expect(detect({ 'etc/passwd': 'root:x:0:0::/:/bin/sh\n', 'bin/busybox': 'ELF' })).toEqual({ diagnostics: [] });
});

describe('hostile files', () => {
  test('T19 a giant os-release is read in part and told', () => {
    const giant = `ID=debian\nVERSION_ID=12\n${'#'.repeat(5_000_000)}`;
    const { distribution, diagnostics } = detect({ 'etc/os-release': giant });
    expect(distribution).toMatchObject({ id: 'debian', versionId: '12' });
    expect(diagnostics).toMatchObject([{ code: 'distribution/unknown', path: 'etc/os-release' }]);
  });

  test('T19 T21 escape codes never reach a result as such', () => {
    const { distribution } = detect({ 'etc/os-release': 'ID=debian\nVERSION_ID=\x1b[2J\nPRETTY_NAME="a\x1b[31mb"\n' });
    expect(distribution).toEqual({ id: 'debian', name: 'a\\u{1b}[31mb', evidencePath: 'etc/os-release' });
  });

  test.each(['ID=\x1b[2J', 'ID="a b"', 'ID=', 'NAME=x', '', '\0\0\0'])(
    '%j has no valid ID: the next file is asked',
    (content) => {
      const { distribution, diagnostics } = detect({ 'etc/os-release': content, 'etc/alpine-release': '3.20.3\n' });
      expect(distribution?.id).toBe('alpine');
      expect(diagnostics).toHaveLength(1);
    },
  );

  test('T73 keys of a prototype are keys like any', () => {
    expect(detect({ 'etc/os-release': '__proto__=x\nconstructor=y\nID=debian\n' }).distribution?.id).toBe('debian');
  });

  test('T19 any bytes in any of the files never throw', () => {
    const paths = [
      'etc/os-release',
      'usr/lib/os-release',
      'etc/lsb-release',
      'etc/SuSE-release',
      'etc/apk/repositories',
    ];
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'binary' }).map((s) => `ID=alpine\n${s}`),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...paths), content), (files) => {
        const { distribution } = detect(files);
        if (distribution !== undefined) expect(distribution.id).toMatch(/^[a-z0-9._-]+$/);
      }),
    );
  });
});

test.each(['3.10.9', '3.14.10', '3.17.10', '3.20.3'])('the real Alpine %s', (version) => {
  const path = sharedPath(`images/alpine-minirootfs-${version}-x86_64.tar.gz`);
  if (path === undefined) return console.warn(`skipped: no Alpine ${version}`);
  const read = (name: string): Uint8Array => execFileSync('tar', ['-xOzf', path, `./${name}`]);
  const files = {
    'etc/alpine-release': read('etc/alpine-release'),
    'etc/apk/repositories': read('etc/apk/repositories'),
  };
  expect(detect(files).distribution).toEqual({ id: 'alpine', versionId: version, evidencePath: 'etc/alpine-release' });
});

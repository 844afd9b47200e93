import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ecosystemOfRelease, parseDistroQualifier, releaseOf, type Release } from './release.ts';

describe('ecosystemOfRelease', () => {
  it.each<[Release, string | undefined]>([
    [{ id: 'debian', versionId: '12' }, 'Debian:12'],
    [{ id: 'debian', versionId: '12.5' }, 'Debian:12'],
    [{ id: 'debian', versionId: '6.0.10' }, 'Debian:6.0'],
    [{ id: 'debian', versionId: '6' }, 'Debian:6.0'],
    [{ id: 'debian', versionId: '7' }, 'Debian:7'],
    [{ id: 'debian', codename: 'trixie' }, 'Debian:13'],
    [{ id: 'debian', codename: 'sid' }, 'Debian:sid'],
    [{ id: 'debian' }, undefined],
    [{ id: 'ubuntu', versionId: '22.04' }, 'Ubuntu:22.04'],
    [{ id: 'ubuntu', codename: 'noble' }, 'Ubuntu:24.04'],
    [{ id: 'alpine', versionId: '3.17.3' }, 'Alpine:v3.17'],
    [{ id: 'alpine', versionId: '3.17.3', repositoryRelease: 'edge' }, 'Alpine:edge'],
    [{ id: 'alpine', versionId: '3.20.0', repositoryRelease: 'v3.19' }, 'Alpine:v3.19'],
    [{ id: 'alpine', versionId: '3.23_alpha20250612' }, 'Alpine:edge'],
    [{ id: 'wolfi', versionId: '20230201' }, 'Wolfi'],
    [{ id: 'azurelinux', versionId: '3.0' }, 'Azure Linux:3'],
    [{ id: 'mariner', versionId: '2.0' }, 'Mariner:2.0'],
    [{ id: 'almalinux', versionId: '9.4' }, 'AlmaLinux:9'],
    [{ id: 'rocky', versionId: '9.3' }, 'Rocky Linux:9'],
    [{ id: 'rhel', versionId: '9.4' }, 'Red Hat:9'],
    [{ id: 'centos', versionId: '7', name: 'CentOS Linux 7 (Core)' }, 'Red Hat:7'],
    [{ id: 'centos', versionId: '8', name: 'CentOS Stream 8' }, 'CentOS Stream:8'],
    [{ id: 'centos', versionId: '10', name: 'CentOS Stream 10 (Coughlan)' }, 'CentOS Stream:10'],
    [{ id: 'ol', versionId: '8.8' }, 'Oracle Linux:8'],
    [{ id: 'amzn', versionId: '2' }, 'Amazon Linux:2'],
    [{ id: 'amzn', versionId: '2023' }, 'Amazon Linux:2023'],
    [{ id: 'photon', versionId: '5.0' }, 'Photon OS:5.0'],
    [{ id: 'sles', versionId: '15.5' }, 'SUSE:15.5'],
    [{ id: 'sles', versionId: '15' }, 'SUSE:15'],
    [{ id: 'sles_sap', versionId: '12.5' }, 'SUSE:12.5'],
    [{ id: 'sle-micro', versionId: '5.5' }, 'SUSE:Micro 5.5'],
    [{ id: 'sl-micro', versionId: '6.0' }, 'SUSE:Micro 6.0'],
    [{ id: 'opensuse-leap', versionId: '15.6' }, 'openSUSE:15.6'],
    [{ id: 'opensuse-tumbleweed', versionId: '20260801' }, 'openSUSE:Tumbleweed'],
    [{ id: 'fedora', versionId: '41' }, 'Fedora:41'],
    [{ id: 'kali', versionId: '2024.1' }, undefined],
  ])('%j is %s', (release, ecosystem) => {
    expect(ecosystemOfRelease(release)).toBe(ecosystem);
  });
});

describe('releaseOf', () => {
  it.each([
    ['debian-12', 'Debian:12'],
    ['bookworm', 'Debian:12'],
    ['debian-bookworm', 'Debian:12'],
    ['alpine-3.17', 'Alpine:v3.17'],
    ['alpine-edge', 'Alpine:edge'],
    ['azurelinux-3.0', 'Azure Linux:3'],
    ['mariner-2.0', 'Mariner:2.0'],
    ['cbl-mariner-2.0', 'Mariner:2.0'],
    ['almalinux-9', 'AlmaLinux:9'],
    ['opensuse-leap-15.6', 'openSUSE:15.6'],
    ['ubuntu-22.04', 'Ubuntu:22.04'],
    ['jammy', 'Ubuntu:22.04'],
    ['wolfi', 'Wolfi'],
    ['wolfi-20230201', 'Wolfi'],
    ['Bookworm', 'Debian:12'],
    ['Jammy', 'Ubuntu:22.04'],
    ['mantic', 'Ubuntu:23.10'],
    ['ubuntu-lunar', 'Ubuntu:23.04'],
    ['debian-unstable', 'Debian:sid'],
    ['mariner-2', 'Mariner:2.0'],
  ])('reads the qualifier %s as %s', (text, ecosystem) => {
    expect(ecosystemOfRelease(parseDistroQualifier(text))).toBe(ecosystem);
  });

  it.each([
    ['alpine', 'edge', 'Alpine:edge'],
    ['alpine', '3.17.10', 'Alpine:v3.17'],
    ['debian', '12', 'Debian:12'],
  ])('reads a release without its distribution in the namespace %s: %s', (namespace, distro, ecosystem) => {
    const release = releaseOf({ namespace, qualifiers: { distro } }, undefined);
    expect(release === undefined ? undefined : ecosystemOfRelease(release)).toBe(ecosystem);
  });

  it('takes the image’s own where both say the same, and the package’s where it differs', () => {
    const image = { id: 'alpine', versionId: '3.20.0', repositoryRelease: 'edge', evidencePath: 'etc/os-release' };
    expect(releaseOf({ qualifiers: { distro: 'alpine-3.20.0' } }, image)).toBe(image);
    expect(releaseOf({ qualifiers: { distro: 'debian-12' } }, image)).toMatchObject({ id: 'debian', versionId: '12' });
    expect(releaseOf({}, image)).toBe(image);
  });

  it('survives any text', () => {
    fc.assert(fc.property(fc.string(), (text) => void ecosystemOfRelease(parseDistroQualifier(text))));
  });
});

// End to end on real feeds: built from a directory unchanged, opened, matched with packages whose answer is known by hand.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding, MatchResult } from '@plombe/model';
import { sharedPath } from '../../../kit/src/testing/shared.ts';
import { assess } from '../assess/assess.ts';
import type { BuildResult } from '../build/build.ts';
import { openDatabase, type AdvisoryDatabase } from '../database/database.ts';
import { enrichments } from '../enrichments.ts';
import { feeds } from '../feeds.ts';
import { buildTest, packageOf, testFolder } from '../testing/records.ts';

const directory = sharedPath('feeds');
if (directory === undefined)
  console.warn('SKIPPED: end to end on real feeds, there is no folder shared/feeds beside the project');

const only = [
  'Go',
  'PyPI',
  'Debian',
  'Azure Linux',
  'Mariner',
  'AlmaLinux',
  'alpine-v3.17',
  'alpine-v3.20',
  'osv-ghsa-derived-npm',
];
/** The day the folder was made. */
const clock = { nowMs: () => Date.UTC(2026, 10, 23) };

describe.skipIf(directory === undefined)('real feeds', () => {
  let built: BuildResult;
  let database: AdvisoryDatabase;

  beforeAll(async () => {
    const to = testFolder();
    const facts = enrichments.filter(({ id }) => id === 'kev' || id === 'endoflife' || id === 'ghsa');
    built = await buildTest(directory as string, to, { only, lists: { feeds, enrichments: facts } });
    database = openDatabase(to, { clock, maxAgeDays: 10_000 });
  });
  afterAll(() => database?.close());

  const match = (...purls: readonly string[]): MatchResult =>
    database.match({ packages: purls.map((purl) => packageOf(purl)) });
  const find = (result: MatchResult, id: string): Finding | undefined =>
    result.findings.find(({ vulnerability, aliases }) => vulnerability === id || aliases.includes(id));

  it('builds every shard wanted', () => {
    expect(built.diagnostics.filter(({ level }) => level === 'error')).toEqual([]);
    expect(built.shards.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'alpine-v3.17',
        'azurelinux-3.0',
        'debian',
        'kev',
        'mariner-2.0',
        'osv-almalinux',
        'osv-go',
        'osv-pypi',
      ]),
    );
  });

  it('Go: HTTP/2 rapid reset in the standard library', () => {
    const finding = find(match('pkg:golang/stdlib@1.20.9'), 'CVE-2023-39325');
    expect(finding).toMatchObject({ packageName: 'stdlib', confidence: 'module', fixedVersions: ['1.20.10'] });
    expect(find(match('pkg:golang/stdlib@1.20.10'), 'CVE-2023-39325')).toBeUndefined();
  });

  it('known exploited: the heap overflow of sudo comes first', () => {
    const result = match('pkg:deb/debian/sudo@1.8.27-1%2Bdeb10u2?distro=debian-10');
    expect(result.findings[0]).toMatchObject({ vulnerability: 'CVE-2021-3156', fixedVersions: ['1.8.27-1+deb10u3'] });
    expect(result.findings[0]?.knownExploited).toBeDefined();
    expect(result.findings[0]?.priority).toBeGreaterThanOrEqual(80);
  });

  it('PyPI: requests leaks Proxy-Authorization below 2.31.0', () => {
    expect(find(match('pkg:pypi/requests@2.30.0'), 'CVE-2023-32681')).toMatchObject({ fixedVersions: ['2.31.0'] });
    expect(find(match('pkg:pypi/requests@2.31.0'), 'CVE-2023-32681')).toBeUndefined();
  });

  it('npm: prototype pollution in lodash below 4.17.12', () => {
    expect(find(match('pkg:npm/lodash@4.17.11'), 'CVE-2019-10744')).toBeDefined();
    expect(find(match('pkg:npm/lodash@4.17.21'), 'CVE-2019-10744')).toBeUndefined();
  });

  it('Debian: DSA-5380-1 on source and binary packages', () => {
    const distro = 'distro=debian-11';
    const old = match(`pkg:deb/debian/xserver-xorg-core@2%3A1.20.11-1%2Bdeb11u5?${distro}&upstream=xorg-server`);
    expect(find(old, 'CVE-2023-1393')).toMatchObject({
      fixedVersions: ['2:1.20.11-1+deb11u6'],
      packageName: 'xorg-server',
    });
    const fixed = match(`pkg:deb/debian/xserver-xorg-core@2%3A1.20.11-1%2Bdeb11u6?${distro}&upstream=xorg-server`);
    expect(find(fixed, 'CVE-2023-1393')).toBeUndefined();
  });

  it('Alpine: secfixes on the origin package of the release', () => {
    const purl = (version: string): string =>
      `pkg:apk/alpine/apache2-utils@${version}?distro=alpine-3.17.1&upstream=apache2`;
    expect(find(match(purl('2.4.54-r0')), 'CVE-2006-20001')).toMatchObject({ fixedVersions: ['2.4.55-r0'] });
    expect(find(match(purl('2.4.55-r0')), 'CVE-2006-20001')).toBeUndefined();
  });

  it('Azure Linux: OVAL on the source rpm', () => {
    const purl = (release: string): string =>
      `pkg:rpm/azurelinux/openssh-clients@9.8p1-${release}.azl3?distro=azurelinux-3.0&upstream=openssh-9.8p1-${release}.azl3.src.rpm`;
    expect(find(match(purl('2')), 'CVE-2025-26466')).toMatchObject({
      fixedVersions: ['9.8p1-3.azl3'],
      severity: { word: 'high' },
    });
    expect(find(match(purl('3')), 'CVE-2025-26466')).toBeUndefined();
  });

  it('AlmaLinux: an erratum per flaw, by binary package', () => {
    const purl = (version: string): string =>
      `pkg:rpm/almalinux/gstreamer1-plugins-base@${version}?distro=almalinux-9.4&arch=x86_64`;
    const finding = find(match(purl('1.22.1-1.el9')), 'CVE-2023-37328');
    expect(finding?.advisories.map(({ id }) => id)).toContain('ALSA-2024:2302');
    expect(find(match(purl('1.22.1-2.el9')), 'CVE-2023-37328')).toBeUndefined();
  });

  it('packages of several distributions in one list, and what their data is worth', () => {
    const packages = [
      'pkg:deb/debian/openssl@3.0.2-1?distro=debian-12',
      'pkg:apk/alpine/openssl@3.0.7-r0?distro=alpine-3.20.0',
      'pkg:rpm/rocky/openssl@1%3A3.0.7-1.el9?distro=rocky-9',
      'pkg:golang/golang.org/x/net@v0.1.0',
    ].map((purl) => packageOf(purl));
    const result = database.match({ packages });
    const { state, causes } = assess(result, { packages, diagnostics: [], complete: true });
    expect(state).toBe('partial');
    expect(causes.map(({ code, scope }) => [code, scope])).toEqual([
      ['feed/approximate', 'alpine-v3.20'],
      ['feed/derived', 'debian'],
      ['feed/missing', 'Rocky Linux:9'],
    ]);
  });

  it('end of support of the distribution', () => {
    const distribution = { id: 'debian', versionId: '10', evidencePath: 'etc/os-release' };
    expect(database.match({ packages: [], distribution }).endOfLife).toMatchObject([
      { product: 'debian', release: '10', ended: true },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import type { RangeEvent, VersionRange } from '@plombe/model';
import { advisory, vendorDatabase } from '../testing/advisory-feed.ts';
import { packageOf } from '../testing/records.ts';

const deb = (...events: readonly RangeEvent[]): VersionRange[] => [
  { scheme: 'deb', events: [{ introduced: '0' }, ...events] },
];
const installed = [packageOf('pkg:deb/ubuntu/openssl@1.1.1-1ubuntu2?distro=ubuntu-22.04')];
const at = { ecosystem: 'Ubuntu:22.04', name: 'openssl' };

describe('statuses', () => {
  it('shows the vendor’s word, and the most urgent where statements differ', async () => {
    const database = await vendorDatabase([
      advisory('CVE-2026-1111', [{ ...at, ranges: deb(), status: 'will_not_fix', statusNote: 'ignored' }]),
      advisory('CVE-2026-2222', [{ ...at, ranges: deb(), status: 'under_investigation', statusNote: 'needs-triage' }]),
      advisory('CVE-2026-3333', [{ ...at, ranges: deb(), status: 'will_not_fix' }]),
      advisory('USN-1', [{ ...at, ranges: deb({ fixed: '1.1.1-1ubuntu3' }) }], { upstream: ['CVE-2026-3333'] }),
    ]);
    const { findings } = database.match({ packages: installed });
    expect(findings.map(({ vulnerability, status, statusNote }) => [vulnerability, status, statusNote])).toEqual([
      ['CVE-2026-3333', 'affected', undefined],
      ['CVE-2026-1111', 'will_not_fix', 'ignored'],
      ['CVE-2026-2222', 'under_investigation', 'needs-triage'],
    ]);
    expect(findings[0]?.fixedVersions).toEqual(['1.1.1-1ubuntu3']);
  });

  it('a veto takes away what others say, through any alias', async () => {
    const database = await vendorDatabase([
      advisory('GHSA-1111-1111-1111', [{ ...at, ranges: deb() }], { aliases: ['CVE-2026-1111'] }),
      advisory('CVE-2026-1111', [{ ...at, status: 'not_affected', statusNote: 'code not built' }]),
    ]);
    const match = database.match({ packages: installed });
    expect(match.findings).toEqual([]);
    expect(match.suppressed).toMatchObject([
      { vulnerability: 'CVE-2026-1111', reason: 'vendor says not affected (code not built): CVE-2026-1111' },
    ]);
    const explained = database.explain('CVE-2026-1111', { packages: installed }).explained;
    expect(explained.map(({ advisory: id, outcome }) => [id, outcome])).toEqual([
      ['CVE-2026-1111', 'not_affected'],
      ['GHSA-1111-1111-1111', 'suppressed'],
    ]);
  });

  it('a veto for some versions leaves the others', async () => {
    const database = await vendorDatabase([
      advisory('CVE-2026-1111', [
        { ...at, ranges: deb() },
        { ...at, ranges: deb({ fixed: '1.1.1' }), status: 'not_affected' },
      ]),
    ]);
    expect(database.match({ packages: installed }).findings).toHaveLength(1);
  });

  it('a fix in an extended-support pocket is not offered to images without it', async () => {
    const pocket = { qualifiers: { pocket: 'esm-infra' } };
    const database = await vendorDatabase([
      advisory('CVE-2026-1111', [
        { ...at, ranges: deb(), status: 'will_not_fix', statusNote: 'end of standard support' },
        { ...at, ranges: deb({ fixed: '1.1.1-1ubuntu2+esm1' }), ...pocket },
      ]),
    ]);
    const [finding] = database.match({ packages: installed }).findings;
    expect(finding).toMatchObject({
      status: 'affected',
      fixedVersions: [],
      statusNote: 'the fix is only in esm-infra',
    });
    const withPocket = [packageOf('pkg:deb/ubuntu/openssl@1.1.1-1ubuntu2%2Besm1?distro=ubuntu-22.04')];
    expect(database.match({ packages: withPocket }).findings).toEqual([]);
  });

  it('a pocket says nothing of images without it where the public archive has the fix', async () => {
    const fixedAt = (version: string, pocket?: string) => ({
      ...at,
      ranges: deb({ fixed: version }),
      ...(pocket === undefined ? {} : { qualifiers: { pocket } }),
    });
    const database = await vendorDatabase([
      advisory('CVE-2026-1111', [fixedAt('1.1.1-1ubuntu2.1'), fixedAt('1.1.1-1ubuntu2.fips.9', 'fips-updates')]),
      advisory('CVE-2026-2222', [fixedAt('1.1.1-1ubuntu1'), fixedAt('1.1.1-1ubuntu9+esm1', 'esm-infra')]),
    ]);
    const on = (version: string): string[] =>
      database
        .match({ packages: [packageOf(`pkg:deb/ubuntu/openssl@${version}?distro=ubuntu-22.04`)] })
        .findings.map(({ vulnerability }) => vulnerability);
    expect(on('1.1.1-1ubuntu2.1')).toEqual([]);
    expect(on('1.1.1-1ubuntu2')).toEqual(['CVE-2026-1111']);
    expect(on('1.1.1-1ubuntu2.fips.8')).toEqual(['CVE-2026-1111']);
  });

  it('a build of a pocket is affected where its pocket is not only because the public archive has the fix', async () => {
    const inherited = { status: 'not_affected', statusNote: 'not-affected: 1.1.1-1ubuntu2.1' } as const;
    const database = await vendorDatabase([
      advisory('CVE-2026-1111', [
        { ...at, ranges: deb({ fixed: '1.1.1-1ubuntu2.1' }) },
        { ...at, ranges: deb(), ...inherited, qualifiers: { pocket: 'esm-apps' } },
      ]),
      advisory('CVE-2026-2222', [
        { ...at, ranges: deb(), status: 'will_not_fix' },
        { ...at, ranges: deb(), ...inherited, qualifiers: { pocket: 'esm-apps' } },
      ]),
    ]);
    const on = (version: string): string[] =>
      database
        .match({ packages: [packageOf(`pkg:deb/ubuntu/openssl@${version}?distro=ubuntu-22.04`)] })
        .findings.map(({ vulnerability }) => vulnerability);
    expect(on('1.1.1-1ubuntu2%2Besm1')).toEqual(['CVE-2026-1111']);
    expect(on('1.1.1-1ubuntu2.1%2Besm1')).toEqual([]);
  });

  it('an advisory for another architecture does not count', async () => {
    const database = await vendorDatabase([
      advisory('CVE-2026-1111', [{ ...at, ranges: deb(), qualifiers: { architectures: ['aarch64'] } }]),
    ]);
    const on = (arch: string): number =>
      database.match({ packages: [packageOf(`pkg:deb/ubuntu/openssl@1-1?arch=${arch}&distro=ubuntu-22.04`)] }).findings
        .length;
    expect([on('amd64'), on('arm64'), on('all')]).toEqual([0, 1, 1]);
  });
});

describe('what decorates a finding', () => {
  it('severity of the vendor first, then of the advisory, then of others; all kept', async () => {
    const severity = { author: 'ubuntu', word: 'low' as const };
    const database = await vendorDatabase(
      [
        advisory('CVE-2026-1111', [{ ...at, ranges: deb(), severity }]),
        advisory('CVE-2026-2222', [{ ...at, ranges: deb() }]),
        advisory('CVE-2026-3333', [{ ...at, ranges: deb(), severity: { author: 'ubuntu', word: 'unknown' } }]),
        advisory('CVE-2026-4444', [{ ...at, ranges: deb() }]),
      ],
      ['CVE-2026-1111', 'CVE-2026-2222', 'CVE-2026-3333'].map((vulnerability) => ({
        kind: 'severity',
        vulnerability,
        severities: [
          { author: 'nvd', word: 'critical', score: 9.8 },
          { author: 'ghsa', word: 'high', score: 7.5 },
        ],
      })),
    );
    const { findings } = database.match({ packages: installed });
    const shown = findings.map(({ vulnerability, severity: { author, word }, severities }) => [
      vulnerability,
      author,
      word,
      severities.length,
    ]);
    expect(shown.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))).toEqual([
      ['CVE-2026-1111', 'ubuntu', 'low', 3],
      ['CVE-2026-2222', 'ghsa', 'high', 2],
      ['CVE-2026-3333', 'ghsa', 'high', 3],
      ['CVE-2026-4444', 'none', 'unknown', 0],
    ]);
  });

  it('EPSS and KEV by the CVE of the closure; absent is unknown, not zero', async () => {
    const database = await vendorDatabase(
      [
        advisory('GHSA-1111-1111-1111', [{ ...at, ranges: deb() }], { aliases: ['CVE-2026-1111'] }),
        advisory('CVE-2026-2222', [{ ...at, ranges: deb() }]),
      ],
      [
        { kind: 'epss', vulnerability: 'CVE-2026-1111', score: 0.97215, percentile: 0.99871, date: '2026-03-01' },
        { kind: 'kev', vulnerability: 'CVE-2026-1111', exploited: { dateAdded: '2026-01-01', ransomware: true } },
      ],
    );
    const [first, second] = database.match({ packages: installed }).findings;
    expect(first).toMatchObject({
      vulnerability: 'CVE-2026-1111',
      epss: { score: 0.97215, percentile: 0.99871, date: '2026-03-01' },
      knownExploited: { dateAdded: '2026-01-01', ransomware: true },
    });
    expect(second?.epss).toBeUndefined();
    expect(second?.knownExploited).toBeUndefined();
  });

  it('calls a Go module vulnerable with less confidence where the advisory names symbols', async () => {
    const range = [{ scheme: 'go', events: [{ introduced: '0' }] }];
    const go = { ecosystem: 'Go', name: 'a.b/c', ranges: range };
    const database = await vendorDatabase([
      advisory('GO-2026-1', [{ ...go, qualifiers: { symbols: { 'a.b/c/d': ['Parse'] } } }]),
      advisory('GO-2026-2', [go]),
    ]);
    const { findings } = database.match({ packages: [packageOf('pkg:golang/a.b/c@v1.0.0')] });
    expect(findings.map(({ vulnerability, confidence }) => [vulnerability, confidence])).toEqual([
      ['GO-2026-1', 'module'],
      ['GO-2026-2', 'exact'],
    ]);
  });
});

import type { Advisory } from '@plombe/model';
import { beforeAll, describe, expect, test } from 'vitest';
import { collect, memoryDocument, sharedDocument, signal } from '../../testing/documents.ts';
import { go, osv, pypa } from './index.ts';
import { parseOsvRecord } from './parse.ts';

function parse(record: object): Advisory {
  const parsed = parseOsvRecord(record, 'osv');
  if ('cause' in parsed) throw new Error(parsed.cause);
  return parsed;
}

const of = (ecosystem: string, name: string, rest: object = {}) => ({
  id: 'X-1',
  affected: [{ package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }], ...rest }],
});

test.each([
  ['PyPI', 'Zope.Interface_x', 'PyPI', 'zope-interface-x', 'pep440'],
  ['NuGet', 'DotNetNuke.Core', 'NuGet', 'dotnetnuke.core', 'nuget'],
  ['Packagist', 'Vendor/Name', 'Packagist', 'vendor/name', 'composer'],
  ['Go', 'github.com/BurntSushi/toml', 'Go', 'github.com/burntsushi/toml', 'go'],
  ['npm', '@scope/Name', 'npm', '@scope/Name', 'semver'],
  ['Maven', 'org.x:y', 'Maven', 'org.x:y', 'maven'],
  ['Debian:12', 'glibc', 'Debian:12', 'glibc', 'deb'],
  ['Ubuntu:22.04:LTS', 'glibc', 'Ubuntu:22.04', 'glibc', 'deb'],
  ['Alpine:v3.17', 'zlib', 'Alpine:v3.17', 'zlib', 'apk'],
  ['Azure Linux:3', 'curl', 'Azure Linux:3', 'curl', 'rpm'],
  ['Azure Linux:2', 'curl', 'Mariner:2.0', 'curl', 'rpm'],
  ['Rocky Linux:9', 'curl', 'Rocky Linux:9', 'curl', 'rpm'],
  ['Something New', 'x', 'Something New', 'x', 'something-new'],
])('%s %s', (ecosystem, name, expectedEcosystem, expectedName, scheme) => {
  expect(parse(of(ecosystem, name)).affected[0]).toMatchObject({
    ecosystem: expectedEcosystem,
    name: expectedName,
    ranges: [{ scheme, events: [{ introduced: '0' }] }],
  });
});

test.each([
  ['Ubuntu:Pro:16.04:LTS', 'Ubuntu:16.04', 'esm'],
  ['Ubuntu:Pro:FIPS-updates:20.04:LTS', 'Ubuntu:20.04', 'fips-updates'],
  ['Ubuntu:24.04:LTS', 'Ubuntu:24.04', undefined],
])('%s is %s, pocket %s', (written, ecosystem, pocket) => {
  const affected = parse(of(written, 'x')).affected[0];
  expect(affected?.ecosystem).toBe(ecosystem);
  expect(affected?.qualifiers?.pocket).toBe(pocket);
});

test.each([
  ['Withdrawn: Arbitrary code execution in lodash', true],
  ['Withdrawn Advisory: mariadb was malware', true],
  ['WITHDRAWN: Directory traversal in FilesystemStore in github.com/gorilla/sessions', true],
  ['Withdrawn', true],
  ['Rejected reason: DO NOT USE THIS CANDIDATE NUMBER.', true],
  ['** REJECT ** This candidate was withdrawn by its CNA.', true],
  ["XMLUI's metadata of withdrawn Items is exposed to anonymous users", false],
  ['Withdrawn items can be read by anybody', false],
])('titled "%s": withdrawn is %s', (summary, isWithdrawn) => {
  expect(parse({ ...of('npm', 'x'), summary }).withdrawnAt !== undefined).toBe(isWithdrawn);
});

const rangesOf = (events: unknown): unknown =>
  parse(of('npm', 'x', { ranges: [{ type: 'SEMVER', events }] })).affected[0]?.ranges;

test('an event with two boundaries is read whole, one that cannot be read does not widen the range', () => {
  expect(rangesOf([{ introduced: '0', fixed: '1.0.0' }])).toEqual([
    { scheme: 'semver', events: [{ introduced: '0' }, { fixed: '1.0.0' }] },
  ]);
  for (const fixed of ['1 .0', 7, '', 'x'.repeat(600)])
    expect(rangesOf([{ introduced: '0' }, { fixed }])).toMatchObject([{ scheme: 'unreadable' }]);
  expect(rangesOf([{ introduced: '0' }, { somethingNew: '1' }, { limit: '*' }])).toEqual([
    { scheme: 'semver', events: [{ introduced: '0' }] },
  ]);
});

const repo = 'https://github.com/python/cpython';
const commitsOnly = [{ introduced: '0' }, { fixed: '4df1b6d478020ac51c84467f47e42083f53adbad' }];

test.each<[string, object, object]>([
  ['commits alone', {}, { ranges: [{ scheme: 'commits' }], versions: [] }],
  ['tags that an exporter listed', { versions: ['v3.8.0', 'v3.8.1'] }, { ranges: [], versions: ['v3.8.0', 'v3.8.1'] }],
])('PSF: %s of a repository are about CPython', (_, rest, expected) => {
  const affected = [{ ranges: [{ type: 'GIT', repo, events: commitsOnly }], ...rest }];
  expect(parse({ id: 'PSF-2007-1', affected }).affected).toMatchObject([
    { ecosystem: 'CPython', name: 'python', ...expected },
  ]);
});

test('versions beside the commits of a repository are its range; those beside a package’s are not', () => {
  const extracted = { extracted_events: [{ introduced: '3.8.0' }, { last_affected: '3.8.18' }] };
  for (const database_specific of [extracted, { versions: extracted.extracted_events }]) {
    const range = { type: 'GIT', repo, events: commitsOnly, database_specific };
    expect(parse({ id: 'PSF-2024-1', affected: [{ ranges: [range] }] }).affected[0]?.ranges).toEqual([
      { scheme: 'pep440', events: [{ introduced: '3.8.0' }, { lastAffected: '3.8.18' }] },
    ]);
    const own = { type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2' }] };
    expect(parse(of('PyPI', 'x', { ranges: [range, own] })).affected[0]?.ranges).toHaveLength(1);
  }
});

const derivedNpm = sharedDocument('osv/GHSA-derived-npm/all.zip', 'derived');

test.skipIf(derivedNpm === undefined)(
  'derived records without an end do not say that every version is affected',
  async () => {
    if (derivedNpm === undefined) return;
    const { advisories } = await collect(osv.parse(derivedNpm, { signal }));
    const get = (id: string): Advisory | undefined => advisories.find((one) => one.id === id);
    expect(get('CVE-2021-41720')?.withdrawnAt).toBeDefined();
    const open = advisories.filter(({ affected }) => affected.some(({ status }) => status === 'under_investigation'));
    expect(open.length).toBeGreaterThan(500);
    expect(open.every(({ summary }) => !/malware|malicious/i.test(summary ?? ''))).toBe(true);
    expect(get('CVE-2019-10744')?.affected[0]?.status).toBe('affected');
  },
);

test('aliases, related and upstream stay apart; an id made of a CVE is that CVE', () => {
  const record = {
    ...of('Debian:12', 'x'),
    id: 'DEBIAN-CVE-2024-1000',
    upstream: ['CVE-2024-1000'],
    related: ['CVE-2024-2000'],
  };
  expect(parse(record)).toMatchObject({ aliases: ['CVE-2024-1000'], related: ['CVE-2024-2000'], upstream: [] });
  const notice = { ...of('Ubuntu:22.04:LTS', 'x'), id: 'USN-1-1', upstream: ['CVE-2024-1000', 'CVE-2024-1001'] };
  expect(parse(notice)).toMatchObject({ aliases: [], upstream: ['CVE-2024-1000', 'CVE-2024-1001'] });
});

test.each([
  [
    { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
    { word: 'critical', score: 9.8 },
  ],
  [
    { type: 'CVSS_V2', score: 'AV:N/AC:L/Au:N/C:P/I:P/A:P' },
    { word: 'high', score: 7.5 },
  ],
  [
    { type: 'Ubuntu', score: 'medium' },
    { author: 'ubuntu', word: 'medium' },
  ],
])('severity %j', (severity, expected) => {
  expect(parse({ ...of('npm', 'x'), severity: [severity] }).severities).toMatchObject([expected]);
});

test.each([
  [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:Q' }],
  [{ type: 'CVSS_V3', score: 'x'.repeat(10_000) }],
  ['high'],
  [null],
])('a severity that is none (%#) is left out', (severity) => {
  expect(parse({ ...of('npm', 'x'), severity: [severity] }).severities).toEqual([]);
});

test('T58 hostile text is one short line, links only http, ids without spaces', () => {
  const parsed = parse({
    ...of('npm', 'x'),
    summary: `<script>\n\u001b[31m${'x'.repeat(100_000)}`,
    aliases: ['CVE-2024-1', 'a b', '', 7, '../x'],
    references: [{ url: 'javascript:alert(1)' }, { url: 'https://ok.example/' }, { url: 'file:///etc/passwd' }, 7],
  });
  expect(parsed.summary).toHaveLength(300);
  expect(parsed.summary).not.toMatch(/[\n\u001b]/);
  expect(parsed).toMatchObject({ aliases: ['CVE-2024-1'], references: ['https://ok.example/'] });
});

test('T73 prototype keys are data', () => {
  const record = JSON.parse(
    '{"id": "GO-1", "__proto__": {"withdrawn": "2020-01-01"}, "affected": [{"package": {"ecosystem": "Go", "name": "__proto__"}, "versions": ["1"], "ecosystem_specific": {"imports": [{"path": "__proto__", "symbols": ["x"]}, {"path": "constructor"}]}}]}',
  ) as object;
  const parsed = parse(record);
  expect(parsed.withdrawnAt).toBeUndefined();
  expect(Object.entries(parsed.affected[0]?.qualifiers?.symbols ?? {})).toEqual([
    ['__proto__', ['x']],
    ['constructor', []],
  ]);
});

test('T55 an archive cut off, a page in its place, or one without records is refused', async () => {
  for (const name of ['Go/all.zip', 'pypa/main.tar.gz', 'X/record.json']) {
    for (const text of ['', '<html>', 'PK\u0003\u0004']) {
      const read = collect(osv.parse(memoryDocument(name, text), { signal }));
      await expect(read).rejects.toMatchObject({ code: 'feed/malformed' });
    }
  }
});

test('T54 a YAML record of over 256 KiB is refused, and says so', async () => {
  const whole = memoryDocument('pypa/PYSEC-1.yaml', `id: PYSEC-1\n${'#\n'.repeat(140_000)}`);
  await expect(collect(pypa.parse(whole, { signal }))).rejects.toThrow(/has 280012 bytes of YAML, over 262144/);
});

test('T54 a YAML record gets no aliases, tags or merge keys', async () => {
  const record = (body: string) => memoryDocument('pypa/PYSEC-1.yaml', `id: PYSEC-1\n${body}`);
  const { advisories } = await collect(
    pypa.parse(record('aliases: [CVE-2024-1]\npublished: 2024-01-01T00:00:00Z\n'), { signal }),
  );
  expect(advisories).toMatchObject([{ id: 'PYSEC-1', aliases: ['CVE-2024-1'], publishedAt: '2024-01-01T00:00:00Z' }]);
  for (const body of ['a: &a [x]\nb: [*a, *a]\n', 'a: {{{\n']) {
    await expect(collect(pypa.parse(record(body), { signal }))).rejects.toMatchObject({ code: 'feed/malformed' });
  }
});

test.each([
  ['osv/Go/all.zip', 'osv-go', ['Go']],
  ['feeds/osv/GHSA-derived-npm/all.zip', 'osv-ghsa-derived-npm', ['npm']],
  ['osv/GHSA-samples/all.zip', 'osv-ghsa-samples', []],
  ['osv/malicious-sample/all.zip', 'osv-malicious-sample', []],
  ['osv/Azure Linux/AZL-1.json', 'osv-azure-linux', ['Azure Linux']],
  ['osv/GitHub Actions/all.zip', 'osv-github-actions', ['GitHub Actions']],
  ['kev/x.json', undefined, undefined],
])('%s belongs to shard %s', (path, shard, covers) => {
  expect(osv.matches(path)).toBe(shard);
  if (shard !== undefined) expect(osv.covers?.(shard)).toEqual(covers);
});

test('requests name the archive of each ecosystem, not those of distributions with a feed of their own', () => {
  expect(osv.requests(['Azure Linux:3', 'GitHub Actions', 'Debian'])).toEqual([
    {
      shard: 'osv-github-actions',
      documents: [
        {
          name: 'osv/GitHub Actions/all.zip',
          url: 'https://osv-vulnerabilities.storage.googleapis.com/GitHub%20Actions/all.zip',
        },
      ],
    },
  ]);
  expect(osv.requests(['OSV:Azure Linux']).map(({ shard }) => shard)).toEqual(['osv-azure-linux']);
  expect(go.requests(['go'])[0]?.documents[0]?.url).toBe('https://vuln.go.dev/vulndb.zip');
});

const archives = [
  'Go',
  'PyPI',
  'AlmaLinux',
  'crates.io',
  'Bitnami',
  'GHSA-samples',
  'malicious-sample',
  'GHSA-derived-npm',
  'Kubernetes',
];
const documents = archives.map((name) => sharedDocument(`osv/${name}/all.zip`));

describe.skipIf(documents.includes(undefined))('real records', () => {
  const byId = new Map<string, Advisory[]>();
  const problems: unknown[] = [];
  const get = (id: string) => byId.get(id)?.[0];
  const affected = (id: string, name: string) => get(id)?.affected.filter((part) => part.name === name) ?? [];

  beforeAll(async () => {
    for (const document of documents) {
      if (document === undefined) continue;
      const read = await collect(osv.parse(document, { signal }));
      problems.push(...read.problems);
      for (const advisory of read.advisories) byId.set(advisory.id, [...(byId.get(advisory.id) ?? []), advisory]);
    }
  });

  test('every record is read', () => {
    expect(problems).toEqual([]);
    expect([...byId.values()].flat().length).toBe(4291 + 7080 + 5680 + 1206 + 7444 + 69 + 1 + 3621 + 47);
  });

  test('PYSEC-2012-11: a GIT range is ignored, versions and the ECOSYSTEM range are kept', () => {
    expect(affected('PYSEC-2012-11', 'pyfribidi')).toMatchObject([
      {
        versions: ['0.10.0', '0.10.1'],
        ranges: [{ scheme: 'pep440', events: [{ introduced: '0' }, { fixed: '0.11.0' }] }],
      },
    ]);
  });

  test('PYSEC-2006-10: last_affected is inclusive; withdrawn', () => {
    expect(affected('PYSEC-2006-10', 'plone')[0]?.ranges[0]?.events).toEqual([
      { introduced: '0' },
      { lastAffected: '2.5' },
      { lastAffected: '2.5.1' },
    ]);
    expect(get('PYSEC-2006-10')?.withdrawnAt).toBe('2026-07-09T15:54:00Z');
    expect(get('GO-2022-0617')?.withdrawnAt).toBe('2024-08-21T16:25:56Z');
  });

  test('PYSEC-2006-4: versions without a range', () => {
    expect(affected('PYSEC-2006-4', 'extractor')).toMatchObject([{ ranges: [], versions: ['0.5'] }]);
  });

  test('PYSEC-2018-9: disputed', () => {
    expect(get('PYSEC-2018-9')?.disputed).toBe(true);
  });

  test('GO-2026-6218: stdlib, a range from a first pre-release, symbols', () => {
    expect(affected('GO-2026-6218', 'stdlib')).toMatchObject([
      {
        ranges: [
          { scheme: 'go', events: expect.arrayContaining([{ introduced: '1.26.0-0' }, { fixed: '1.27.0-rc.3' }]) },
        ],
        qualifiers: { symbols: { 'net/url': ['URL.Parse', 'URL.ResolveReference', 'resolvePath'] } },
      },
    ]);
    expect(get('GO-2026-6218')?.severities).toEqual([]);
  });

  test('GHSA-75v8-2h7p-7m2m: a last known range bounds the range without a fix, and only that', () => {
    expect(affected('GHSA-75v8-2h7p-7m2m', 'formidable').map(({ ranges }) => ranges[0]?.events)).toEqual([
      [{ introduced: '3.1.1-canary.20211030' }, { fixed: '3.5.3' }],
      [{ introduced: '2.1.0' }, { limit: '2.1.3' }],
    ]);
    expect(get('GHSA-75v8-2h7p-7m2m')?.severities).toMatchObject([{ author: 'ghsa', word: 'low', score: 3.1 }]);
  });

  test('GHSA-2c7x-w3mx-h7p6: Packagist, a scheme we may lack is kept by its id', () => {
    expect(affected('GHSA-2c7x-w3mx-h7p6', 'microweber/microweber')[0]?.ranges).toEqual([
      { scheme: 'composer', events: [{ introduced: '0' }, { lastAffected: '2.0.4' }] },
    ]);
  });

  test('MAL-2025-191025: malware is critical, by exact version', () => {
    expect(get('MAL-2025-191025')).toMatchObject({
      aliases: ['GHSA-q2q8-5wg4-g6jq'],
      severities: [{ author: 'openssf', word: 'critical' }],
      affected: [{ ecosystem: 'npm', name: '02-echo', versions: ['0.0.7'] }],
    });
  });

  test('ALSA-2022:9073: rpm, module stream, severity in the summary, related ids apart', () => {
    expect(get('ALSA-2022:9073')).toMatchObject({ severities: [{ author: 'almalinux', word: 'medium' }], aliases: [] });
    expect(get('ALSA-2022:9073')?.related).toContain('CVE-2021-44906');
    expect(affected('ALSA-2022:9073', 'nodejs')[0]).toMatchObject({
      ecosystem: 'AlmaLinux:8',
      ranges: [{ scheme: 'rpm', events: [{ introduced: '0' }, { fixed: '1:16.18.1-3.module_el8.7.0+3371+ed8c43db' }] }],
      qualifiers: { module: 'nodejs:16' },
    });
    expect(affected('ALSA-2026:9693', 'java-25-openjdk')[0]?.qualifiers).toBeUndefined();
  });

  test('ALSA-2024:0265 is published for two releases under one id', () => {
    expect(
      new Set(byId.get('ALSA-2024:0265')?.flatMap((advisory) => advisory.affected.map(({ ecosystem }) => ecosystem))),
    ).toEqual(new Set(['AlmaLinux:8', 'AlmaLinux:9']));
  });

  test('ALBA-2019:0973: a bug fix without a vulnerability is negligible', () => {
    expect(get('ALBA-2019:0973')?.severities).toEqual([{ author: 'almalinux', word: 'negligible' }]);
  });

  test('BIT-activemq-2020-11998: the word of the database and the vector beside the package', () => {
    expect(get('BIT-activemq-2020-11998')?.severities).toEqual([{ author: 'bitnami', word: 'critical' }]);
    expect(affected('BIT-activemq-2020-11998', 'activemq')[0]?.severity).toMatchObject({
      author: 'bitnami',
      word: 'critical',
      score: 9.8,
    });
  });

  test('RUSTSEC-2016-0004: unmaintained is a notice, not a flaw', () => {
    expect(affected('RUSTSEC-2016-0004', 'libusb')[0]).toMatchObject({
      statusNote: 'unmaintained',
      severity: { author: 'rustsec', word: 'negligible' },
    });
  });
});

// NVD by CPE: records of the API's published schema, overrides as published, and what of both can be compared.
import { gzipSync } from 'node:zlib';
import type { Advisory, AffectedPackage } from '@plombe/model';
import { describe, expect, test } from 'vitest';
import { collect, collectFacts, memoryDocument, sharedDocument, signal } from '../../testing/documents.ts';
import { nvdScores } from '../../enrichment/nvd/index.ts';
import { parseConfigurations } from './configurations.ts';
import { nvd } from './index.ts';
import { isNvdProduct } from './products.ts';

const match = (criteria: string, rest: object = {}) => ({ vulnerable: true, criteria, ...rest });
const node = (cpeMatch: readonly object[], rest: object = {}) => ({ operator: 'OR', negate: false, cpeMatch, ...rest });
const cpe = (product: string, version = '*', rest = '*:*:*:*:*:*:*') => `cpe:2.3:a:${product}:${version}:${rest}`;

const record = (id: string, configurations: readonly object[], rest: object = {}) => ({
  cve: {
    id,
    sourceIdentifier: 'security@example.org',
    published: '2024-01-02T03:15:08.000',
    lastModified: '2024-02-02T03:15:08.000',
    vulnStatus: 'Analyzed',
    descriptions: [{ lang: 'en', value: 'A flaw.' }],
    configurations,
    references: [{ url: 'https://example.org/advisory' }],
    ...rest,
  },
});
const page = (records: readonly object[], name = 'nvd/cves-0.json') =>
  memoryDocument(
    name,
    JSON.stringify({
      resultsPerPage: records.length,
      startIndex: 0,
      totalResults: records.length,
      format: 'NVD_CVE',
      version: '2.0',
      vulnerabilities: records,
    }),
    100,
  );

async function read(...documents: Parameters<NonNullable<typeof nvd.join>>[0]): Promise<readonly Advisory[]> {
  const { advisories, problems } = await collect((nvd.join as NonNullable<typeof nvd.join>)(documents, { signal }));
  expect(problems).toEqual([]);
  return advisories;
}

function affectedBy(configurations: readonly object[]): readonly AffectedPackage[] {
  return parseConfigurations({ configurations }, () => true);
}

test.each([
  [{ versionStartIncluding: '1.0', versionEndExcluding: '1.2.3' }, [{ introduced: '1.0' }, { fixed: '1.2.3' }]],
  [
    { versionStartExcluding: '1.0', versionEndIncluding: '1.2' },
    [{ introduced: '1.0.0.0.0.1' }, { lastAffected: '1.2' }],
  ],
  [{ versionEndExcluding: '2.0' }, [{ introduced: '0' }, { fixed: '2.0' }]],
  [{ versionStartIncluding: '2.0' }, [{ introduced: '2.0' }]],
  [{}, [{ introduced: '0' }]],
  // CVE-2025-27210: a branch without a fix.
  [{ versionStartIncluding: '4.0', versionEndExcluding: '4.*' }, [{ introduced: '4.0' }, { limit: '5' }]],
])('bounds %j', async (bounds, events) => {
  expect(affectedBy([{ nodes: [node([match(cpe('python:python'), bounds)])] }])).toEqual([
    {
      ecosystem: 'NVD',
      name: 'python:python',
      ranges: [{ scheme: 'tag', events }],
      versions: [],
      status: 'affected',
    },
  ]);
});

test('one version, with its update; `-` is no version; operating systems and hardware are no packages', async () => {
  const criteria = [
    match(cpe('python:python', '3.11.0', 'alpha1:*:*:*:*:*:*')),
    match(cpe('python:python', '3.10.0', '-:*:*:*:*:*:*')),
    match(cpe('python:python', '-')),
    match('cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*'),
    match('cpe:2.3:h:cisco:router:-:*:*:*:*:*:*:*'),
    match('cpe:/a:python:python'),
  ];
  expect(affectedBy([{ nodes: [node(criteria)] }])).toMatchObject([
    { name: 'python:python', ranges: [], versions: ['3.11.0-alpha1', '3.10.0'] },
  ]);
});

test('escapes of a CPE are taken away', async () => {
  const [affected] = affectedBy([{ nodes: [node([match('cpe:2.3:a:c\\+\\+:x\\:y:1.0:*:*:*:*:*:*:*')])] }]);
  expect(affected).toMatchObject({ name: 'c++:x:y', versions: ['1.0'] });
});

test('running on an operating system is a qualifier; beside other software it cannot be compared, and says so', async () => {
  const product = node([match(cpe('nodejs:node.js'), { versionEndExcluding: '22.17.1' })]);
  const on = (criteria: string) => node([{ vulnerable: false, criteria }]);
  const configured = (other: object) => [{ operator: 'AND', nodes: [product, other] }];
  expect(affectedBy(configured(on('cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*')))).toMatchObject([
    { statusNote: 'only on windows', qualifiers: { systems: ['windows'] } },
  ]);
  expect(affectedBy(configured(on(cpe('apache:tomcat'))))).toMatchObject([
    { statusNote: 'only with apache:tomcat', qualifiers: { configuration: 'only with apache:tomcat' } },
  ]);
  const both = { operator: 'AND', nodes: [product, node([match(cpe('openssl:openssl'))])] };
  expect(affectedBy([both]).map(({ name, statusNote }) => [name, statusNote])).toEqual([
    ['nodejs:node.js', 'only with openssl:openssl'],
    ['openssl:openssl', 'only with nodejs:node.js'],
  ]);
});

test('what it is made for, and negation, are conditions', async () => {
  const plugin = match(cpe('acme:forms', '*', '*:*:*:*:wordpress:*:*'));
  expect(affectedBy([{ nodes: [node([plugin])] }])).toMatchObject([{ statusNote: 'for wordpress' }]);
  expect(affectedBy([{ nodes: [node([match(cpe('zlib:zlib'))], { negate: true })] }])).toMatchObject([
    { qualifiers: { configuration: 'where other software is absent' } },
  ]);
});

const cvss = (source: string, vectorString: string) => ({ source, type: 'Primary', cvssData: { vectorString } });

test('severities have their authors: the assigner, CISA and NVD, who comes last', async () => {
  const metrics = {
    cvssMetricV31: [
      cvss('nvd@nist.gov', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'),
      cvss('security@openssl.org', 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N'),
      cvss('134c704f-9b21-4f2e-91b3-4a353353bcc0', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H'),
    ],
    cvssMetricV2: [cvss('nvd@nist.gov', 'AV:N/AC:L/Au:N/C:P/I:P/A:P')],
  };
  const document = page([record('CVE-2024-1234', [], { metrics })]);
  const { facts } = await collectFacts(nvdScores.parse(document, { signal }));
  expect(facts).toMatchObject([
    {
      kind: 'severity',
      vulnerability: 'CVE-2024-1234',
      publishedAt: '2024-01-02T03:15:08.000',
      severities: [
        { author: 'openssl.org', word: 'low' },
        { author: 'cisa', word: 'high' },
        { author: 'nvd', word: 'critical', score: 9.8 },
        { author: 'nvd', word: 'high', score: 7.5 },
      ],
    },
  ]);
});

test('rejected records and those about other products are left out, disputed ones say so', async () => {
  const about = (product: string) => [{ nodes: [node([match(cpe(product))])] }];
  const rejected = record('CVE-2024-1111', about('zlib:zlib'), { vulnStatus: 'Rejected' });
  const tags = { cveTags: [{ sourceIdentifier: 'x', tags: ['disputed'] }] };
  const disputed = record('CVE-2024-2222', about('zlib:zlib'), tags);
  const other = record('CVE-2024-3333', about('acme:forms'));
  const all = [rejected, disputed, other];
  expect((await read(page(all))).map(({ id, disputed: isDisputed }) => [id, isDisputed])).toEqual([
    ['CVE-2024-2222', true],
  ]);
  const { facts } = await collectFacts(nvdScores.parse(page(all), { signal }));
  expect(facts).toMatchObject([{ rejected: true }, { disputed: true, severities: [] }]);
});

test('of several pages the last change of a record counts, wherever it is; yearly files may be packed', async () => {
  const before = record('CVE-2024-1234', [{ nodes: [node([match(cpe('zlib:zlib'))])] }]);
  const after = record('CVE-2024-1234', [{ nodes: [node([match(cpe('nodejs:node.js'))])] }], {
    lastModified: '2024-05-02T03:15:08.000',
  });
  const packed = memoryDocument('nvd/nvdcve-2.0-2024.json.gz', gzipSync(JSON.stringify({ vulnerabilities: [after] })));
  for (const documents of [
    [page([before]), packed],
    [packed, page([before])],
  ]) {
    const advisories = await read(...documents);
    expect(advisories.map(({ affected }) => affected[0]?.name)).toEqual(['nodejs:node.js']);
  }
});

const override = (id: string, configurations: readonly object[]) =>
  memoryDocument(
    `nvd-overrides/data/2024/${id}.json`,
    JSON.stringify({ _annotation: { cve_id: id, description: 'A flaw.', references: [] }, cve: { configurations } }),
  );

test('an override replaces what NVD says of products, and stands alone where NVD says nothing', async () => {
  const wrong = record('CVE-2024-1234', [{ nodes: [node([match(cpe('zlib:zlib'))])] }]);
  const right = override('CVE-2024-1234', [{ nodes: [node([match(cpe('nodejs:node.js'))])] }]);
  const alone = override('CVE-2024-9999', [{ nodes: [node([match(cpe('openssl:openssl'))])] }]);
  const advisories = await read(page([wrong]), right, alone);
  expect(advisories.map(({ id, affected }) => [id, affected[0]?.name])).toEqual([
    ['CVE-2024-1234', 'nodejs:node.js'],
    ['CVE-2024-9999', 'openssl:openssl'],
  ]);
});

test('pages are a statement of the products kept, overrides alone are none', () => {
  expect(nvd.covers?.('nvd')).toEqual([]);
  expect(nvd.coversNames?.('nvd', ['nvd/cves-0.json', 'nvd-overrides/x.tar.gz'])?.names).toContain('openssl:openssl');
  expect(nvd.coversNames?.('nvd', ['nvd-overrides/x.tar.gz'])).toBeUndefined();
  expect(
    ['nvd/x.json', 'nvd/x.json.gz', 'nvd-overrides/x.tar.zst', 'nvd/x.txt'].map((path) => nvd.matches(path)),
  ).toEqual(['nvd', 'nvd', 'nvd', undefined]);
});

test('T55 a page that is cut off is no feed; T58 hostile members are problems', async () => {
  const text = '{"vulnerabilities": [{"cve": {"id": "CVE-2024-1234"}}';
  await expect(collect(nvd.parse(memoryDocument('nvd/a.json', text), { signal }))).rejects.toMatchObject({
    code: 'feed/malformed',
  });
  const hostile =
    '{"vulnerabilities": [{"cve": {"id": "a b"}}, 1, null, {"__proto__": {"cve": {"id": "CVE-2024-1234"}}}]}';
  const { advisories, problems } = await collect(nvd.parse(memoryDocument('nvd/a.json', hostile), { signal }));
  expect([advisories.length, problems.length]).toEqual([0, 4]);
});

const archive = sharedDocument('nvd-overrides/nvd-data-overrides-2026-08-21.tar.zst');
if (archive === undefined) console.warn('SKIPPED: no folder of real feeds, the overrides of NVD were not read');

describe.skipIf(archive === undefined)('the overrides', () => {
  test('CVE-2019-7317: every record is read, several products of one with their ranges', async () => {
    if (archive === undefined) return;
    const advisories = await read(archive);
    expect(advisories.length).toBeGreaterThan(1900);
    expect(advisories.flatMap(({ affected }) => affected).every(({ name }) => isNvdProduct(name))).toBe(true);
    const affected = advisories.find(({ id }) => id === 'CVE-2019-7317')?.affected ?? [];
    expect(affected.find(({ name }) => name === 'libpng:libpng')?.ranges).toEqual([
      { scheme: 'tag', events: [{ introduced: '1.6.0' }, { fixed: '1.6.37' }] },
    ]);
    expect(affected.map(({ name }) => name)).toContain('oracle:jdk');
  }, 60_000);
});

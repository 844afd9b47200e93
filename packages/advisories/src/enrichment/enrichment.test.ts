import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { collectFacts, memoryDocument, sharedDocument, signal } from '../testing/documents.ts';
import type { EnrichmentItem } from './contract.ts';
import { endoflife } from './endoflife/index.ts';
import { enrichments } from '../enrichments.ts';
import { epss } from './epss/index.ts';
import { ghsa } from './ghsa/index.ts';
import { kev } from './kev/index.ts';
import { parseCveRecord } from './vulnrichment/record.ts';
import { vulnrichment } from './vulnrichment/index.ts';

const kevFile = sharedDocument('kev/known_exploited_vulnerabilities.json');
const epssFile = sharedDocument('epss/epss_scores-2026-08-16.csv.gz');
const eolFile = sharedDocument('eol/endoflife-products-2026-08-22.tar.zst');
const vulnrichmentFile = sharedDocument('vulnrichment/vulnrichment-2024-10-24.tar.zst');
const ghsaFile = sharedDocument('ghsa-csv/advisories-npm.csv');
const samples = sharedDocument('osv/GHSA-samples/all.zip');

const isKind =
  <K extends EnrichmentItem['kind']>(kind: K) =>
  (item: EnrichmentItem): item is Extract<EnrichmentItem, { kind: K }> =>
    item.kind === kind;

describe.skipIf(kevFile === undefined || epssFile === undefined)('KEV and EPSS, real', () => {
  test('KEV: CVE-2026-8037 with its dates; ransomware only where known', async () => {
    const { facts, problems } = await collectFacts(kev.parse(kevFile as NonNullable<typeof kevFile>, { signal }));
    expect(problems).toEqual([]);
    expect(facts).toHaveLength(1662);
    const found = facts.filter(isKind('kev'));
    expect(found.find(({ vulnerability }) => vulnerability === 'CVE-2026-8037')?.exploited).toEqual({
      dateAdded: '2026-08-07',
      dueDate: '2026-08-10',
      ransomware: false,
    });
    expect(found.find(({ vulnerability }) => vulnerability === 'CVE-2021-44228')?.exploited.ransomware).toBe(true);
  });

  test('EPSS: CVE-1999-0002, with the date of line 1', async () => {
    const { facts, problems } = await collectFacts(epss.parse(epssFile as NonNullable<typeof epssFile>, { signal }));
    expect(problems).toEqual([]);
    expect(facts).toHaveLength(360_142);
    expect(facts[1]).toEqual({
      kind: 'epss',
      vulnerability: 'CVE-1999-0002',
      score: 0.27858,
      percentile: 0.97929,
      date: '2026-08-16',
    });
  });
});

test.skipIf(eolFile === undefined)('end of life, real pages: Debian 12, Alpine 3.17, Node 18, Python 3.8', async () => {
  const { facts, problems } = await collectFacts(endoflife.parse(eolFile as NonNullable<typeof eolFile>, { signal }));
  expect(problems).toEqual([]);
  const cycle = (product: string, name: string) =>
    facts.filter(isKind('eol')).find((item) => item.cycle.product === product && item.cycle.cycle === name)?.cycle;
  expect(new Set(facts.filter(isKind('eol')).map((item) => item.cycle.product)).size).toBe(464);
  expect(cycle('debian', '12')).toEqual({
    product: 'debian',
    title: 'Debian',
    category: 'os',
    identifiers: ['cpe:cpe:2.3:o:debian:debian_linux', 'cpe:cpe:/o:debian:debian_linux'],
    cycle: '12',
    codename: 'Bookworm',
    releasedAt: '2023-06-10',
    eolDate: '2026-07-11',
    extendedDate: '2028-06-30',
    latest: '12.15',
  });
  expect(cycle('alpine-linux', '3.17')?.eolDate).toBe('2024-11-22');
  expect(cycle('nodejs', '18')?.eolDate).toBe('2025-04-30');
  expect(cycle('python', '3.8')?.eolDate).toBe('2024-10-07');
});

test('end of life, the API: a date, or only whether it ended', async () => {
  const json = {
    schema_version: '1.2.0',
    result: [
      {
        name: 'x',
        label: 'X',
        category: 'lang',
        identifiers: [{ type: 'purl', id: 'pkg:generic/x' }],
        releases: [
          {
            name: '2',
            codename: null,
            releaseDate: '2024-01-01',
            isEol: false,
            eolFrom: '2027-01-01',
            eoesFrom: null,
            latest: { name: '2.1' },
          },
          { name: '1', isEol: true, eolFrom: null },
        ],
      },
      { label: 'nameless' },
    ],
  };
  const { facts, problems } = await collectFacts(
    endoflife.parse(memoryDocument('eol/products-full.json', JSON.stringify(json)), { signal }),
  );
  const base = { product: 'x', title: 'X', category: 'lang', identifiers: ['purl:pkg:generic/x'] };
  expect(facts).toEqual([
    { kind: 'eol', cycle: { ...base, cycle: '2', releasedAt: '2024-01-01', eolDate: '2027-01-01', latest: '2.1' } },
    { kind: 'eol', cycle: { ...base, cycle: '1', ended: true } },
  ]);
  expect(problems).toHaveLength(1);
});

test.skipIf(vulnrichmentFile === undefined)(
  'vulnrichment, real: the assigner first, then CISA; rejected is said',
  async () => {
    const { facts, problems } = await collectFacts(
      vulnrichment.parse(vulnrichmentFile as NonNullable<typeof vulnrichmentFile>, { signal }),
    );
    expect(problems).toEqual([]);
    const found = new Map(facts.filter(isKind('severity')).map((item) => [item.vulnerability, item]));
    expect(found.size).toBeGreaterThan(30_000);
    expect(found.get('CVE-2024-21027')?.severities).toMatchObject([{ author: 'oracle', word: 'medium', score: 6.1 }]);
    const added = [...found.values()].filter(
      ({ severities }) => severities.every(({ author }) => author === 'cisa') && severities.length > 0,
    );
    expect(added.length).toBeGreaterThan(1000);
    expect([...found.values()].some(({ rejected }) => rejected === true)).toBe(true);
    expect([...found.values()].some(({ disputed }) => disputed === true)).toBe(true);
  },
  60_000,
);

test.skipIf(ghsaFile === undefined || samples === undefined)(
  'GHSA, real: severities of the CSV and of records, by CVE too',
  async () => {
    const csv = await collectFacts(ghsa.parse(ghsaFile as NonNullable<typeof ghsaFile>, { signal }));
    expect(csv.problems).toEqual([]);
    expect(csv.facts).toHaveLength(3621);
    expect(csv.facts[0]).toMatchObject({
      vulnerability: 'CVE-2008-6681',
      severities: [{ author: 'ghsa', word: 'medium' }],
      summary: 'Cross-Site Scripting in dojo',
    });
    const records = await collectFacts(ghsa.parse(samples as NonNullable<typeof samples>, { signal }));
    const of = (id: string) =>
      records.facts.filter(isKind('severity')).find((item) => item.vulnerability === id)?.severities;
    expect(of('GHSA-75v8-2h7p-7m2m')).toEqual(of('CVE-2025-46653'));
    expect(of('GHSA-75v8-2h7p-7m2m')).toMatchObject([{ author: 'ghsa', word: 'low', score: 3.1 }]);
  },
);

test('a CVE record: metrics of several versions, newest first; a text that begins as disputed', () => {
  const vector = (version: string) => `CVSS:${version}/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H`;
  const record = {
    cveMetadata: {
      cveId: 'CVE-2024-1000',
      state: 'PUBLISHED',
      assignerShortName: 'Some CNA <b>',
      datePublished: '2024-01-01T00:00:00.000Z',
    },
    containers: {
      cna: {
        descriptions: [{ lang: 'en', value: '** DISPUTED ** text' }],
        metrics: [
          { format: 'CVSS', cvssV3_0: { vectorString: vector('3.0') } },
          { cvssV3_1: { vectorString: vector('3.1') } },
          { cvssV2_0: 7 },
        ],
      },
      adp: [
        { providerMetadata: { shortName: 'CISA-ADP' }, metrics: [{ cvssV3_1: { vectorString: 'CVSS:3.1/nonsense' } }] },
      ],
    },
  };
  expect(parseCveRecord(record)).toMatchObject({
    disputed: true,
    publishedAt: '2024-01-01T00:00:00.000Z',
    severities: [
      { author: 'cna', vector: vector('3.1') },
      { author: 'cna', vector: vector('3.0') },
    ],
  });
});

test.each([
  ['kev/known_exploited_vulnerabilities.json', 'kev'],
  ['epss/epss_scores-2026-08-16.csv.gz', 'epss'],
  ['epss_scores-current.csv', 'epss'],
  ['eol/endoflife-products-2026-08-22.tar.zst', 'endoflife'],
  ['eol/products-full.json', 'endoflife'],
  ['vulnrichment/vulnrichment-2024-10-24.tar.zst', 'vulnrichment'],
  ['ghsa-csv/advisories-npm.csv', 'ghsa'],
  ['ghsa/advisory-database.tar.gz', 'ghsa'],
  ['osv/GHSA-samples/all.zip', undefined],
  ['debian/DSA.list', undefined],
])('%s is read by %s', (path, id) => {
  expect(enrichments.filter((feed) => feed.matches(path)).map((feed) => feed.id)).toEqual(id === undefined ? [] : [id]);
});

test('every document requested is recognised by the feed that asks for it', () => {
  for (const feed of enrichments) for (const { name } of feed.requests()) expect(feed.matches(name)).toBe(true);
});

const head = '#model_version:v2026,score_date:2026-08-16T00:00:00+0000\ncve,epss,percentile\n';

test('EPSS: a bad line is a problem, the rest stays', async () => {
  const text = `${head}CVE-2024-1000,0.5,0.9\nCVE-2024-1001,2,0.9\nCVE-2024-1002\nCVE-2024-1003,1e-05,1.0\n`;
  const { facts, problems } = await collectFacts(
    epss.parse(memoryDocument('epss_scores-x.csv.gz', gzipSync(text)), { signal }),
  );
  expect(facts.filter(isKind('epss')).map(({ score }) => score)).toEqual([0.5, 0.00001]);
  expect(problems).toHaveLength(2);
});

test('T55 feeds cut off, emptied, or a page in their place are refused', async () => {
  const bad: readonly (readonly [(typeof enrichments)[number], string, string | Uint8Array])[] = [
    [kev, 'known_exploited_vulnerabilities.json', '{"vulnerabilities": []}'],
    [
      kev,
      'known_exploited_vulnerabilities.json',
      '{"count": 2, "vulnerabilities": [{"cveID": "CVE-2024-1000", "dateAdded": "2024-01-01"}]}',
    ],
    [kev, 'known_exploited_vulnerabilities.json', '<html>'],
    [epss, 'epss_scores-x.csv.gz', gzipSync(head)],
    [epss, 'epss_scores-x.csv.gz', gzipSync(`${head}CVE-2024-1000,0.5,0.9\n`).subarray(0, 40)],
    [epss, 'epss_scores-x.csv.gz', 'cve,epss,percentile\nCVE-2024-1000,0.5,0.9\n'],
    [endoflife, 'eol/products-full.json', '{"result": []}'],
    [endoflife, 'eol/products-full.json', '{"result": [{"name": "x"'],
    [endoflife, 'eol/pages.tar.gz', gzipSync('not tar')],
    [vulnrichment, 'vulnrichment/x.tar.gz', gzipSync('x'.repeat(2000))],
    [ghsa, 'ghsa-csv/x.csv', ''],
  ];
  for (const [feed, name, content] of bad) {
    await expect(collectFacts(feed.parse(memoryDocument(name, content), { signal }))).rejects.toMatchObject({
      code: 'feed/malformed',
    });
  }
});

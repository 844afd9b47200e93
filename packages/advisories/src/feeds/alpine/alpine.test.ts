import { expect, test } from 'vitest';
import { collect, memoryDocument, sharedDocument, signal } from '../../testing/documents.ts';
import { alpine } from './index.ts';
import { namedVulnerabilities } from './secdb.ts';
import { wolfi } from '../wolfi/index.ts';

const edgeMain = sharedDocument('alpine-secdb/edge/main.json');
const edgeCommunity = sharedDocument('alpine-secdb/edge/community.json');
const wolfiFile = sharedDocument('wolfi/security.json', 'derived');

const secdb = (packages: unknown, rest: object = {}) =>
  memoryDocument('v3.17/main.json', JSON.stringify({ distroversion: 'v3.17', reponame: 'main', packages, ...rest }));

test.each([
  ['CVE-2024-1234', [{ id: 'CVE-2024-1234', aliases: [], related: [] }]],
  ['CVE-2023-44441 ZDI-CAN-22093', [{ id: 'CVE-2023-44441', aliases: [], related: ['ZDI-CAN-22093'] }]],
  ['CVE-2016-9377 XSA-196', [{ id: 'CVE-2016-9377', aliases: [], related: ['XSA-196'] }]],
  ['CVE-2024-34064 GHSA-h75v-3vvj-5mfj', [{ id: 'CVE-2024-34064', aliases: ['GHSA-h75v-3vvj-5mfj'], related: [] }]],
  ['CVE-2024-34064 / GHSA-h75v-3vvj-5mfj', [{ id: 'CVE-2024-34064', aliases: ['GHSA-h75v-3vvj-5mfj'], related: [] }]],
  ['GHSA-77vh-xpmg-72qh', [{ id: 'GHSA-77vh-xpmg-72qh', aliases: [], related: [] }]],
  [
    'CVE-2018-10103 # (SMB - partially fixed, but SMB printing disabled)',
    [{ id: 'CVE-2018-10103', aliases: [], related: [] }],
  ],
  [
    'CVE-2024-1234 CVE-2024-1235',
    [
      { id: 'CVE-2024-1234', aliases: [], related: [] },
      { id: 'CVE-2024-1235', aliases: [], related: [] },
    ],
  ],
  ['XSA-207', [{ id: 'XSA-207', aliases: [], related: [] }]],
  ['DW202402-001', [{ id: 'DW202402-001', aliases: [], related: [] }]],
  ['CVE 2025-48379', [{ id: 'CVE-2025-48379', aliases: [], related: [] }]],
  ['something fixed', []],
])('%j names its vulnerabilities', (text, expected) => {
  expect(namedVulnerabilities(text)).toEqual(expected);
});

test.skipIf(edgeMain === undefined || edgeCommunity === undefined)(
  'edge, real: every entry of free text is read',
  async () => {
    if (edgeMain === undefined || edgeCommunity === undefined) return;
    const main = await collect(alpine.parse(edgeMain, { signal }));
    const community = await collect(alpine.parse(edgeCommunity, { signal }));
    expect([...main.problems, ...community.problems]).toEqual([]);
    expect(main.advisories.length + community.advisories.length).toBeGreaterThan(9000);
    const apache = main.advisories.find(
      ({ id, affected }) => id === 'CVE-2021-42013' && affected[0]?.name === 'apache2',
    );
    expect(apache?.affected).toEqual([
      {
        ecosystem: 'Alpine:edge',
        name: 'apache2',
        ranges: [{ scheme: 'apk', events: [{ introduced: '0' }, { fixed: '2.4.51-r0' }] }],
        versions: [],
        status: 'affected',
      },
    ]);
    // Version 0, real: apache2 was never affected by CVE-2022-23943's neighbours; take the first veto of the file.
    const veto = main.advisories.find(({ affected }) => affected[0]?.status === 'not_affected');
    // Version 0.
    expect(veto?.affected[0]?.status).toBe('not_affected');
    expect(veto?.affected[0]?.ranges).toEqual([{ scheme: 'apk', events: [{ introduced: '0' }] }]);
    // zlib CVE-2026-22184 stands under version 0 and under a fix: the fix is the safer word.
    const zlib = main.advisories.filter(({ id, affected }) => id === 'CVE-2026-22184' && affected[0]?.name === 'zlib');
    expect(zlib.map(({ affected }) => affected[0]?.status)).toEqual(['affected']);
  },
);

test.skipIf(wolfiFile === undefined)(
  'Wolfi, derived from real: aactl CVE-2023-45283 under version 0 is a veto',
  async () => {
    if (wolfiFile === undefined) return;
    const { advisories, problems } = await collect(wolfi.parse(wolfiFile, { signal }));
    expect(problems).toEqual([]);
    const of = (id: string) =>
      advisories.find((advisory) => advisory.id === id && advisory.affected[0]?.name === 'aactl')?.affected[0];
    expect(of('CVE-2023-45283')).toMatchObject({ ecosystem: 'Wolfi', status: 'not_affected' });
    expect(of('CVE-2024-29903')).toMatchObject({
      status: 'affected',
      ranges: [{ events: [{ introduced: '0' }, { fixed: '0.4.12-r10' }] }],
    });
  },
);

test.each([
  ['feeds/alpine-secdb/v3.17/main.json', 'alpine-v3.17'],
  ['alpine-secdb-approx/v3.24/community.json', 'alpine-v3.24'],
  ['alpine/edge/main.json', 'alpine-edge'],
  ['alpine-secdb/v3.17/other.json', undefined],
])('%s belongs to shard %s', (path, shard) => {
  expect(alpine.matches(path)).toBe(shard);
});

test.each([
  ['4.8.0.-r1', '4.8.0-r1'],
  ['1.2.31-0', '1.2.31-r0'],
  ['10.0.11-0', '10.0.11-r0'],
  ['2021-03-27-r5', '2021-03-27-r5'],
])('a slip of the pen: %s is %s', async (written, version) => {
  const document = secdb([{ pkg: { name: 'p', secfixes: { [written]: ['CVE-2018-10188'] } } }]);
  const { advisories } = await collect(alpine.parse(document, { signal }));
  expect(advisories[0]?.affected[0]?.ranges[0]?.events[1]).toEqual({ fixed: version });
});

test('requests name both repositories of the releases wanted', () => {
  expect(alpine.requests(['Alpine:v3.20', 'Go'])).toEqual([
    {
      shard: 'alpine-v3.20',
      documents: [
        { name: 'alpine-secdb/v3.20/main.json', url: 'https://secdb.alpinelinux.org/v3.20/main.json' },
        { name: 'alpine-secdb/v3.20/community.json', url: 'https://secdb.alpinelinux.org/v3.20/community.json' },
      ],
    },
  ]);
  expect(alpine.requests(['Go'])).toEqual([]);
  expect(wolfi.requests(undefined)).toEqual([]);
});

test('T55 a secdb cut off, empty or of another shape is refused', async () => {
  for (const text of [
    '',
    '{"distroversion": "v3.17", "packages": [{"pk',
    '[]',
    '{"distroversion":"v3.17","packages":[]}',
    '{"packages":[{}]}',
  ]) {
    const read = collect(alpine.parse(memoryDocument('v3.17/main.json', text), { signal }));
    await expect(read).rejects.toMatchObject({ code: 'feed/malformed' });
  }
});

test('T58 T73 hostile names and texts become problems, the rest stays', async () => {
  const packages = [
    { pkg: { name: 'a b', secfixes: {} } },
    {
      pkg: {
        name: 'ok',
        secfixes: {
          '1 2': ['CVE-2024-1000'],
          '1.0-r0': ['<script>', 7, { toString: 1 }, 'CVE-2024-1001'],
          __proto__: ['CVE-2024-1'],
        },
      },
    },
    { pkg: null },
    7,
  ];
  const { advisories, problems } = await collect(alpine.parse(secdb(packages, { extra: { kept: true } }), { signal }));
  expect(advisories.map(({ id }) => id)).toEqual(['CVE-2024-1001']);
  expect(problems).toHaveLength(7);
});

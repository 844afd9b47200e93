// Updates from NVD's data files: a server of their shape on this machine, with their .meta, and without an API.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../database/database.ts';
import { nvdScores } from '../../enrichment/nvd/index.ts';
import type { AdvisoryFeed } from '../../feed.ts';
import { packageOf, testContext } from '../../testing/records.ts';
import { updateDatabase } from '../../update/update.ts';
import { collectNvd } from './collect.ts';
import { parseNvdMeta } from './files.ts';
import { nvd } from './index.ts';

const day = 86_400_000;
const firstMs = Date.UTC(2004, 5, 10);

/** What the server has, by its path. */
let files = new Map<string, Buffer>();
let asked: string[] = [];
const server = createServer((request, response) => {
  const path = (request.url ?? '').slice(1).replace(/\?.*$/, '');
  asked.push(path);
  const file = files.get(path);
  response.writeHead(file === undefined ? 404 : 200).end(file);
});
let origin = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const record = (id: string, product: string, below: string, lastModified = '2004-01-01T00:00:00.000') => ({
  cve: {
    id,
    lastModified,
    vulnStatus: 'Analyzed',
    descriptions: [{ lang: 'en', value: `About ${id}` }],
    metrics: {
      cvssMetricV31: [
        {
          source: 'nvd@nist.gov',
          type: 'Primary',
          cvssData: { version: '3.1', vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
        },
      ],
    },
    configurations: [
      {
        nodes: [
          {
            operator: 'OR',
            cpeMatch: [
              { vulnerable: true, criteria: `cpe:2.3:a:${product}:*:*:*:*:*:*:*:*`, versionEndExcluding: below },
            ],
          },
        ],
      },
    ],
  },
});

function serve(name: string, madeMs: number, ...records: readonly object[]): void {
  const json = JSON.stringify({ format: 'NVD_CVE', version: '2.0', vulnerabilities: records });
  const packed = gzipSync(json);
  const sha256 = createHash('sha256').update(json).digest('hex').toUpperCase();
  const made = new Date(madeMs).toISOString().replace('.000Z', '-00:00');
  const meta = [
    `lastModifiedDate:${made}`,
    `size:${json.length}`,
    'zipSize:0',
    `gzSize:${packed.length}`,
    `sha256:${sha256}`,
  ];
  files.set(`nvdcve-2.0-${name}.meta`, Buffer.from(`${meta.join('\r\n')}\r\n`));
  files.set(`nvdcve-2.0-${name}.json.gz`, packed);
}

const recent = record('CVE-2004-0002', 'python:python', '3.9', '2004-06-09T00:00:00.000');

beforeEach(() => {
  asked = [];
  files = new Map();
  serve('2002', firstMs - day, record('CVE-2002-0001', 'python:python', '3.9'));
  serve('2003', firstMs - day, record('CVE-2003-0001', 'zlib:zlib', '1.2'));
  serve('2004', firstMs - day, record('CVE-2004-0001', 'acme:forms', '2.0'));
  serve('modified', firstMs - 3_600_000, recent);
});

const feed: AdvisoryFeed = {
  ...nvd,
  requests: () => [
    {
      shard: 'nvd',
      documents: [
        {
          name: 'nvd/cves.json',
          url: origin,
          collect: (folder, ctx) => {
            const pauses = { betweenMs: 0, refusedMs: 1, brokenMs: 1, attempts: 1 };
            const fetchLimits = { maxBytes: 1e6, redirects: 0, attempts: 1, pauseMs: 1 };
            return collectNvd({ files: origin, api: `${origin}/api`, pauses, fetchLimits }, folder, ctx);
          },
        },
      ],
    },
  ],
};
const folder = (): string => mkdtempSync(join(tmpdir(), 'plombe-nvd-'));

async function update(to: string, nowMs: number) {
  asked = [];
  const ctx = { ...testContext(), clock: { nowMs: () => nowMs }, fetch: globalThis.fetch };
  return updateDatabase({ to, tool: 'test', lists: { feeds: [feed], enrichments: [nvdScores] }, ctx });
}

const packages = {
  python: packageOf('pkg:generic/python@3.8.5', { cpes: ['cpe:2.3:a:python:python:3.8.5:*:*:*:*:*:*:*'] }),
  zlib: packageOf('pkg:generic/zlib@1.3', { cpes: ['cpe:2.3:a:zlib:zlib:1.3:*:*:*:*:*:*:*'] }),
  forms: packageOf('pkg:generic/forms@1.0', { cpes: ['cpe:2.3:a:acme:forms:1.0:*:*:*:*:*:*:*'] }),
};

function scan(to: string, ...items: (typeof packages.python)[]) {
  const database = openDatabase(to, { clock: { nowMs: () => firstMs } });
  const result = database.match({ packages: items });
  database.close();
  return result;
}

const ids = (to: string) => scan(to, packages.python).findings.map(({ vulnerability }) => vulnerability);
const built = {
  complete: true,
  shards: [
    { id: 'nvd', outcome: 'built' },
    { id: 'nvd-scores', outcome: 'built' },
  ],
};

test('the first update fetches every year and what changed, later ones only what changed', async () => {
  const to = folder();
  expect(await update(to, firstMs)).toMatchObject(built);
  const stems = ['2002', '2003', '2004', 'modified'];
  expect(asked).toEqual(stems.flatMap((stem) => [`nvdcve-2.0-${stem}.meta`, `nvdcve-2.0-${stem}.json.gz`]));
  expect(ids(to)).toEqual(['CVE-2002-0001', 'CVE-2004-0002']);

  expect((await update(to, firstMs + day)).shards.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
  expect(asked).toEqual(['nvdcve-2.0-modified.meta']);

  serve('modified', firstMs + day, recent, record('CVE-2002-0001', 'python:python', '3.8', '2004-06-10T12:00:00.000'));
  expect(await update(to, firstMs + day)).toMatchObject(built);
  expect(asked).toEqual(['nvdcve-2.0-modified.meta', 'nvdcve-2.0-modified.json.gz']);
  expect(ids(to)).toEqual(['CVE-2004-0002']);
});

test('after a long pause without the API the years are asked for again, and only those that changed are fetched', async () => {
  const to = folder();
  await update(to, firstMs);
  const later = firstMs + 60 * day;
  serve(
    '2003',
    later - day,
    record('CVE-2003-0001', 'python:python', '3.9'),
    record('CVE-2003-0002', 'zlib:zlib', '1'),
  );
  serve('modified', later, record('CVE-2004-0003', 'acme:forms', '1', '2004-08-01T00:00:00.000'));
  expect(await update(to, later)).toMatchObject(built);
  const fetched = asked.filter((path) => path.endsWith('.gz'));
  expect(fetched).toEqual(['nvdcve-2.0-2003.json.gz', 'nvdcve-2.0-modified.json.gz']);
  expect(ids(to)).toEqual(['CVE-2002-0001', 'CVE-2003-0001']);
});

test('files of changes stay as long as no other makes up for them', async () => {
  const to = folder();
  await update(to, firstMs);
  for (let at = 1; at <= 20; at++) {
    serve(
      'modified',
      firstMs + at * day,
      recent,
      record('CVE-2002-0001', 'python:python', '3.9', `2004-06-${10 + at}T00:00:00.000`),
    );
    await update(to, firstMs + at * day);
  }
  const names = readdirSync(join(to, 'mirror', 'nvd')).filter((name) => name.includes('modified'));
  expect(names.map((name) => name.slice(20, 28))).toEqual(['20040615', '20040622', '20040629', '20040630']);
});

test.each([
  ['a .meta that is none', () => files.set('nvdcve-2.0-modified.meta', Buffer.from('<html>busy</html>'))],
  [
    'a .meta of another file',
    () => serve('x', firstMs + day) ?? files.set('nvdcve-2.0-modified.meta', files.get('nvdcve-2.0-x.meta') as Buffer),
  ],
  [
    'a file that is cut off',
    () => {
      serve('modified', firstMs + day, record('CVE-2004-0003', 'python:python', '3.9'));
      const whole = files.get('nvdcve-2.0-modified.json.gz') as Buffer;
      files.set('nvdcve-2.0-modified.json.gz', whole.subarray(0, -12));
    },
  ],
])('T55 %s is refused, and the last good shard stays', async (_, damage) => {
  const to = folder();
  await update(to, firstMs);
  const before = readdirSync(join(to, 'mirror', 'nvd'));
  damage();
  // The years would do as well.
  files.delete('nvdcve-2.0-2002.meta');
  expect(await update(to, firstMs + day)).toMatchObject({
    complete: false,
    shards: [
      { id: 'nvd', outcome: 'refused' },
      { id: 'nvd-scores', outcome: 'kept' },
    ],
    diagnostics: [{ code: 'feed/malformed' }],
  });
  expect(ids(to)).toEqual(['CVE-2002-0001', 'CVE-2004-0002']);
  expect(readdirSync(join(to, 'mirror', 'nvd'))).toEqual(before);
});

test('with NVD software without a package manager is assessed, Python too; products that are not kept are not', async () => {
  const to = folder();
  await update(to, firstMs);
  expect(scan(to, packages.python, packages.zlib).unassessed).toEqual([]);
  expect(scan(to, packages.zlib)).toMatchObject({ findings: [], shards: [{ id: 'nvd', packages: 1 }, {}] });
  expect(scan(to, packages.forms)).toMatchObject({
    findings: [],
    unassessed: [
      { cause: { code: 'feed/missing', scope: 'NVD', message: expect.stringContaining('other products') as string } },
    ],
  });
});

test('a .meta is read whatever its line ends; one without a digest or date is none', () => {
  const digest = 'A'.repeat(64);
  const madeMs = Date.UTC(2025, 0, 2, 8);
  const text = `lastModifiedDate:2025-01-02T03:00:00-05:00\r\nsize:1\r\nsha256:${digest}\r\n`;
  expect(parseNvdMeta(text)).toEqual({ madeMs, sha256: digest.toLowerCase() });
  expect(parseNvdMeta(text.replaceAll('\r', ''))).toEqual({ madeMs, sha256: digest.toLowerCase() });
  expect(parseNvdMeta(`sha256:${digest}`)).toBeUndefined();
  expect(parseNvdMeta('lastModifiedDate:2025-01-02T03:00:00-05:00\nsha256:no')).toBeUndefined();
});

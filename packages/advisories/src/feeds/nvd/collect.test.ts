// Updates from NVD's API where its data files cannot be had: a server of its shape on this machine, with its pages, windows and refusals.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../database/database.ts';
import { nvdScores } from '../../enrichment/nvd/index.ts';
import type { AdvisoryFeed } from '../../feed.ts';
import { packageOf, testContext } from '../../testing/records.ts';
import { updateDatabase } from '../../update/update.ts';
import { collectNvd } from './collect.ts';
import { nvd } from './index.ts';

interface Known {
  readonly id: string;
  readonly lastModified: string;
  readonly below: string;
}

let known: Known[] = [];
let refusals: number[] = [];
let isCut = false;
const asked: URL[] = [];
const keys: unknown[] = [];

function recordOf({ id, lastModified, below }: Known): object {
  const criteria = 'cpe:2.3:a:python:python:*:*:*:*:*:*:*:*';
  const cvssData = { version: '3.1', vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' };
  return {
    cve: {
      id,
      lastModified,
      published: '2024-01-01T00:00:00.000',
      vulnStatus: 'Analyzed',
      descriptions: [{ lang: 'en', value: `About ${id}` }],
      metrics: { cvssMetricV31: [{ source: 'nvd@nist.gov', type: 'Primary', cvssData }] },
      configurations: [
        { nodes: [{ operator: 'OR', cpeMatch: [{ vulnerable: true, criteria, versionEndExcluding: below }] }] },
      ],
    },
  };
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (url.pathname.startsWith('/feeds')) return void response.writeHead(404).end();
  asked.push(url);
  keys.push(request.headers['apikey']);
  const refusal = refusals.shift();
  if (refusal !== undefined) return void response.writeHead(refusal).end();
  const [from, to] = ['lastModStartDate', 'lastModEndDate'].map((key) => url.searchParams.get(key));
  const isSince = ({ lastModified }: Known): boolean => {
    if (from === null || to === null || from === undefined || to === undefined) return true;
    const at = Date.parse(`${lastModified}Z`);
    return at >= Date.parse(from) && at <= Date.parse(to);
  };
  const all = known.filter(isSince);
  const start = Number(url.searchParams.get('startIndex'));
  const page = all.slice(start, start + Number(url.searchParams.get('resultsPerPage')));
  const body = { resultsPerPage: page.length, startIndex: start, totalResults: all.length, format: 'NVD_CVE' };
  const vulnerabilities = (isCut ? page.slice(1) : page).map(recordOf);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...body, vulnerabilities }));
});
let places = { files: '', api: '', pauses: { betweenMs: 0, refusedMs: 1, brokenMs: 1, attempts: 3 } };
const { pauses } = places;

beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  places = { files: `${origin}/feeds`, api: `${origin}/rest/json/cves/2.0`, pauses };
});
afterAll(() => void server.close());
beforeEach(() => {
  asked.length = 0;
  keys.length = 0;
  refusals = [];
  isCut = false;
  known = Array.from({ length: 4500 }, (_, index) => ({
    id: `CVE-2024-${10_000 + index}`,
    lastModified: '2024-02-01T00:00:00.000',
    below: '3.9.1',
  }));
});

const feed: AdvisoryFeed = {
  ...nvd,
  requests: () => [
    {
      shard: 'nvd',
      documents: [
        { name: 'nvd/cves.json', url: places.api, collect: (folder, ctx) => collectNvd(places, folder, ctx) },
      ],
    },
  ],
};
const folder = (): string => mkdtempSync(join(tmpdir(), 'plombe-nvd-'));

async function update(to: string, nowMs: number) {
  const clock = { nowMs: () => nowMs };
  const ctx = { ...testContext(), clock, fetch: globalThis.fetch };
  return updateDatabase({
    to,
    tool: 'test',
    lists: { feeds: [feed], enrichments: [nvdScores] },
    acceptChange: true,
    ctx,
  });
}

const firstMs = Date.UTC(2026, 2, 2);
const day = 86_400_000;

test('the first update asks for all in pages of 2,000, the next for what changed, in spans of at most 120 days', async () => {
  const to = folder();
  expect(await update(to, firstMs)).toMatchObject({
    complete: true,
    shards: [
      { id: 'nvd', outcome: 'built', records: 4500 },
      { id: 'nvd-scores', outcome: 'built', records: 4500 },
    ],
  });
  expect(asked.map((url) => url.searchParams.get('startIndex'))).toEqual(['0', '2000', '4000']);
  expect(asked.every((url) => url.searchParams.get('resultsPerPage') === '2000')).toBe(true);

  asked.length = 0;
  expect((await update(to, firstMs + day)).shards.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
  expect(asked).toHaveLength(1);
  expect(asked[0]?.searchParams.get('lastModStartDate')).toBe('2026-03-01T23:00:00.000+00:00');
  expect(asked[0]?.searchParams.get('lastModEndDate')).toBe('2026-03-03T00:00:00.000+00:00');

  asked.length = 0;
  known = known.map((one, index) =>
    index === 0 ? { ...one, lastModified: '2026-08-01T00:00:00.000', below: '3.8.0' } : one,
  );
  const changed = await update(to, firstMs + 201 * day);
  expect(changed.shards).toMatchObject([
    { id: 'nvd', outcome: 'built', records: 4500 },
    { id: 'nvd-scores', outcome: 'built', records: 4500 },
  ]);
  expect(asked).toHaveLength(2);

  const database = openDatabase(to, { clock: { nowMs: () => firstMs + 201 * day } });
  const python = packageOf('pkg:generic/python@3.8.5', { cpes: ['cpe:2.3:a:python:python:3.8.5:*:*:*:*:*:*:*'] });
  const { findings } = database.match({ packages: [python] });
  expect(findings).toHaveLength(4499);
  expect(findings.find(({ vulnerability }) => vulnerability === 'CVE-2024-10000')).toBeUndefined();
  expect(findings[0]).toMatchObject({ fixedVersions: ['3.9.1'], severity: { author: 'nvd', word: 'critical' } });
  database.close();
});

test('NVD refuses who asks too often: it is asked again later, and an update that was broken off goes on', async () => {
  const to = folder();
  refusals = [403, 503];
  isCut = false;
  expect((await update(to, firstMs)).complete).toBe(true);
  expect(asked).toHaveLength(5);

  const other = folder();
  asked.length = 0;
  const fetches: typeof globalThis.fetch = async (...parameters) => {
    if (asked.length === 2) refusals = [429, 429, 429];
    return globalThis.fetch(...parameters);
  };
  const ctx = { ...testContext(), fetch: fetches };
  await expect(collectNvd(places, other, ctx)).rejects.toMatchObject({ code: 'feed/unreachable' });
  refusals = [];
  asked.length = 0;
  const resumed = await collectNvd(places, other, { ...testContext(), fetch: globalThis.fetch });
  expect(asked.map((url) => url.searchParams.get('startIndex'))).toEqual(['4000']);
  expect([resumed.changed, resumed.documents.length]).toEqual([true, 3]);
});

test('T55 a page that holds less than it says is refused, and what was there stays', async () => {
  const to = folder();
  await update(to, firstMs);
  const before = readdirSync(join(to, 'mirror', 'nvd'));
  isCut = true;
  known = known.map((one) => ({ ...one, lastModified: '2026-03-02T12:00:00.000' }));
  expect(await update(to, firstMs + day)).toMatchObject({
    complete: false,
    shards: [
      { id: 'nvd', outcome: 'refused', records: 4500 },
      { id: 'nvd-scores', outcome: 'kept' },
    ],
    diagnostics: [{ code: 'feed/malformed' }],
  });
  expect(readdirSync(join(to, 'mirror', 'nvd'))).toEqual(before);
});

test('a key goes to the API as its header, and nowhere else', async () => {
  known = known.slice(0, 1);
  const secret = 'a-key';
  await collectNvd(places, folder(), { ...testContext(), fetch: globalThis.fetch, secret });
  expect(keys).toEqual([secret]);
});

test('a server that leads elsewhere does not get the key sent there', async () => {
  const led: string[] = [];
  const fetches: typeof globalThis.fetch = async (input, init) => {
    led.push(`${init?.redirect ?? 'follow'} ${new URL(input as string | URL).pathname}`);
    return globalThis.fetch(input, init);
  };
  known = known.slice(0, 1);
  await collectNvd(places, folder(), { ...testContext(), fetch: fetches, secret: 'a-key' });
  expect(led).toContain('error /rest/json/cves/2.0');
});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databaseStatus } from '../database/status.ts';
import { readManifest } from '../database/location.ts';
import type { AdvisoryFeed } from '../feed.ts';
import { amazon } from '../feeds/amazon/index.ts';
import { osv } from '../feeds/osv/index.ts';
import { record, testClock, testContext, testFolder } from '../testing/records.ts';
import { defaultFetchLimits } from './fetch-document.ts';
import { updateDatabase, type UpdateOptions } from './update.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const answers = new Map<string, Answer>();
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.url} ${request.headers['if-none-match'] ?? '-'}`);
  const answer = answers.get(request.url ?? '');
  if (answer !== undefined) answer(request, response);
  else response.writeHead(404).end();
});
let base = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => {
  answers.clear();
  asked.length = 0;
});

const json = (id: string, ecosystem = 'npm'): string =>
  JSON.stringify(record(id, ecosystem, 'a', [{ introduced: '0' }, { fixed: '2.0.0' }]));

/** Answers with a validator, and 304 to who has it. */
function document(text: string, etag: string): Answer {
  return (request, response) => {
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag, 'last-modified': 'Sun, 01 Feb 2026 00:00:00 GMT' }).end(text);
  };
}

function options(to: string, shards: readonly string[] = ['npm'], rest: Partial<UpdateOptions> = {}): UpdateOptions {
  const feed: AdvisoryFeed = {
    ...osv,
    requests: () =>
      shards.map((name) => ({
        shard: `osv-${name}`,
        documents: [{ name: `${name}/a.json`, url: `${base}/${name}.json` }],
      })),
  };
  return {
    to,
    tool: 'test',
    lists: { feeds: [feed], enrichments: [] },
    ctx: { ...testContext(), fetch: globalThis.fetch },
    fetchLimits: { ...defaultFetchLimits, pauseMs: 1 },
    ...rest,
  };
}

describe('updateDatabase', () => {
  it('fetches, then asks conditionally and builds nothing anew', async () => {
    const to = testFolder();
    answers.set('/npm.json', document(json('GHSA-1111-1111-1111'), '"one"'));
    expect((await updateDatabase(options(to))).shards).toMatchObject([{ id: 'osv-npm', outcome: 'built', records: 1 }]);
    const before = readManifest(to).shards[0];
    expect(before).toMatchObject({ dataDate: '2026-02-01T00:00:00.000Z', checkedAt: '2026-03-02T00:00:00.000Z' });
    expect((await updateDatabase(options(to))).shards).toMatchObject([{ outcome: 'unchanged' }]);
    expect(readManifest(to).shards[0]?.sha256).toBe(before?.sha256);
    expect(asked).toEqual(['/npm.json -', '/npm.json "one"']);
  });

  it('finds a document over the pages that name it, and fetches it again only where it changed or moved', async () => {
    const to = testFolder();
    const updateinfo = (id: string): string =>
      `<updates><update type="security"><id>${id}</id><pkglist><collection><package name="a" version="1" release="1" arch="x86_64"/></collection></pkglist></update></updates>`;
    const repomd = (file: string): string =>
      `<repomd><data type="updateinfo"><location href="repodata/${file}"/></data></repomd>`;
    const page =
      (text: string): Answer =>
      (_, response) =>
        void response.end(text);
    const repodata = '/al2023/core/abc/x86_64/repodata';
    answers.set('/mirror.list', page(`${base}/al2023/core/abc/x86_64\n`));
    answers.set(`${repodata}/repomd.xml`, page(repomd('1-updateinfo.xml')));
    answers.set(`${repodata}/1-updateinfo.xml`, (request, response) => {
      // A server without tags.
      const date = 'Sun, 01 Feb 2026 00:00:00 GMT';
      if (request.headers['if-modified-since'] === date) response.writeHead(304).end();
      else response.writeHead(200, { 'last-modified': date }).end(updateinfo('ALAS-1'));
    });
    answers.set(`${repodata}/2-updateinfo.xml`, document(updateinfo('ALAS-2'), '"two"'));
    const [wanted] = amazon.requests(['Amazon Linux:2023']);
    const documents = wanted?.documents.map((one) => ({ ...one, url: `${base}/mirror.list` })) ?? [];
    const feed: AdvisoryFeed = { ...amazon, requests: () => [{ shard: 'amazon-2023', documents }] };
    const run = () => updateDatabase({ ...options(to), lists: { feeds: [feed], enrichments: [] } });
    expect(await run()).toMatchObject({ complete: true, shards: [{ outcome: 'built', records: 1 }] });
    expect(await run()).toMatchObject({ shards: [{ outcome: 'unchanged' }] });
    answers.set(`${repodata}/repomd.xml`, page(repomd('2-updateinfo.xml')));
    expect(await run()).toMatchObject({ shards: [{ outcome: 'built' }] });
    answers.set('/mirror.list', page('<html>nothing here</html>'));
    expect(await run()).toMatchObject({ complete: false, shards: [{ outcome: 'refused', records: 1 }] });
  });

  it('is as old as the last time upstream was asked, not as its last change', async () => {
    const to = testFolder();
    answers.set('/npm.json', document(json('GHSA-1111-1111-1111'), '"one"'));
    await updateDatabase(options(to));
    expect(databaseStatus(to, { clock: testClock }).shards).toMatchObject([{ state: 'ok', ageDays: 0 }]);
    const later = { nowMs: () => testClock.nowMs() + 30 * 86_400_000 };
    expect(databaseStatus(to, { clock: later }).shards).toMatchObject([{ state: 'stale', ageDays: 30 }]);
  });

  it('a feed that cannot be had costs only itself', async () => {
    const to = testFolder();
    answers.set('/npm.json', document(json('GHSA-1111-1111-1111'), '"one"'));
    answers.set('/pypi.json', document(json('PYSEC-2026-1', 'PyPI'), '"p"'));
    await updateDatabase(options(to, ['npm', 'pypi']));
    answers.delete('/npm.json');
    const result = await updateDatabase(options(to, ['npm', 'pypi', 'go']));
    expect(result.complete).toBe(false);
    expect(result.shards).toMatchObject([
      { id: 'osv-go', outcome: 'refused', missing: true },
      { id: 'osv-npm', outcome: 'refused', records: 1 },
      { id: 'osv-pypi', outcome: 'unchanged' },
    ]);
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['feed/unreachable', 'feed/unreachable']);
    expect(readManifest(to).shards.map(({ id }) => id)).toEqual(['osv-npm', 'osv-pypi']);
  });

  it('tries again after a failure of the server, and after a body cut short (T35)', async () => {
    let tries = 0;
    answers.set('/npm.json', (_, response) => {
      tries += 1;
      const text = json('GHSA-1111-1111-1111');
      if (tries === 1) response.writeHead(503).end();
      else if (tries === 2)
        response.writeHead(200, { 'content-length': text.length }).write(text.slice(0, 10), () => response.destroy());
      else response.writeHead(200).end(text);
    });
    expect((await updateDatabase(options(testFolder()))).complete).toBe(true);
    expect(tries).toBe(3);
  });

  it('follows redirects, but not in circles, and never from https to http', async () => {
    answers.set('/npm.json', (_, response) => response.writeHead(302, { location: '/moved' }).end());
    answers.set('/moved', document(json('GHSA-1111-1111-1111'), '"one"'));
    expect((await updateDatabase(options(testFolder()))).complete).toBe(true);
    answers.set('/moved', (_, response) => response.writeHead(302, { location: '/npm.json' }).end());
    expect((await updateDatabase(options(testFolder()))).diagnostics).toMatchObject([{ code: 'feed/unreachable' }]);
    const fetch: typeof globalThis.fetch = async () =>
      new Response(null, { status: 302, headers: { location: 'http://plain.example/' } });
    const secure = options(testFolder(), ['npm'], { ctx: { ...testContext(), fetch } });
    const [feed] = secure.lists.feeds as [AdvisoryFeed];
    const requests: AdvisoryFeed['requests'] = () => [
      { shard: 'osv-npm', documents: [{ name: 'npm/a.json', url: 'https://x.example/a' }] },
    ];
    const result = await updateDatabase({ ...secure, lists: { feeds: [{ ...feed, requests }], enrichments: [] } });
    expect(result.diagnostics[0]?.message).toContain('redirects from https:// to http://');
  });

  it('T55 refuses a document over the limit and one that is no feed; the last good shard stays', async () => {
    const to = testFolder();
    answers.set('/npm.json', document(json('GHSA-1111-1111-1111'), '"one"'));
    await updateDatabase(options(to));
    answers.set('/npm.json', document('x'.repeat(5000), '"two"'));
    const capped = await updateDatabase(
      options(to, ['npm'], { fetchLimits: { ...defaultFetchLimits, maxBytes: 1000 } }),
    );
    expect(capped).toMatchObject({ complete: false, diagnostics: [{ code: 'feed/malformed' }] });
    expect(await updateDatabase(options(to))).toMatchObject({
      complete: false,
      shards: [{ outcome: 'refused', records: 1 }],
    });
    expect(readManifest(to).shards).toMatchObject([{ records: 1, documents: [{ etag: '"one"' }] }]);
  });
});

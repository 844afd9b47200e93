// Updates record by record against a real server that counts the bytes it sends.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeZip } from '../../../formats/src/testing/write-zip.ts';
import { readManifest } from '../database/location.ts';
import { openAdvisoryShard } from '../database/shard.ts';
import { osv } from '../feeds/osv/index.ts';
import { redhat } from '../feeds/redhat/index.ts';
import { record, testClock, testContext, testFolder } from '../testing/records.ts';
import { defaultFetchLimits } from './fetch-document.ts';
import { updateDatabase, type UpdateOptions } from './update.ts';

const upstream = 'https://osv-vulnerabilities.storage.googleapis.com';
const files = new Map<string, Buffer>();
const asked: string[] = [];
let sent = 0;
let base = '';
/** As a bucket answers: a tag of the content, 304 to who has it. */
const server = createServer((request, response) => {
  const path = decodeURIComponent(request.url ?? '');
  const content = files.get(path);
  asked.push(path);
  if (content === undefined) return void response.writeHead(404).end();
  const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 16)}"`;
  const headers = { etag, 'last-modified': 'Sun, 01 Mar 2026 12:00:00 GMT' };
  if (request.headers['if-none-match'] === etag) return void response.writeHead(304, headers).end();
  sent += content.length;
  response.writeHead(200, { ...headers, 'content-length': content.length }).end(content);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => files.clear());

const day = 86_400_000;
function options(to: string, rest: Partial<UpdateOptions> = {}, nowMs = testClock.nowMs()): UpdateOptions {
  const fetch: typeof globalThis.fetch = (url, init) =>
    globalThis.fetch(new Request(url).url.replace(upstream, base), init);
  return {
    to,
    tool: 'test',
    only: ['npm'],
    lists: { feeds: [osv], enrichments: [] },
    ctx: { ...testContext(), fetch, clock: { nowMs: () => nowMs } },
    fetchLimits: { ...defaultFetchLimits, pauseMs: 1 },
    ...rest,
  };
}

interface Written {
  readonly id: string;
  readonly fixed: string;
  readonly at: string;
  readonly withdrawn?: boolean;
}

const all = (): Written[] =>
  Array.from({ length: 400 }, (_, i) => ({
    id: `GHSA-${1000 + i}-aaaa-bbbb`,
    fixed: '1.0.0',
    at: `2026-02-${String(1 + (i % 28)).padStart(2, '0')}T00:00:00Z`,
  }));

/** Puts the export, each record, and the list of changes on the server. */
function publish(records: readonly Written[], zip = true): void {
  const texts = records.map(({ id, fixed, withdrawn }) => {
    const rest = { details: id.repeat(40), ...(withdrawn === true ? { withdrawn: '2026-03-01T00:00:00Z' } : {}) };
    return [
      `${id}.json`,
      JSON.stringify(record(id, 'npm', `package-${id}`, [{ introduced: '0' }, { fixed }], rest)),
    ] as const;
  });
  for (const [name, text] of texts) files.set(`/npm/${name}`, Buffer.from(text));
  if (zip) files.set('/npm/all.zip', writeZip(texts.map(([name, text]) => ({ name, content: Buffer.from(text) }))));
  const lines = [...records].sort((a, b) => (a.at < b.at ? 1 : -1)).map(({ at, id }) => `${at},${id}`);
  files.set('/npm/modified_id.csv', Buffer.from(`${lines.join('\n')}\n`));
}

async function update(to: string, rest: Partial<UpdateOptions> = {}, nowMs?: number) {
  asked.length = 0;
  sent = 0;
  const result = await updateDatabase(options(to, rest, nowMs));
  expect(result.diagnostics).toEqual([]);
  const [shard] = readManifest(to).shards;
  return { outcome: result.shards[0]?.outcome, asked: [...asked], sent, shard: shard as NonNullable<typeof shard> };
}

function fixedIn(to: string, id: string): string | undefined {
  const shard = openAdvisoryShard(join(to, readManifest(to).shards[0]?.file ?? ''));
  try {
    return shard.entries('npm', `package-${id}`)[0]?.ranges[0]?.events.find(({ fixed }) => fixed !== undefined)?.fixed;
  } finally {
    shard.close();
  }
}

describe('an update of an export of OSV', () => {
  it('fetches everything once, then only the list, then only what changed', async () => {
    const to = testFolder();
    const records = all();
    publish(records);
    const first = await update(to);
    expect(first).toMatchObject({ outcome: 'built', shard: { records: 400 } });
    const whole = files.get('/npm/all.zip')?.length ?? 0;
    expect(first.sent).toBeGreaterThan(whole);

    const second = await update(to);
    expect(second).toMatchObject({ outcome: 'unchanged', asked: ['/npm/modified_id.csv'], sent: 0 });

    records[7] = { ...(records[7] as Written), fixed: '9.9.9', at: '2026-03-01T13:00:00Z' };
    records.push({ id: 'GHSA-new0-aaaa-bbbb', fixed: '2.0.0', at: '2026-03-01T14:00:00Z' });
    publish(records);
    const changed = await update(to);
    const one = '/npm/GHSA-new0-aaaa-bbbb.json';
    const two = '/npm/GHSA-1007-aaaa-bbbb.json';
    expect(changed.asked).toEqual(['/npm/modified_id.csv', one, two]);
    expect(changed.sent).toBe(
      [one, two, '/npm/modified_id.csv'].reduce((sum, path) => sum + (files.get(path)?.length ?? 0), 0),
    );
    expect(changed.sent).toBeLessThan(whole / 4);
    expect(changed).toMatchObject({ outcome: 'built', shard: { records: 401, dataDate: '2026-03-01T14:00:00.000Z' } });
    expect(fixedIn(to, 'GHSA-1007-aaaa-bbbb')).toBe('9.9.9');
    expect(fixedIn(to, 'GHSA-new0-aaaa-bbbb')).toBe('2.0.0');
    expect(await update(to)).toMatchObject({ outcome: 'unchanged', sent: 0 });

    // The same bytes as a shard that is built of the whole.
    const anew = testFolder();
    const built = await update(anew);
    expect(readFileSync(join(to, changed.shard.file)).equals(readFileSync(join(anew, built.shard.file)))).toBe(true);
  });

  it('takes away what was withdrawn or deleted', async () => {
    const to = testFolder();
    const records = all();
    publish(records);
    await update(to);
    records[1] = { ...(records[1] as Written), withdrawn: true, at: '2026-03-01T13:00:00Z' };
    records[2] = { ...(records[2] as Written), at: '2026-03-01T14:00:00Z' };
    publish(records);
    files.delete(`/npm/${records[2].id}.json`);
    expect(await update(to)).toMatchObject({ outcome: 'built', shard: { records: 399 } });
    expect([records[0], records[1], records[2]].map((one) => fixedIn(to, one?.id ?? ''))).toEqual([
      '1.0.0',
      undefined,
      undefined,
    ]);
  });

  it('a record that cannot be read costs itself, and a list that cannot be had only bytes', async () => {
    const to = testFolder();
    const records = all();
    publish(records);
    await update(to);
    records[1] = { ...(records[1] as Written), at: '2026-03-01T13:00:00Z' };
    publish(records);
    files.set(`/npm/${records[1].id}.json`, Buffer.from('{"id": '));
    const result = await updateDatabase(options(to));
    expect(result).toMatchObject({
      complete: true,
      shards: [{ outcome: 'built', records: 399 }],
      diagnostics: [{ level: 'warning' }],
    });
    files.delete('/npm/modified_id.csv');
    asked.length = 0;
    expect((await updateDatabase(options(to))).complete).toBe(true);
    expect(asked).toContain('/npm/all.zip');
  });

  it('fetches everything anew after 30 days, or where more than half has changed', async () => {
    const to = testFolder();
    publish(all());
    await update(to);
    expect((await update(to, {}, testClock.nowMs() + 31 * day)).asked).toContain('/npm/all.zip');
    publish(all().map((one) => ({ ...one, fixed: '3.0.0', at: '2026-03-01T13:00:00Z' })));
    expect((await update(to, {}, testClock.nowMs() + 31 * day)).asked).toContain('/npm/all.zip');
  });
});

describe("Red Hat's lists", () => {
  const [changes, deletions] = redhat.changes?.('redhat') ?? [];
  it('name a document each', () => {
    expect(changes?.parse('"2024/cve-2024-0002.json","2025-12-10T10:00:00+00:00"')).toEqual({
      id: 'CVE-2024-0002',
      at: '2025-12-10T10:00:00+00:00',
      document: {
        name: 'redhat/2024/cve-2024-0002.json',
        url: 'https://security.access.redhat.com/data/csaf/v2/vex/2024/cve-2024-0002.json',
      },
    });
    expect(deletions?.parse('"2024/cve-2024-0002.json","2025-12-10T10:00:00+00:00"')).not.toHaveProperty('document');
    expect(changes?.parse('"../../etc/passwd","2025-12-10T10:00:00+00:00"')).toBeUndefined();
  });
});

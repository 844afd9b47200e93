import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { collect, memoryDocument } from './testing/documents.ts';
import { enrichments } from './enrichments.ts';
import { requestsOf } from './feed.ts';
import { feeds } from './feeds.ts';

const everything = [
  'AlmaLinux',
  'Alpine',
  'Amazon Linux',
  'Azure Linux',
  'Chainguard',
  'Debian',
  'Go',
  'Mariner',
  'NVD',
  'Node.js',
  'OSV:Debian',
  'Oracle Linux',
  'Photon OS',
  'Red Hat',
  'Ruby',
  'Ubuntu',
  'Wolfi',
  'almalinux',
  'friendsofphp',
  'go',
  'kubernetes',
  'npm',
  'psf',
  'pypa',
  'rocky',
  'retirejs',
  'rustsec',
  'rocky',
  'suse',
  'ubuntu',
];

/** Folders that hold several feeds of one format. */
const folders: Readonly<Record<string, string>> = { go: 'osv', kubernetes: 'osv', psf: 'osv', pypa: 'osv' };

test('feeds are listed by id, once each', () => {
  for (const list of [feeds, enrichments]) {
    const ids = list.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
  }
});

test('a feed is fetched by its own id, but where the licence wants each part named', () => {
  const unheard = feeds.filter((feed) => requestsOf(feed, [feed.id]).length === 0);
  expect(unheard.map(({ id }) => id)).toEqual(['wolfi']);
});

test('a shard is fetched by its id, and a release of Alpine with or without its v', () => {
  const shards = (wanted: string) => feeds.flatMap((feed) => requestsOf(feed, [wanted]).map(({ shard }) => shard));
  for (const shard of ['alpine-v3.20', 'amazon-2023', 'osv-npm', 'photon-5.0']) expect(shards(shard)).toEqual([shard]);
  for (const name of ['Alpine:3.20', 'Alpine:v3.20']) expect(shards(name)).toEqual(['alpine-v3.20']);
  expect(shards('Alpine:edge')).toEqual(['alpine-edge']);
  expect(feeds.flatMap((feed) => requestsOf(feed, ['debian', 'Debian']))).toHaveLength(1);
});

test.each(feeds.map((feed) => [feed.id, feed] as const))('%s keeps the contract of a feed', async (id, feed) => {
  const requests = feed.requests(everything);
  expect(requests.length).toBeGreaterThan(0);
  for (const { shard, documents } of requests) {
    expect(shard).toMatch(/^[a-z0-9][a-z0-9.-]*$/);
    for (const { name, url } of documents) {
      expect(url).toMatch(/^https:\/\//);
      // What is fetched may be kept in a folder and read from there by the same feed into the same shard.
      expect(feed.matches(name)).toBe(shard);
      expect(feed.matches(`mirror/${name}`)).toBe(shard);
    }
  }
  expect(feed.requests([])).toEqual([]);
  expect(feed.matches('README.txt')).toBeUndefined();
  expect(feed.licence).not.toBe('');
  const folder = fileURLToPath(new URL(`./feeds/${folders[id] ?? id}/readme.md`, import.meta.url));
  expect(existsSync(folder)).toBe(true);
  // T55: an empty document never means "no advisories".
  const name = requests[0]?.documents[0]?.name ?? '';
  await expect(
    collect(feed.parse(memoryDocument(name, ''), { signal: new AbortController().signal })),
  ).rejects.toMatchObject({
    code: 'feed/malformed',
  });
  // Cancellation reaches the parser.
  const reason = new Error('stop');
  const stopped = collect(feed.parse(memoryDocument(name, 'x\n'.repeat(1000)), { signal: AbortSignal.abort(reason) }));
  await expect(stopped).rejects.toThrow();
});

test('no two feeds take the same file', () => {
  const names = feeds.flatMap((feed) =>
    feed.requests(everything).flatMap(({ documents }) => documents.map(({ name }) => name)),
  );
  for (const name of names) expect(feeds.filter((feed) => feed.matches(name) !== undefined)).toHaveLength(1);
});

test('what is not free, large, or held by another feed too is fetched only when named', () => {
  const usual = feeds.flatMap((feed) => feed.requests(undefined).map(({ shard }) => shard));
  for (const shard of ['wolfi', 'chainguard', 'rustsec', 'friendsofphp']) expect(usual).not.toContain(shard);
  expect(usual).toEqual(
    expect.arrayContaining(['nodejs', 'nvd', 'rubysec', 'kubernetes', 'osv-bitnami', 'osv-rubygems', 'osv-packagist']),
  );
});

import { execFile } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { hashFile, readManifest } from '../database/location.ts';
import { feeds } from '../feeds.ts';
import { packageOf, record, testClock, testContext, testFolder, writeFeeds } from '../testing/records.ts';
import { buildStarter, maxStarterBytes } from './build.ts';
import { packedName } from './format.ts';
import { openStarter } from './open.ts';
import { termsOf } from './policy.ts';

const range = [{ introduced: '0' }, { fixed: '2.0.0' }];
const installed = [packageOf('pkg:golang/a.b/c@v1.0.0')];

async function small(): Promise<string> {
  const to = testFolder();
  const from = writeFeeds(testFolder(), {
    'osv/Go/GO-2026-1.json': record('GO-2026-1', 'Go', 'a.b/c', range, { summary: 'A flaw. '.repeat(100) }),
    'osv/AlmaLinux/ALSA-2026:1.json': record('ALSA-2026:1', 'AlmaLinux:9', 'bash', range, { summary: 'Prose.' }),
    'osv/Maven/GHSA-1.json': record('GHSA-1', 'Maven', 'a:b', range),
  });
  await buildStarter({
    from,
    to,
    work: testFolder(),
    tool: 'test',
    lists: { feeds, enrichments: [] },
    ctx: testContext(),
  });
  return to;
}

const open = (starter: string, cache: string) => openStarter({ starter, cache, clock: testClock });

describe('buildStarter', () => {
  it('takes only data whose terms are known, and prose only where they cover it', async () => {
    const starter = await small();
    expect(readdirSync(starter).sort()).toEqual([
      'NOTICE',
      'manifest.json',
      'osv-almalinux.sqlite.zst',
      'osv-go.sqlite.zst',
    ]);
    const notice = readFileSync(join(starter, 'NOTICE'), 'utf8');
    for (const shard of readManifest(starter).shards) {
      expect(notice).toContain(hashFile(join(starter, packedName(shard))).sha256);
      expect(notice).toContain(termsOf(shard.id)?.licence);
    }
    const database = open(starter, testFolder());
    const packages = [...installed, packageOf('pkg:rpm/almalinux/bash@1.0.0?distro=almalinux-9')];
    const summaries = database
      .match({ packages })
      .findings.map(({ vulnerability, summary }) => [vulnerability, summary?.length]);
    expect(summaries).toEqual([
      ['ALSA-2026:1', undefined],
      ['GO-2026-1', expect.closeTo(160, -1)],
    ]);
    database.close();
  });

  it('gives the same bytes again', async () => {
    const [a, b] = [await small(), await small()];
    for (const name of readdirSync(a))
      expect(readFileSync(join(a, name)).equals(readFileSync(join(b, name)))).toBe(true);
  });
});

describe('openStarter', () => {
  it('unpacks only the shard that is needed, once, and says what it is', async () => {
    const starter = await small();
    const cache = testFolder();
    for (let round = 0; round < 2; round++) {
      const database = open(starter, cache);
      const match = database.match({ packages: installed });
      expect(match.findings).toHaveLength(1);
      expect(database.summary(match)).toMatchObject({ kind: 'starter', path: starter, oldestData: '2026-03-01' });
      database.close();
      expect(readdirSync(cache).filter((name) => name.endsWith('.sqlite'))).toHaveLength(1);
    }
  });

  it('T55 repairs a shard damaged in the cache, and reports one damaged in the starter', async () => {
    const starter = await small();
    const cache = testFolder();
    open(starter, cache).match({ packages: installed });
    for (const name of readdirSync(cache)) if (name.endsWith('.sqlite')) truncateSync(join(cache, name), 100);
    expect(open(starter, cache).match({ packages: installed }).findings).toHaveLength(1);
    writeFileSync(join(starter, 'osv-go.sqlite.zst'), 'not zstd');
    const match = open(starter, testFolder()).match({ packages: installed });
    expect(match.unassessed).toMatchObject([{ cause: { code: 'database/damaged' } }]);
  });

  it('works where the cache cannot be written', async () => {
    const starter = await small();
    const blocked = join(testFolder(), 'file');
    writeFileSync(blocked, '');
    chmodSync(blocked, 0o400);
    expect(open(starter, join(blocked, 'cache')).match({ packages: installed }).findings).toHaveLength(1);
  });
});

const carried = fileURLToPath(new URL('../../starter/', import.meta.url));

describe('the starter that the repository carries', () => {
  let bytes = 0;
  beforeAll(() => {
    for (const name of readdirSync(carried)) bytes += statSync(join(carried, name)).size;
  });

  it('is within its size, whole, and every shard has its terms and its line in the NOTICE', () => {
    expect(bytes).toBeLessThan(maxStarterBytes);
    const notice = readFileSync(join(carried, 'NOTICE'), 'utf8');
    for (const shard of readManifest(carried).shards) {
      expect(termsOf(shard.id), shard.id).toBeDefined();
      expect(notice).toContain(`sha256   ${hashFile(join(carried, packedName(shard))).sha256}`);
    }
  });

  it('has an answer for a real package of each ecosystem', () => {
    const database = open(carried, testFolder());
    const purls = [
      'pkg:golang/stdlib@1.20.9',
      'pkg:pypi/requests@2.30.0',
      'pkg:npm/lodash@4.17.11',
      'pkg:deb/debian/sudo@1.8.27-1%2Bdeb10u2?distro=debian-10',
      'pkg:apk/alpine/apache2@2.4.54-r0?distro=alpine-3.17.1',
      'pkg:rpm/azurelinux/openssh@9.8p1-2.azl3?distro=azurelinux-3.0',
      'pkg:rpm/almalinux/gstreamer1-plugins-base@1.22.1-1.el9?distro=almalinux-9.4',
      'pkg:cargo/time@0.1.42',
    ];
    const match = database.match({ packages: purls.map((purl) => packageOf(purl)) });
    const hit = new Set(match.findings.flatMap(({ packages }) => packages));
    expect(purls.filter((purl) => !hit.has(purl))).toEqual([]);
    expect(match.findings.find(({ vulnerability }) => vulnerability === 'CVE-2021-3156')?.knownExploited).toBeDefined();
    database.close();
  });

  it('opens in several processes that unpack at once', async () => {
    const cache = testFolder();
    const script = `
      import { openStarter } from ${JSON.stringify(new URL('./open.ts', import.meta.url).href)};
      import { packageOf } from ${JSON.stringify(new URL('../testing/records.ts', import.meta.url).href)};
      const database = openStarter({ starter: ${JSON.stringify(carried)}, cache: ${JSON.stringify(cache)}, clock: { nowMs: () => 0 } });
      console.log(database.match({ packages: [packageOf('pkg:pypi/requests@2.30.0')] }).findings.length);`;
    const run = promisify(execFile);
    const runs = Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '-e', script]));
    const counts = (await Promise.all(runs)).map(({ stdout }) => Number(stdout));
    expect(new Set(counts).size).toBe(1);
    expect(counts[0]).toBeGreaterThan(0);
  });
});

// Real data: every version that occurs in the advisory feeds is one of its scheme, except those known to be none.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sharedPath } from '@plombe/kit/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { schemeById } from './schemes.ts';
import { hasTool } from './testing/oracle.ts';

const feeds = sharedPath('feeds');
if (feeds === undefined) console.warn('SKIPPED: no folder of advisory feeds, real versions were not parsed');

// Share of versions without order: PyPI keeps releases older than PEP 440, Bitnami a nightly, Alpine typing errors.
const refusedShare: Readonly<Record<string, number>> = {
  apk: 0.001,
  composer: 0,
  deb: 0,
  gem: 0,
  go: 0,
  maven: 0,
  nuget: 0,
  pep440: 0.004,
  rpm: 0,
  semver: 0.001,
};

describe.skipIf(feeds === undefined || !hasTool('python3', 'python3', ['--version']))('versions of the feeds', () => {
  const versions = new Map<string, string[]>();

  beforeAll(() => {
    const script = fileURLToPath(new URL('testing/feed-versions.py', import.meta.url));
    const run = spawnSync('python3', [script, feeds as string], { encoding: 'utf8', maxBuffer: 1 << 28 });
    for (const line of run.stdout.trimEnd().split('\n')) {
      const [scheme = '', , text = ''] = line.split('\t');
      const list = versions.get(scheme) ?? [];
      versions.set(scheme, list);
      list.push(JSON.parse(`"${text}"`) as string);
    }
  });

  it.each(Object.entries(refusedShare))('%s: at most a share of %f is refused', (scheme, share) => {
    const all = versions.get(scheme) ?? [];
    const refused = all.filter((text) => schemeById(scheme)?.parse(text) === undefined);
    expect(all.length).toBeGreaterThan(500);
    console.info(
      `${scheme}: ${all.length} versions, no order for ${refused.length}: ${refused.slice(0, 12).join(', ')}`,
    );
    expect(refused.length / all.length).toBeLessThanOrEqual(share);
  });
});

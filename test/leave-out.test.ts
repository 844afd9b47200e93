// Findings that the caller does not want to count: by severity, without a fix, by a list; in a scan, and in a saved report alike.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { writeFeeds } from './support/feeds.ts';
import { alpineImage, writeImages } from './support/images.ts';
import { installed, temporaryFolder } from './support/plombe.ts';
import { validatorOf } from './support/schemas.ts';

const home = temporaryFolder();
const plombe = installed(home);

interface Saved {
  readonly findings: readonly {
    readonly vulnerability: string;
    readonly severity: { readonly word: string };
    readonly fixedVersions: readonly string[];
  }[];
  readonly suppressed: readonly { readonly vulnerability: string; readonly reason: string }[];
  readonly actions: readonly object[];
  readonly state: string;
}

const saved = (name: string): Saved => JSON.parse(readFileSync(join(home, name), 'utf8')) as Saved;

beforeAll(async () => {
  writeFeeds(join(home, 'feeds'));
  await writeImages(join(home, 'layout'), alpineImage('app:1'));
  expect((await plombe(['db', 'build', '--from', 'feeds', '--db', 'db'])).code).toBe(0);
  expect((await plombe(['scan', 'oci:layout', '--db', 'db', '-o', 'json=all.json'])).code).toBe(0);
  const [first] = saved('all.json').findings;
  writeFileSync(join(home, 'ignored'), `# decisions\n${first?.vulnerability ?? ''} until=2999-01-01 # not reachable\n`);
});

it.each([
  [
    ['--severity', 'critical,high'],
    ({ severity }: Saved['findings'][0]) => ['critical', 'high'].includes(severity.word),
  ],
  [['--ignore-unfixed'], ({ fixedVersions }: Saved['findings'][0]) => fixedVersions.length > 0],
  [
    ['--ignore-file', 'ignored'],
    ({ vulnerability }: Saved['findings'][0]) => vulnerability !== saved('all.json').findings[0]?.vulnerability,
  ],
])('%j leaves out what it says, keeps it with its reason, and says how much', async (flags, counts) => {
  const all = saved('all.json');
  expect((await plombe(['scan', 'oci:layout', '--db', 'db', ...flags, '-o', 'json=some.json'])).code).toBe(0);
  const some = saved('some.json');
  expect(some.findings).toEqual(all.findings.filter(counts));
  expect(some.suppressed.length).toBe(all.suppressed.length + all.findings.length - some.findings.length);
  expect(some.state).toBe(all.state);
  // A saved report of all gives the same as a scan with these flags.
  expect((await plombe(['convert', 'all.json', ...flags, '-o', 'json=converted.json'])).code).toBe(0);
  const converted = saved('converted.json');
  expect([converted.findings, converted.suppressed, converted.actions]).toEqual([
    some.findings,
    some.suppressed,
    some.actions,
  ]);
  const { stdout } = await plombe(['scan', 'oci:layout', '--db', 'db', ...flags, '--show-suppressed']);
  const left = all.findings.length - some.findings.length;
  if (left > 0) {
    expect(stdout).toContain(`${left} finding${left === 1 ? '' : 's'} left out (${flags[0]})`);
    expect(stdout).toMatch(/^Does not count$/m);
  }
});

it('what is left out fails nothing', async () => {
  const fail = ['--fail-on', 'low'];
  expect((await plombe(['scan', 'oci:layout', '--db', 'db', ...fail])).code).toBe(1);
  const ids = saved('all.json').findings.map(({ vulnerability }) => vulnerability);
  writeFileSync(join(home, 'everything'), ids.join('\n'));
  const { code, stdout } = await plombe(['scan', 'oci:layout', '--db', 'db', ...fail, '--ignore-file', 'everything']);
  expect(code).toBe(0);
  expect(stdout).toContain(`${ids.length} findings left out (--ignore-file)`);
});

it('what vendors will not fix is left out by its status, and what can be fixed is not', async () => {
  mkdirSync(join(home, 'debian-feeds/debian'), { recursive: true });
  const release = (status: string, more: object) => ({ releases: { bookworm: { status, urgency: 'low', ...more } } });
  const filler = Object.fromEntries(
    Array.from({ length: 250 }, (_, n) => [`CVE-2020-${10_000 + n}`, release('open', {})]),
  );
  const bash = {
    'CVE-2024-1001': release('open', { nodsa: 'Minor issue', nodsa_reason: 'postponed' }),
    'CVE-2024-1002': release('open', { nodsa: 'Minor issue', nodsa_reason: 'ignored' }),
    'CVE-2024-1003': release('open', {}),
    'CVE-2024-1004': release('resolved', { fixed_version: '9.0' }),
  };
  writeFileSync(join(home, 'debian-feeds/debian/tracker.json'), JSON.stringify({ bash, filler }));
  expect((await plombe(['db', 'build', '--from', 'debian-feeds', '--db', 'debian'])).code).toBe(0);
  const scan = ['scan', 'pkg:deb/debian/bash@5.2-2?distro=debian-12', '--db', 'debian', '-o', 'json'];
  const kept = async (...words: readonly string[]): Promise<readonly string[]> => {
    const { code, stdout } = await plombe([...scan, ...words.flatMap((word) => ['--ignore-status', word])]);
    expect(code).toBe(0);
    return (JSON.parse(stdout) as Saved).findings.map(({ vulnerability }) => vulnerability.slice(-1)).sort();
  };
  expect(await kept()).toEqual(['1', '2', '3', '4']);
  expect(await kept('fix_deferred')).toEqual(['2', '3', '4']);
  expect(await kept('will_not_fix,fix_deferred')).toEqual(['3', '4']);
  expect(await kept('affected', 'will_not_fix')).toEqual(['4']);
  const { code, stderr } = await plombe([...scan, '--ignore-status', 'wontfix']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('ignoreStatus must be a list out of affected')]);
});

it.each([
  ['2020-01-01', 1, 'No more security support  alpine-linux 3.20 (2020-01-01)'],
  ['2999-01-01', 0, ''],
  [undefined, 3, 'the database does not know when the support of alpine 3.20.3 ends'],
])('--fail-on-eol with an end on %s gives %i', async (date, code, said) => {
  const feeds = join(home, `eol-${date}`);
  writeFeeds(feeds);
  if (date !== undefined) {
    mkdirSync(join(feeds, 'eol'));
    const releases = [{ name: '3.20', label: '3.20', isEol: date < '2026', eolFrom: date }];
    writeFileSync(
      join(feeds, 'eol/products.json'),
      JSON.stringify({ result: [{ name: 'alpine-linux', label: 'Alpine Linux', category: 'os', releases }] }),
    );
  }
  const db = `db-${date}`;
  expect((await plombe(['db', 'build', '--from', feeds, '--db', db])).code).toBe(0);
  expect((await plombe(['scan', 'oci:layout', '--db', db])).code).toBe(0);
  const outcome = await plombe(['scan', 'oci:layout', '--db', db, '--fail-on-eol']);
  expect(outcome.code).toBe(code);
  expect(outcome.stdout + outcome.stderr).toContain(said);
});

it('a list that is not understood or not there is a mistake, told before the work', async () => {
  writeFileSync(join(home, 'wrong'), 'CVE-2024-1\nopenssl\n');
  for (const [file, said] of [
    ['wrong', 'wrong line 2: "openssl" is not the id of a vulnerability'],
    ['absent', 'The list absent cannot be read'],
  ] as const) {
    const { code, stderr } = await plombe(['scan', 'oci:nothing', '--ignore-file', file]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
  }
});

it('what is recorded is said of all findings', async () => {
  const { code, stderr } = await plombe([
    'scan',
    'oci:layout',
    '--db',
    'db',
    '--record',
    '--ledger',
    'ledger',
    '--severity',
    'high',
  ]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--severity leaves some out')]);
});

it('what does not count is a suppressed result of a valid SARIF log, on request', async () => {
  const scan = ['scan', 'oci:layout', '--db', 'db', '--severity', 'critical'];
  expect((await plombe([...scan, '-o', 'sarif=plain.sarif'])).code).toBe(0);
  expect(readFileSync(join(home, 'plain.sarif'), 'utf8')).not.toContain('suppressions');
  expect((await plombe([...scan, '--show-suppressed', '-o', 'sarif=all.sarif', '-o', 'cyclonedx=all.cdx'])).code).toBe(
    0,
  );
  const log = JSON.parse(readFileSync(join(home, 'all.sarif'), 'utf8')) as {
    runs: [{ results: { suppressions?: object[] }[] }];
  };
  expect(validatorOf('sarif')?.(log)).toEqual([]);
  expect(validatorOf('cyclonedx')?.(JSON.parse(readFileSync(join(home, 'all.cdx'), 'utf8')))).toEqual([]);
  const { results } = log.runs[0];
  expect(results.filter(({ suppressions }) => suppressions !== undefined).length).toBeGreaterThan(0);
  expect(results.length).toBe(saved('all.json').findings.length + saved('all.json').suppressed.length);
});

import type { Advisory } from '@plombe/model';
import { beforeAll, describe, expect, test } from 'vitest';
import { collect, memoryDocument, sharedDocument, signal } from '../../testing/documents.ts';
import { parseRelease } from './releases.ts';
import { parseTrackerFile } from './parse.ts';
import { ubuntu } from './index.ts';

const archive = sharedDocument('ubuntu-cve-tracker/uct-2024-02-16.tar.zst');

function parse(lines: string): Advisory {
  const parsed = parseTrackerFile(`Candidate: CVE-2024-1000\nPublicDate: 2024-01-02 03:04:05 UTC\n${lines}\n`);
  if ('cause' in parsed) throw new Error(parsed.cause);
  return parsed;
}

test.each([
  ['jammy', 'Ubuntu:22.04', undefined],
  ['trusty/esm', 'Ubuntu:14.04', 'esm-infra'],
  ['esm-infra/xenial', 'Ubuntu:16.04', 'esm-infra'],
  ['esm-apps/jammy', 'Ubuntu:22.04', 'esm-apps'],
  ['fips-updates/bionic', 'Ubuntu:18.04', 'fips-updates'],
])('%s is %s, pocket %s', (text, ecosystem, pocket) => {
  expect(parseRelease(text)).toEqual(pocket === undefined ? { ecosystem } : { ecosystem, pocket });
});

test.each(['upstream', 'devel', 'snap', 'lucid', 'Patches', 'constructor', '__proto__/jammy', 'jammy/esm/x'])(
  '%s is no release',
  (text) => {
    expect(parseRelease(text)).toBeUndefined();
  },
);

const from0 = { introduced: '0' };
test.each([
  ['released (1.2-3)', 'affected', [from0, { fixed: '1.2-3' }], undefined],
  ['needed', 'affected', [from0], 'needed'],
  ['needs-triage', 'under_investigation', [from0], 'needs-triage'],
  ['pending (1.2-3)', 'affected', [from0, { limit: '1.2-3' }], 'pending: 1.2-3'],
  ['pending', 'affected', [from0], 'pending'],
  ['deferred (2021-01-01)', 'affected', [from0], 'deferred: 2021-01-01'],
  ['ignored (end of life, was needed)', 'will_not_fix', [from0], 'ignored: end of life, was needed'],
  ['not-affected (code not present)', 'not_affected', [from0], 'not-affected: code not present'],
] as const)('status %s', (status, word, events, note) => {
  const part = parse(`jammy_p: ${status}`).affected[0];
  expect(part).toMatchObject({
    ecosystem: 'Ubuntu:22.04',
    name: 'p',
    status: word,
    ranges: [{ scheme: 'deb', events }],
  });
  expect(part?.statusNote).toBe(note);
});

test('DNE and released without a version say nothing', () => {
  expect(parse('jammy_p: DNE\nfocal_p: released\nupstream_p: released (1)\ndevel_p: needed').affected).toEqual([]);
});

test.each(['** REJECT ** DO NOT USE THIS CANDIDATE NUMBER.', 'Rejected reason: This CVE ID was withdrawn.'])(
  'a rejected CVE is withdrawn: %s',
  (text) => {
    expect(parse(`Description:\n ${text}\njammy_p: needed`).withdrawnAt).toBeDefined();
    expect(parse('Description:\n A flaw.\njammy_p: needed').withdrawnAt).toBeUndefined();
  },
);

describe.skipIf(archive === undefined)('real files', () => {
  const byId = new Map<string, Advisory>();
  let problems: unknown[] = [];
  const part = (id: string, name: string, ecosystem: string, pocket?: string) =>
    byId
      .get(id)
      ?.affected.find((one) => one.name === name && one.ecosystem === ecosystem && one.qualifiers?.pocket === pocket);

  beforeAll(async () => {
    const wanted = new Set([
      'CVE-2023-4641',
      'CVE-2022-0001',
      'CVE-2021-33631',
      'CVE-2020-23909',
      'CVE-2020-23109',
      'CVE-2023-0030',
    ]);
    const read = await collect(ubuntu.parse(archive as NonNullable<typeof archive>, { signal }));
    problems = read.problems;
    for (const advisory of read.advisories) if (wanted.has(advisory.id)) byId.set(advisory.id, advisory);
    byId.set('count', { ...(read.advisories[0] as Advisory), id: String(read.advisories.length) });
  }, 60_000);

  test('every file is read', () => {
    expect(problems).toEqual([]);
    expect(byId.get('count')?.id).toBe('47152');
  });

  test('CVE-2023-4641: fixes, priority with its author, ESM as a pocket whose fix bounds the plain statement', () => {
    expect(byId.get('CVE-2023-4641')).toMatchObject({
      publishedAt: '2023-12-27',
      related: ['USN-6640-1'],
      severities: [
        { author: 'ubuntu', word: 'low' },
        { author: 'nvd', word: 'medium', score: 5.5 },
      ],
    });
    expect(part('CVE-2023-4641', 'shadow', 'Ubuntu:22.04')?.ranges[0]?.events[1]).toEqual({
      fixed: '1:4.8.1-2ubuntu2.2',
    });
    expect(part('CVE-2023-4641', 'shadow', 'Ubuntu:18.04', 'esm-infra')?.ranges[0]?.events[1]).toEqual({
      fixed: '1:4.5-1ubuntu2.5+esm1',
    });
    expect(part('CVE-2023-4641', 'shadow', 'Ubuntu:18.04')).toMatchObject({
      status: 'will_not_fix',
      statusNote: 'ignored: end of standard support',
      ranges: [{ events: [{ introduced: '0' }, { limit: '1:4.5-1ubuntu2.5+esm1' }] }],
    });
  });

  test('CVE-2022-0001: kernel flavours are sources of their own, priority of one package and release', () => {
    expect(part('CVE-2022-0001', 'linux', 'Ubuntu:20.04')?.ranges[0]?.events[1]).toEqual({ fixed: '5.4.0-104.118' });
    expect(part('CVE-2022-0001', 'linux-aws', 'Ubuntu:20.04')?.ranges[0]?.events[1]).toEqual({
      fixed: '5.4.0-1068.72',
    });
    expect(part('CVE-2022-0001', 'linux', 'Ubuntu:22.04')?.status).toBe('not_affected');
    expect(part('CVE-2022-0001', 'linux', 'Ubuntu:14.04', 'esm-infra')?.severity).toEqual({
      author: 'ubuntu',
      word: 'medium',
    });
    expect(byId.get('CVE-2022-0001')?.severities[0]).toEqual({ author: 'ubuntu', word: 'high' });
  });

  test('CVE-2020-23909 deferred, CVE-2020-23109 needs triage, CVE-2023-0030 DNE', () => {
    expect(part('CVE-2020-23909', 'advancecomp', 'Ubuntu:22.04')).toMatchObject({
      status: 'affected',
      statusNote: 'deferred',
    });
    expect(part('CVE-2020-23109', 'libheif', 'Ubuntu:22.04')?.status).toBe('under_investigation');
    expect(part('CVE-2023-0030', 'linux-hwe', 'Ubuntu:22.04')).toBeUndefined();
  });
});

test('files and requests', () => {
  expect(ubuntu.matches('feeds/ubuntu-cve-tracker/uct-2024-02-16.tar.zst')).toBe('ubuntu');
  expect(ubuntu.matches('ubuntu-cve-tracker/active/CVE-2024-1000')).toBe('ubuntu');
  expect(ubuntu.matches('ubuntu-cve-tracker/readme')).toBeUndefined();
  expect(ubuntu.requests(undefined)).toEqual([]);
  expect(ubuntu.requests(['ubuntu'])[0]?.shard).toBe('ubuntu');
});

test('T55 T73 an archive cut off is refused, a file without a candidate told, prototype names are data', async () => {
  for (const content of ['', 'x'.repeat(2000)]) {
    const read = collect(ubuntu.parse(memoryDocument('ubuntu-cve-tracker/x.tar', content), { signal }));
    await expect(read).rejects.toMatchObject({ code: 'feed/malformed' });
  }
  const read = collect(ubuntu.parse(memoryDocument('active/CVE-2024-1000', 'nothing'), { signal }));
  await expect(read).rejects.toMatchObject({ code: 'feed/malformed' });
  expect(
    parse('jammy___proto__: needed\n__proto__: x\njammy_constructor: needed').affected.map(({ name }) => name),
  ).toEqual(['__proto__', 'constructor']);
});

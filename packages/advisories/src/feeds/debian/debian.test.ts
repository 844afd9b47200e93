import type { AffectedPackage } from '@plombe/model';
import { expect, test } from 'vitest';
import type { FeedDocument } from '../../feed.ts';
import { collect, memoryDocument, sharedDocument, signal } from '../../testing/documents.ts';
import { debian } from './index.ts';

const excerpt = sharedDocument('debian/CVE-list-excerpt.txt');
const derived = sharedDocument('debian/tracker-derived-from-changelogs.json', 'derived');
const dsa = sharedDocument('debian/DSA.list');

function tracker(value: unknown) {
  return memoryDocument('debian/tracker.json', JSON.stringify(value));
}

async function partsOf(documents: readonly FeedDocument[]) {
  if (debian.join === undefined) throw new Error('no join');
  const { advisories, problems } = await collect(debian.join(documents, { signal }));
  const part = (id: string, name: string, ecosystem: string): AffectedPackage | undefined =>
    advisories
      .filter((advisory) => advisory.id === id)
      .flatMap((advisory) => advisory.affected)
      .find((affected) => affected.name === name && affected.ecosystem === ecosystem);
  return { advisories, problems, part };
}

const release = (status: string, rest: object = {}) => ({
  p: { 'CVE-2024-1000': { scope: 'local', releases: { bookworm: { status, urgency: 'not yet assigned', ...rest } } } },
});
const from0 = [{ introduced: '0' }];

test.each([
  [
    'resolved with fixed_version 0 is a veto',
    release('resolved', { fixed_version: '0' }),
    'not_affected',
    from0,
    undefined,
  ],
  ['resolved', release('resolved', { fixed_version: '1-2' }), 'affected', [...from0, { fixed: '1-2' }], undefined],
  ['open without a fix', release('open'), 'affected', from0, undefined],
  [
    'nodsa ignored',
    release('open', { nodsa: 'Minor issue', nodsa_reason: 'ignored' }),
    'will_not_fix',
    from0,
    'ignored: Minor issue',
  ],
  [
    'nodsa postponed',
    release('open', { nodsa: 'Wait', nodsa_reason: 'postponed' }),
    'affected',
    from0,
    'postponed: Wait',
  ],
  ['nodsa without a reason', release('open', { nodsa: 'Minor', nodsa_reason: '' }), 'affected', from0, 'no-dsa: Minor'],
  ['end of life', release('open', { urgency: 'end-of-life' }), 'will_not_fix', from0, 'end-of-life'],
] as const)('tracker: %s', async (_, json, status, events, note) => {
  const { part } = await partsOf([tracker(json)]);
  const affected = part('CVE-2024-1000', 'p', 'Debian:12');
  expect(affected).toMatchObject({ status, ranges: [{ scheme: 'deb', events }] });
  expect(affected?.statusNote).toBe(note);
  expect(affected?.severity).toBeUndefined();
});

test('tracker: undetermined says nothing, unimportant is negligible by Debian', async () => {
  expect((await partsOf([tracker(release('undetermined'))])).advisories).toEqual([]);
  const { part } = await partsOf([tracker(release('open', { urgency: 'unimportant' }))]);
  expect(part('CVE-2024-1000', 'p', 'Debian:12')?.severity).toEqual({ author: 'debian', word: 'negligible' });
});

test.skipIf(excerpt === undefined)('CVE list, real lines: every status of the excerpt', async () => {
  const { part, problems } = await partsOf(excerpt === undefined ? [] : [excerpt]);
  expect(problems).toEqual([]);
  // CVE-2016-2781: `<ignored>` overrides the line of unstable, whose fix bounds it.
  expect(part('CVE-2016-2781', 'coreutils', 'Debian:12')).toMatchObject({
    status: 'will_not_fix',
    statusNote: 'ignored: Minor issue',
    ranges: [{ events: [{ introduced: '0' }, { limit: '9.4-1' }] }],
    severity: { author: 'debian', word: 'low' },
  });
  // CVE-2023-31484: `[experimental]` is no release; `<no-dsa>` is affected; a fixed release line wins over unstable.
  expect(part('CVE-2023-31484', 'perl', 'Debian:10')).toMatchObject({
    status: 'affected',
    statusNote: 'no-dsa: Minor issue',
  });
  expect(part('CVE-2023-31484', 'perl', 'Debian:12')?.ranges[0]?.events[1]).toEqual({ fixed: '5.36.0-7+deb12u3' });
  expect(part('CVE-2023-31484', 'perl', 'Debian:sid')?.ranges[0]?.events[1]).toEqual({ fixed: '5.38.2-2' });
  // CVE-2024-0727: `<postponed>`.
  expect(part('CVE-2024-0727', 'openssl', 'Debian:10')).toMatchObject({
    status: 'affected',
    statusNote: expect.stringMatching(/^postponed/),
  });
  // CVE-2024-3094: `<not-affected>`.
  expect(part('CVE-2024-3094', 'xz-utils', 'Debian:12')?.status).toBe('not_affected');
  // CVE-2024-6387: no line for bookworm: compare with the fix of unstable. `[bullseye]` is not affected.
  expect(part('CVE-2024-6387', 'openssh', 'Debian:12')).toMatchObject({
    status: 'affected',
    ranges: [{ events: [{ introduced: '0' }, { limit: '1:9.7p1-7' }] }],
  });
  expect(part('CVE-2024-6387', 'openssh', 'Debian:11')?.status).toBe('not_affected');
  // CVE-2005-2541: `<unfixed>` and unimportant; CVE-2010-4756: `<removed>`; CVE-2024-28757: two packages in one block.
  expect(part('CVE-2005-2541', 'tar', 'Debian:12')).toMatchObject({
    status: 'affected',
    severity: { word: 'negligible' },
  });
  expect(part('CVE-2010-4756', 'glibc', 'Debian:12')).toMatchObject({ status: 'affected', statusNote: 'removed' });
  expect(part('CVE-2024-28757', 'libxmltok', 'Debian:12')?.status).toBe('will_not_fix');
  expect(part('CVE-2024-28757', 'expat', 'Debian:sid')?.severity?.word).toBe('negligible');
});

test('CVE list: a rejected CVE says nothing, `<undetermined>`, `<itp>` and `[experimental]` neither', async () => {
  const list = [
    'CVE-2024-1000 (withdrawn by its assigner)',
    '\tREJECTED',
    '\t- p 2-1',
    'CVE-2024-1001 (not looked at)',
    '\t- p <undetermined>',
    'CVE-2024-1002 (not packaged)',
    '\t- q <itp> (bug #1)',
    'CVE-2024-1003 (only there)',
    '\t[experimental] - p 3-1',
    'CVE-2024-1004 (a flaw)',
    '\t- p 2-1',
    '\t[bookworm] - p <end-of-life> (no longer supported)',
  ];
  const { advisories, part, problems } = await partsOf([memoryDocument('debian/CVE-list.txt', `${list.join('\n')}\n`)]);
  expect(problems).toEqual([]);
  expect(advisories.map(({ id }) => id)).toEqual(['CVE-2024-1004']);
  expect(part('CVE-2024-1004', 'p', 'Debian:12')).toMatchObject({
    status: 'will_not_fix',
    statusNote: 'end-of-life: no longer supported',
    ranges: [{ events: [{ introduced: '0' }, { limit: '2-1' }] }],
  });
});

test.skipIf(dsa === undefined)(
  'DSA list, real: DSA-5378-1 gives a fix for each vulnerability, with its link',
  async () => {
    const { advisories, part, problems } = await partsOf(dsa === undefined ? [] : [dsa]);
    expect(problems).toEqual([]);
    expect(part('CVE-2022-42331', 'xen', 'Debian:11')?.ranges[0]?.events[1]).toEqual({
      fixed: '4.14.5+94-ge49571868d-1',
    });
    const advisory = advisories.find(({ id, affected }) => id === 'CVE-2022-42331' && affected[0]?.name === 'xen');
    expect(advisory).toMatchObject({ related: ['DSA-5378-1'], publishedAt: '2023-03-25' });
    expect(advisory?.references).toContain('https://security-tracker.debian.org/tracker/DSA-5378-1');
    // DSA-5356-2 is a regression update without a vulnerability.
    expect(advisories.some(({ id }) => id === 'DSA-5356-2')).toBe(false);
  },
);

test.skipIf(derived === undefined || excerpt === undefined)(
  'a derived tracker gives way to the lists, its own rows to nothing less',
  async () => {
    if (derived === undefined || excerpt === undefined) return;
    const { part } = await partsOf([derived, excerpt]);
    expect(part('CVE-2024-2961', 'glibc', 'Debian:12')?.ranges[0]?.events[1]).toEqual({ fixed: '2.36-9+deb12u6' });
    expect(part('CVE-2024-2961', 'glibc', 'Debian:sid')?.ranges[0]?.events[1]).toEqual({ fixed: '2.37-18' });
  },
);

const dla = sharedDocument('debian/DLA.list');

test.skipIf(dsa === undefined || dla === undefined)(
  'of a DSA and a DLA about one flaw the highest fix counts, whichever list comes first',
  async () => {
    for (const documents of [
      [dsa, dla],
      [dla, dsa],
    ]) {
      const { part } = await partsOf(documents.filter((document) => document !== undefined));
      // DSA-5173-1 has 4.19.249-2, DLA-3131-1 names the flaw again.
      expect(part('CVE-2022-2153', 'linux', 'Debian:10')?.ranges[0]?.events[1]).toEqual({ fixed: '4.19.260-1' });
      // DLA-3331-2 repairs a regression of DLA-3331-1, which fixed the flaw.
      expect(part('CVE-2023-23931', 'python-cryptography', 'Debian:10')?.ranges[0]?.events[1]).toEqual({
        fixed: '2.6.1-3+deb10u3',
      });
    }
  },
);

test('what is open in a release ends, without a fix, where unstable is fixed', async () => {
  const entry = { status: 'open', urgency: 'low', nodsa: 'Minor issue', nodsa_reason: '' };
  const releases = { bookworm: entry, sid: { status: 'resolved', fixed_version: '2-1', urgency: 'low' } };
  const { part } = await partsOf([tracker({ p: { 'CVE-2024-1000': { releases } } })]);
  expect(part('CVE-2024-1000', 'p', 'Debian:12')).toMatchObject({
    status: 'affected',
    statusNote: 'no-dsa: Minor issue',
    ranges: [{ events: [{ introduced: '0' }, { limit: '2-1' }] }],
  });
});

test('an original tracker outranks the lists it is made of', async () => {
  const list = memoryDocument(
    'DSA.list',
    '[01 Jan 2024] DSA-1-1 p - security update\n\t{CVE-2024-1000}\n\t[bookworm] - p 9-9\n',
  );
  const { part, advisories } = await partsOf([tracker(release('resolved', { fixed_version: '1-2' })), list]);
  expect(part('CVE-2024-1000', 'p', 'Debian:12')?.ranges[0]?.events[1]).toEqual({ fixed: '1-2' });
  expect(advisories[0]?.related).toEqual(['DSA-1-1']);
});

test.each([
  ['feeds/debian/DSA.list', 'debian'],
  ['debian/tracker-derived-from-changelogs.json', 'debian'],
  ['debian/CVE-list-excerpt.txt', 'debian'],
  ['debian/other.txt', undefined],
  ['alpine-secdb/edge/main.json', undefined],
])('%s belongs to shard %s', (path, shard) => {
  expect(debian.matches(path)).toBe(shard);
});

test('T55 a tracker cut off, empty or of another shape is refused', async () => {
  for (const text of ['', '{"a": {"CVE-2024-1": {"rel', '[]', '{}', '<html>']) {
    const read = collect(debian.parse(memoryDocument('debian/tracker.json', text), { signal }));
    await expect(read).rejects.toMatchObject({ code: 'feed/malformed' });
  }
});

test('T73 names of the prototype are data, and one bad record leaves the rest', async () => {
  const json = `{"__proto__": {"CVE-2024-1000": {"releases": {"bookworm": {"status": "open"}}}},
    "constructor": {"CVE-2024-1001": {"releases": {"__proto__": {"status": "open"}, "sid": {"status": "resolved"}, "trixie": {"status": "open"}}}},
    "bad": 7, "odd": {"no id here": {"releases": {}}, "CVE-2024-1002": {}}}`;
  const { advisories, problems } = await collect(debian.parse(memoryDocument('debian/tracker.json', json), { signal }));
  expect(advisories.map(({ id, affected }) => [id, affected[0]?.name, affected[0]?.ecosystem])).toEqual([
    ['CVE-2024-1000', '__proto__', 'Debian:12'],
    ['CVE-2024-1001', 'constructor', 'Debian:13'],
  ]);
  expect(problems.map(({ record }) => record)).toEqual([
    'constructor CVE-2024-1001 in sid',
    'bad',
    'odd no id here',
    'odd CVE-2024-1002',
  ]);
});

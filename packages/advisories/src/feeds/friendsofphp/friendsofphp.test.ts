// FriendsOfPHP: branches to ranges, with the records each trap was found in.
import { parseYaml } from '@plombe/formats';
import type { Advisory } from '@plombe/model';
import { isInRange, schemeById } from '@plombe/versions';
import { beforeAll, describe, expect, test } from 'vitest';
import { collect, memoryDocument, sharedDocument, signal } from '../../testing/documents.ts';
import { friendsofphp } from './index.ts';
import { parseFriendsOfPhp } from './parse.ts';

const archive = sharedDocument('friendsofphp/security-advisories-2026-08-06.tar.zst');
if (archive === undefined) console.warn('SKIPPED: no folder of real feeds, FriendsOfPHP was not read');

const composer = schemeById('composer');

function isAffected(advisory: Advisory | undefined, version: string): boolean {
  const ranges = advisory?.affected[0]?.ranges ?? [];
  return ranges.some(({ events }) => composer !== undefined && isInRange(composer, version, events) === 'in');
}

describe.skipIf(archive === undefined)('the whole database', () => {
  const byKey = new Map<string, Advisory>();
  let problems: readonly { record: string; cause: string }[] = [];
  let records = 0;

  beforeAll(async () => {
    if (archive === undefined) return;
    const read = await collect(friendsofphp.parse(archive, { signal }));
    problems = read.problems;
    records = read.advisories.length;
    for (const one of read.advisories) byKey.set(`${one.id} ${one.affected[0]?.name ?? ''}`, one);
  });

  test('every record is read', () => {
    expect(problems).toEqual([]);
    expect(records).toBe(1592);
  });

  test('CVE-2018-7602: branches without a release of the fix go on to the branch that has one', () => {
    const advisory = byKey.get('CVE-2018-7602 drupal/core');
    expect(advisory?.affected[0]?.ranges.map(({ events }) => events)).toEqual([
      [{ introduced: '7.0-dev' }, { limit: '7.59-dev' }, { fixed: '7.59' }],
      [{ introduced: '8.0-dev' }, { limit: '8.4.8-dev' }, { fixed: '8.4.8' }],
      [{ introduced: '8.5-dev' }, { limit: '8.5.3-dev' }, { fixed: '8.5.3' }],
    ]);
    expect(['7.58', '8.1.5', '8.4.7', '8.5.2'].map((version) => isAffected(advisory, version))).not.toContain(false);
    expect(['6.9', '7.59', '8.4.8', '8.5.0-beta1', '8.5.3'].map((version) => isAffected(advisory, version))).toEqual([
      false,
      false,
      false,
      true,
      false,
    ]);
  });

  test("Drupal's level of risk is in the title", () => {
    expect(byKey.get('CVE-2018-7602 drupal/core')?.severities).toEqual([{ author: 'drupal', word: 'high' }]);
    const of = [...byKey.values()].filter(({ affected }) => affected[0]?.name.startsWith('drupal/') === true);
    expect(new Set(of.flatMap(({ severities }) => severities.map(({ word }) => word)))).toEqual(
      new Set(['critical', 'high', 'low', 'medium']),
    );
  });

  test('CVE-2019-11458: three branches, each with its fix', () => {
    const ranges = byKey.get('CVE-2019-11458 cakephp/cakephp')?.affected[0]?.ranges ?? [];
    expect(ranges.map(({ events }) => events.find(({ fixed }) => fixed !== undefined)?.fixed)).toEqual([
      '3.5.18',
      '3.6.15',
      '3.7.7',
    ]);
  });

  test('a record without a CVE goes by its place', () => {
    expect(byKey.has('FOP-cakephp-cakephp-2015-08-06 cakephp/cakephp')).toBe(true);
  });
});

const record = (rest: string): string => `title: t\nlink: https://example.org/\nreference: composer://A/B\n${rest}`;

test('names are compared without case; a branch without a release of the fix has no fix', () => {
  const text = record(`cve: ~\nbranches:\n  1.x:\n    time: ~\n    versions: ['>=1.0', '<2.0']\n`);
  expect(parseFriendsOfPhp('a/b/2020-01-01.yaml', parseYaml(text))).toMatchObject({
    id: 'FOP-a-b-2020-01-01',
    affected: [{ name: 'a/b', ranges: [{ events: [{ introduced: '1.0-dev' }, { limit: '2.0-dev' }] }] }],
  });
});

test.each([
  ['no package', 'reference: https://example.org\nbranches: {}', 'names no package of Composer'],
  ['no branch', record('branches: {}'), 'has a branch that cannot be read'],
  ['a requirement that is none', record(`branches: {a: {versions: ['soon']}}`), 'has a branch that cannot be read'],
  ['text', 'x', 'is no record'],
])('%s is a problem', (_title, text, cause) => {
  expect(parseFriendsOfPhp('a/b/c.yaml', parseYaml(text))).toEqual({ cause });
});

test('T73 keys of prototypes are branches like others', () => {
  const text = record(`cve: CVE-2024-1234\nbranches:\n  __proto__:\n    time: 2020-01-01\n    versions: ['<1.2']\n`);
  expect(parseFriendsOfPhp('a/b/c.yaml', parseYaml(text))).toMatchObject({ id: 'CVE-2024-1234' });
});

test('T55 a record that is none is no feed', async () => {
  const empty = memoryDocument('friendsofphp/a/b/c.yaml', 'x: 1');
  await expect(collect(friendsofphp.parse(empty, { signal }))).rejects.toMatchObject({ code: 'feed/malformed' });
});

// retire.js: its repositories as published, and each trap with the library it was found in.
import type { Advisory } from '@plombe/model';
import { beforeAll, describe, expect, test } from 'vitest';
import { collect, memoryDocument, sharedDocument, signal } from '../../testing/documents.ts';
import { retirejs } from './index.ts';
import { parseLibrary } from './parse.ts';

const documents = ['jsrepository-v6.json', 'npmrepository.json']
  .map((name) => sharedDocument(`retirejs/${name}`))
  .filter((document) => document !== undefined);
if (documents.length === 0) console.warn('SKIPPED: no folder of real feeds, retire.js was not read');

describe.skipIf(documents.length === 0)('the repositories', () => {
  const advisories: Advisory[] = [];
  const problems: { readonly record: string; readonly cause: string }[] = [];

  beforeAll(async () => {
    for (const document of documents) {
      const read = await collect(retirejs.parse(document, { signal }));
      advisories.push(...read.advisories);
      problems.push(...read.problems);
    }
  });

  const about = (id: string, name: string) =>
    advisories.filter((one) => one.id === id && one.affected[0]?.name === name).flatMap((one) => one.affected);

  test('every range is read but the one that has no version above', () => {
    expect(problems).toEqual([{ record: 'simple-server 0', cause: 'has a range that cannot be read' }]);
    expect(advisories.length).toBeGreaterThan(1000);
    expect(new Set(advisories.flatMap(({ affected }) => affected.map(({ ecosystem }) => ecosystem)))).toEqual(
      new Set(['npm', 'JavaScript']),
    );
  });

  test("CVE-2012-6708: jQuery's 1.9.0b1 is a pre-release, the GHSA id an alias", () => {
    expect(about('CVE-2012-6708', 'jquery')).toMatchObject([
      { ecosystem: 'npm', ranges: [{ scheme: 'semver', events: [{ introduced: '0' }, { fixed: '1.9.0-b1' }] }] },
    ]);
    expect(advisories.find(({ id }) => id === 'CVE-2012-6708')?.aliases).toEqual(['GHSA-2pqj-h3vj-pqgw']);
  });

  test('CVE-2015-9251: a version that is excluded cuts the range in two', () => {
    const events = about('CVE-2015-9251', 'jquery').flatMap(({ ranges }) => ranges.map((range) => range.events));
    expect(events).toContainEqual([{ introduced: '1.12.3' }, { limit: '1.12.4-aem' }]);
    expect(events).toContainEqual([{ introduced: '1.12.4-aem.0' }, { fixed: '3.0.0-beta1' }]);
  });

  test('the end of support of jQuery 1 and 2 has no fix, and says what it is', () => {
    const ended = advisories.find(
      ({ id, affected }) => id.startsWith('RETIREJS-jquery-73') && affected[0]?.name === 'jquery',
    );
    expect(ended?.affected).toMatchObject([{ statusNote: 'end of life' }]);
    expect(JSON.stringify(ended?.affected[0]?.ranges)).not.toContain('fixed');
  });

  test('CVE-2020-27511: Prototype is not what npm has under that name', () => {
    expect(about('CVE-2020-27511', 'prototypejs')).toMatchObject([{ ecosystem: 'JavaScript' }]);
  });

  test('names of npm where retire.js has its own', () => {
    const names = new Set(advisories.flatMap(({ affected }) => affected.map(({ name }) => name)));
    expect(['angular', 'moment', 'underscore', 'next', 'dompurify', 'ember-source', 'jquery-ui']).toEqual(
      ['angular', 'moment', 'underscore', 'next', 'dompurify', 'ember-source', 'jquery-ui'].filter((name) =>
        names.has(name),
      ),
    );
    expect(['retire-example', 'dont check', 'moment.js'].some((name) => names.has(name))).toBe(false);
  });
});

const library = (vulnerability: object, rest: object = {}) => ({ vulnerabilities: [vulnerability], ...rest });

test.each([
  [
    'three words of a pre-release',
    { below: '1.0.0.beta.3' },
    'semver',
    [{ introduced: '0' }, { fixed: '1.0.0-beta.3' }],
  ],
  ['a wildcard', { atOrAbove: '1.4.0-*', below: '1.4.2' }, 'semver', [{ introduced: '1.4.0-0' }, { fixed: '1.4.2' }]],
  ['four numbers', { below: '1.5.1.2' }, 'tag', [{ introduced: '0' }, { fixed: '1.5.1.2' }]],
  [
    'no end',
    { atOrAbove: '2.0.0', below: '999.999.999' },
    'semver',
    [{ introduced: '2.0.0' }, { limit: '999.999.999' }],
  ],
])('%s', (_title, vulnerability, scheme, events) => {
  expect(parseLibrary('x', library({ ...vulnerability, identifiers: { CVE: ['CVE-2024-1234'] } }))).toMatchObject([
    { advisory: { id: 'CVE-2024-1234', affected: [{ name: 'x', ranges: [{ scheme, events }] }] } },
  ]);
});

test('several CVEs are several advisories, and the GHSA id is of none alone', () => {
  const identifiers = { CVE: ['CVE-2024-1234', 'CVE-2024-1235'], githubID: 'GHSA-2pqj-h3vj-pqgw' };
  const items = parseLibrary('x', library({ below: '1.0.0', identifiers }));
  expect(items).toMatchObject([
    { advisory: { id: 'CVE-2024-1234', aliases: [] } },
    { advisory: { id: 'CVE-2024-1235', aliases: [] } },
  ]);
});

test('T55 T73 an empty repository is no feed; names of prototypes are libraries', async () => {
  for (const text of ['{}', '[]', '{"jquery":']) {
    const document = memoryDocument('retirejs/jsrepository-v6.json', text);
    await expect(collect(retirejs.parse(document, { signal }))).rejects.toMatchObject({ code: 'feed/malformed' });
  }
  const hostile = `{"__proto__": {"vulnerabilities": [{"below": "1.0.0", "identifiers": {"CVE": ["CVE-2024-1234"]}}]}}`;
  const read = await collect(retirejs.parse(memoryDocument('retirejs/npmrepository.json', hostile), { signal }));
  expect(read.advisories.map(({ affected }) => affected[0]?.name)).toEqual(['__proto__']);
});

// Node.js: its indexes as published, and each trap with its record.
import type { Advisory } from '@plombe/model';
import { isInRange, schemeById } from '@plombe/versions';
import { beforeAll, describe, expect, test } from 'vitest';
import { collect, memoryDocument, sharedDocument, signal } from '../../testing/documents.ts';
import { nodejs } from './index.ts';
import { parseCore, parseDependency, parseNpm } from './parse.ts';

const names = ['core-index.json', 'deps-index.json', 'npm-index.json'];
const documents = names.map((name) => sharedDocument(`nodejs-core/${name}`)).filter((one) => one !== undefined);
if (documents.length === 0) console.warn('SKIPPED: no folder of real feeds, those of Node.js were not read');

const semver = schemeById('semver');

function isAffected(advisory: Advisory | undefined, version: string): boolean {
  const ranges = advisory?.affected[0]?.ranges ?? [];
  return ranges.some(({ events }) => semver !== undefined && isInRange(semver, version, events) === 'in');
}

describe.skipIf(documents.length === 0)('the indexes', () => {
  const byId = new Map<string, Advisory>();
  const counts: number[] = [];
  const problems: { record: string; cause: string }[] = [];

  beforeAll(async () => {
    for (const document of documents) {
      const read = await collect(nodejs.parse(document, { signal }));
      problems.push(...read.problems);
      counts.push(read.advisories.length);
      for (const one of read.advisories) byId.set(one.id, one);
    }
  });

  test('every record is read, one advisory for each CVE', () => {
    expect(problems).toEqual([]);
    expect(counts).toEqual([186, 11, 477]);
  });

  test('CVE-2017-1000381: what is patched of a line is not affected', () => {
    const advisory = byId.get('CVE-2017-1000381');
    expect(['4.8.3', '5.1.0', '6.11.0', '8.0.0', '8.1.3'].map((one) => isAffected(advisory, one))).not.toContain(false);
    expect(['4.8.4', '7.10.1', '8.1.4', '9.0.0'].map((one) => isAffected(advisory, one))).not.toContain(true);
    expect(advisory).toMatchObject({ severities: [{ author: 'nodejs', word: 'high' }], affected: [{ name: 'node' }] });
  });

  test('CVE-2023-45853: a flaw of zlib that does not reach Node.js is a veto with its reason', () => {
    expect(byId.get('CVE-2023-45853')?.affected).toEqual([
      {
        ecosystem: 'Node.js',
        name: 'node',
        ranges: [],
        versions: [],
        status: 'not_affected',
        statusNote: 'vulnerable code not present',
      },
    ]);
  });

  test('NSWG-CORE-2: without a CVE the number of the working group is the id', () => {
    expect(byId.get('NSWG-CORE-2')).toMatchObject({ severities: [], affected: [{ name: 'node' }] });
  });

  test('CVE-2014-7205: packages of npm', () => {
    expect(byId.get('CVE-2014-7205')?.affected).toMatchObject([
      { ecosystem: 'npm', name: 'bassmaster', ranges: [{ events: [{ introduced: '0' }, { lastAffected: '1.5.1' }] }] },
    ]);
  });
});

test('a flaw of Windows alone says so', () => {
  const [valid] = parseCore('1', {
    cve: ['CVE-2025-27210'],
    vulnerable: '22.x',
    patched: '^22.17.1',
    affectedEnvironments: ['win32'],
  });
  expect(valid).toMatchObject({
    advisory: {
      id: 'CVE-2025-27210',
      affected: [{ statusNote: 'only on windows', qualifiers: { systems: ['windows'] } }],
    },
  });
});

test.each([
  ['core', parseCore('1', { vulnerable: 'all of them', cve: [] }), 'has ranges that cannot be read'],
  ['core', parseCore('1', []), 'is no record'],
  ['deps', parseDependency('1', { cve: ['CVE-2024-1234'] }), 'gives no reason'],
  ['npm', parseNpm('1', { vulnerable_versions: '*' }), 'names no package'],
])('%s: what cannot be read is a problem', (_title, items, cause) => {
  expect(items).toMatchObject([{ kind: 'problem', cause }]);
});

test('T55 an empty index is no feed', async () => {
  for (const text of ['{}', '[]', '{"1": {']) {
    const document = memoryDocument('nodejs-core/core-index.json', text);
    await expect(collect(nodejs.parse(document, { signal }))).rejects.toMatchObject({ code: 'feed/malformed' });
  }
});

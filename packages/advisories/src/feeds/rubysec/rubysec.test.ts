// RubySec: the database's fields, and each trap with the record it was found in.
import type { Advisory } from '@plombe/model';
import { parseYaml } from '@plombe/formats';
import { beforeAll, describe, expect, test } from 'vitest';
import { collect, memoryDocument, sharedDocument, signal } from '../../testing/documents.ts';
import { rubysec } from './index.ts';
import { parseRubySec } from './parse.ts';

const archive = sharedDocument('rubysec/ruby-advisory-db-2026-08-22.tar.zst');
if (archive === undefined) console.warn('SKIPPED: no folder of real feeds, RubySec was not read');

function parse(path: string, text: string): Advisory {
  const parsed = parseRubySec(path, parseYaml(text));
  if ('cause' in parsed) throw new Error(parsed.cause);
  return parsed;
}

describe.skipIf(archive === undefined)('the whole database', () => {
  const byId = new Map<string, Advisory[]>();
  let problems: readonly { record: string; cause: string }[] = [];

  beforeAll(async () => {
    if (archive === undefined) return;
    const read = await collect(rubysec.parse(archive, { signal }));
    problems = read.problems;
    for (const one of read.advisories) byId.set(one.id, [...(byId.get(one.id) ?? []), one]);
  });

  const about = (id: string, name: string) =>
    byId.get(id)?.find(({ affected }) => affected[0]?.name === name)?.affected[0];

  test('every record is read', () => {
    expect(problems).toEqual([]);
    expect([...byId.values()].flat()).toHaveLength(1381);
  });

  test('CVE-2026-54659: unaffected below, patched above; the GHSA id is an alias', () => {
    expect(byId.get('CVE-2026-54659')?.[0]).toMatchObject({
      aliases: ['GHSA-2xmw-f8j8-wfxc'],
      severities: [{ author: 'rubysec', word: 'medium', score: 6.9 }],
      publishedAt: '2026-07-28',
    });
    expect(about('CVE-2026-54659', 'pagy')).toMatchObject({
      ecosystem: 'RubyGems',
      ranges: [{ scheme: 'gem', events: [{ introduced: '43.0.0' }, { fixed: '43.5.6' }] }],
    });
  });

  test('CVE-2025-46551: a platform is a note, `<=` unaffected begins just above', () => {
    expect(about('CVE-2025-46551', 'jruby-openssl')).toMatchObject({
      statusNote: 'platform jruby',
      ranges: [{ events: [{ introduced: '0.12.1.0.0.0.1' }, { fixed: '0.15.4' }] }],
    });
  });

  test('CVE-2022-25857: an implementation of Ruby is no gem', () => {
    expect(about('CVE-2022-25857', 'jruby')).toMatchObject({
      ecosystem: 'Ruby',
      ranges: [{ scheme: 'gem', events: [{ introduced: '0' }, { fixed: '9.3.8.0' }] }],
    });
  });

  test('a record without any patched version has no upper bound and no fix', () => {
    const open = [...byId.values()]
      .flat()
      .filter(({ affected }) => affected[0]?.ranges.at(-1)?.events.every(({ introduced }) => introduced !== undefined));
    expect(open.length).toBeGreaterThan(50);
  });

  test('CVE-2012-2125: CVSS 2 has no critical, OSVDB is an alias', () => {
    expect(byId.get('CVE-2012-2125')?.[0]).toMatchObject({
      aliases: ['GHSA-228f-g3h7-3fj3', 'OSVDB-85809'],
      severities: [{ word: 'medium', score: 5.8 }],
    });
  });
});

test('a record without CVE goes by its next id, and by its file name where it has none', () => {
  const ghsa = parse('gems/x/GHSA-aaaa.yml', 'gem: x\nghsa: gc3j-vvwf-4rp8\nosvdb: 12\ncvss_v2: 9.3\n');
  expect(ghsa).toMatchObject({ id: 'GHSA-gc3j-vvwf-4rp8', aliases: ['OSVDB-12'], severities: [{ word: 'high' }] });
  expect(parse('gems/x/OSVDB-99.yml', 'gem: x\n').id).toBe('OSVDB-99');
});

test.each([
  ['no name', 'gems/x/a.yml', 'cve: 2024-1234', 'names no gem and no engine'],
  [
    'a requirement that is none',
    'gems/x/a.yml',
    'gem: x\npatched_versions: ["soon"]',
    'has a requirement that cannot be read',
  ],
  ['a list', 'gems/x/a.yml', '- 1', 'is no record'],
  ['another folder', 'lib/x/a.yml', 'gem: x', 'is no record'],
])('%s is a problem', (_title, path, text, cause) => {
  expect(parseRubySec(path, parseYaml(text))).toEqual({ cause });
});

test('T54 T55 aliases of YAML and files that hold nothing are refused', async () => {
  const hostile = memoryDocument('rubysec/gems/x/CVE-2024-1.yml', 'gem: &a x\ncve: *a\n');
  await expect(collect(rubysec.parse(hostile, { signal }))).rejects.toMatchObject({ code: 'feed/malformed' });
  expect(rubysec.matches('rubysec/gems/x/CVE-2024-1.yml')).toBe('rubysec');
  expect(rubysec.matches('rubysec/README.md')).toBeUndefined();
});

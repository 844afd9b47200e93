// RustSec's own repository: records as the format's documentation has them, compared with what OSV made of the same.
import { parseToml } from '@plombe/formats';
import type { Advisory } from '@plombe/model';
import { describe, expect, test } from 'vitest';
import { collect, memoryDocument, sharedDocument, signal } from '../../testing/documents.ts';
import { osv } from '../osv/index.ts';
import { rustsec } from './index.ts';
import { parseRustSec, splitRecord } from './parse.ts';

// RUSTSEC-2021-0067 as its repository has it, without its prose.
const cranelift = `\`\`\`toml
[advisory]
id = "RUSTSEC-2021-0067"
package = "cranelift-codegen"
date = "2021-05-21"
url = "https://github.com/bytecodealliance/wasmtime/security/advisories/GHSA-hpqh-2wqx-7qp5"
categories = ["code-execution", "memory-corruption", "memory-exposure"]
keywords = ["miscompile"]
aliases = ["CVE-2021-32629", "GHSA-hpqh-2wqx-7qp5"]
cvss = "CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:C/C:H/I:H/A:H"

[affected]
arch = ["x86"]
functions = { "cranelift_codegen::isa::compile" = ["< 0.73.1"] }

[versions]
patched = [">= 0.73.1, < 0.74.0", ">= 0.74.0"]
unaffected = ["< 0.69.0"]
\`\`\`

# Memory access due to code generation flaw in Cranelift module

Prose.
`;

function parse(text: string): Advisory {
  const split = splitRecord(text);
  const parsed = split === undefined ? { cause: 'no TOML' } : parseRustSec(parseToml(split.toml), split.title);
  if ('cause' in parsed) throw new Error(parsed.cause);
  return parsed;
}

const record = (advisory: string, rest = ''): string =>
  `\`\`\`toml\n[advisory]\nid = "RUSTSEC-2024-0001"\npackage = "a"\ndate = "2024-01-01"\n${advisory}\n${rest}\n\`\`\`\n\n# Title\n`;

test('a record in full', () => {
  expect(parse(cranelift)).toEqual({
    id: 'RUSTSEC-2021-0067',
    feed: 'rustsec',
    aliases: ['CVE-2021-32629', 'GHSA-hpqh-2wqx-7qp5'],
    related: [],
    upstream: [],
    summary: 'Memory access due to code generation flaw in Cranelift module',
    publishedAt: '2021-05-21',
    severities: [
      { author: 'rustsec', word: 'high', score: 7.8, vector: 'CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:C/C:H/I:H/A:H' },
    ],
    references: [
      'https://rustsec.org/advisories/RUSTSEC-2021-0067.html',
      'https://github.com/bytecodealliance/wasmtime/security/advisories/GHSA-hpqh-2wqx-7qp5',
    ],
    affected: [
      {
        ecosystem: 'crates.io',
        name: 'cranelift-codegen',
        ranges: [{ scheme: 'semver', events: [{ introduced: '0.69.0' }, { fixed: '0.73.1' }] }],
        versions: [],
        status: 'affected',
        qualifiers: {
          architectures: ['x86'],
          symbols: { 'cranelift-codegen': ['cranelift_codegen::isa::compile'] },
        },
      },
    ],
  });
});

test.each([
  ['unmaintained', 'negligible'],
  ['notice', 'negligible'],
  ['unsound', undefined],
])('informational %s is told apart from a vulnerability', (word, severity) => {
  const { severities, affected } = parse(record(`informational = "${word}"`));
  expect(severities.map((one) => one.word)).toEqual(severity === undefined ? [] : [severity]);
  expect(affected).toMatchObject([{ statusNote: word, ranges: [{ events: [{ introduced: '0' }] }] }]);
});

test.each([
  [['>= 1.2'], [], [[{ introduced: '0' }, { fixed: '1.2.0' }]]],
  [
    ['^0.5.4', '>= 0.6.1'],
    [],
    [
      [{ introduced: '0' }, { fixed: '0.5.4' }],
      [{ introduced: '0.6.0-0' }, { fixed: '0.6.1' }],
    ],
  ],
  [['1.0.2'], ['< 1.0'], [[{ introduced: '1.0.0' }, { fixed: '1.0.2' }], [{ introduced: '2.0.0-0' }]]],
  [[], ['> 2.0.0'], [[{ introduced: '0' }, { lastAffected: '2.0.0' }]]],
  [['*'], [], []],
])('patched %j, unaffected %j', (patched, unaffected, expected) => {
  const versions = `[versions]\npatched = ${JSON.stringify(patched)}\nunaffected = ${JSON.stringify(unaffected)}`;
  expect(parse(record('', versions)).affected[0]?.ranges.map(({ events }) => events)).toEqual(expected);
});

test('withdrawn, systems and related are kept', () => {
  const text = record('withdrawn = "2024-02-01"\nrelated = ["CVE-2024-9999"]', '[affected]\nos = ["windows"]');
  expect(parse(text)).toMatchObject({
    withdrawnAt: '2024-02-01',
    related: ['CVE-2024-9999'],
    aliases: [],
    affected: [{ statusNote: 'only on windows', qualifiers: { systems: ['windows'] } }],
  });
});

test('T55 what is no record is no feed', async () => {
  for (const text of ['# Title', '```toml\n[advisory]\n```', '```toml\nnot toml\n```', '```toml\n[advisory]\n']) {
    const document = memoryDocument('rustsec/crates/a/RUSTSEC-2024-0001.md', text);
    await expect(collect(rustsec.parse(document, { signal }))).rejects.toMatchObject({ code: 'feed/malformed' });
  }
  expect(rustsec.matches('rustsec/rust/std/RUSTSEC-2024-0001.md')).toBeUndefined();
});

const archive = sharedDocument('osv/crates.io/all.zip');
if (archive === undefined) console.warn('SKIPPED: no folder of real feeds, OSV of crates.io was not read');

describe.skipIf(archive === undefined)('what OSV made of the records', () => {
  test('kinds, withdrawn, systems and functions', async () => {
    if (archive === undefined) return;
    const { advisories, problems } = await collect(osv.parse(archive, { signal }));
    expect(problems).toEqual([]);
    const notes = advisories.map(({ affected }) => affected[0]?.statusNote);
    expect(['unmaintained', 'unsound', 'notice'].map((word) => notes.filter((note) => note === word).length)).toEqual([
      267, 203, 6,
    ]);
    expect(advisories.filter(({ withdrawnAt }) => withdrawnAt !== undefined)).toHaveLength(13);
    const of = (id: string) => advisories.find((one) => one.id === id);
    expect(of('RUSTSEC-2021-0067')?.affected[0]?.qualifiers?.architectures).toEqual(['x86']);
    expect(of('RUSTSEC-2024-0428')?.affected[0]?.qualifiers?.systems).toEqual(['linux']);
    expect(of('RUSTSEC-2026-0257')?.affected[0]?.qualifiers?.symbols?.['webbrowser']).toContain('webbrowser::open');
    expect(of('RUSTSEC-2026-0189')?.related).toEqual(['RUSTSEC-2026-0140']);
  });
});

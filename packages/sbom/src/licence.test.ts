// Declared licences: ids, expressions and names, and hostile nesting.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readLicence } from './licence.ts';

it.each([
  ['MIT', 'id', 'MIT'],
  [' apache-2.0 ', 'id', 'Apache-2.0'],
  ['GPL-2.0+', 'id', 'GPL-2.0-or-later'],
  ['Zlib+', 'expression', 'Zlib+'],
  ['mit and (bsd-2-clause or Zlib)', 'expression', 'MIT AND (BSD-2-Clause OR Zlib)'],
  ['GPL-2.0-only with classpath-exception-2.0', 'expression', 'GPL-2.0-only WITH Classpath-exception-2.0'],
  ['(MIT)', 'id', 'MIT'],
  ['GPL', 'name', 'GPL'],
  ['MIT BSD-3-Clause', 'name', 'MIT BSD-3-Clause'],
  ['MIT AND', 'name', 'MIT AND'],
  ['AND', 'name', 'AND'],
  ['(MIT', 'name', '(MIT'],
  ['MIT)', 'name', 'MIT)'],
  ['MIT WITH LLVM', 'name', 'MIT WITH LLVM'],
  ['LicenseRef-x', 'expression', 'LicenseRef-x'],
  ['', 'name', ''],
  ['constructor', 'name', 'constructor'],
])('%j is the %s %j', (text, kind, result) => {
  expect(readLicence(text)).toEqual({ kind, text: result });
});

it('reads what it wrote', () => {
  const token = fc.constantFrom(
    'MIT',
    'Apache-2.0',
    'and',
    'OR',
    '(',
    ')',
    'WITH',
    'LLVM-exception',
    'GPL-2.0-only',
    'foo',
    'Zlib+',
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 9 }), (tokens) => {
      const licence = readLicence(tokens.join(' '));
      if (licence.kind !== 'name') expect(readLicence(licence.text)).toEqual(licence);
    }),
    { numRuns: 3000 },
  );
});

it('T56 refuses deep nesting and long text as an expression', () => {
  for (const text of [`${'('.repeat(900)}MIT${')'.repeat(900)}`, '('.repeat(1900), 'MIT OR '.repeat(200_000)]) {
    expect(readLicence(text).kind).toBe('name');
  }
});

// SPDX licence expressions: the grammar, deprecated ids, joining; hostile text. The list of ids against a published one.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharedPath } from '../testing/shared.ts';
import { joinExpressions, validExpression } from './expression.ts';
import { exceptionIds, licenceIds } from './ids.ts';
import { otherSpellings, replacedIds } from './replaced-ids.ts';

test.each([
  ['MIT', 'MIT'],
  [' apache-2.0 ', 'Apache-2.0'],
  ['(MIT)', 'MIT'],
  ['mit or (apache-2.0 and Zlib)', 'MIT OR (Apache-2.0 AND Zlib)'],
  ['MIT OR Zlib AND ISC', 'MIT OR (Zlib AND ISC)'],
  ['(MIT OR Zlib) AND ISC', '(MIT OR Zlib) AND ISC'],
  ['(MIT AND ISC) AND MIT', 'MIT AND ISC'],
  ['(MIT OR ISC) AND (MIT OR ISC)', 'MIT OR ISC'],
  ['GPL-2.0', 'GPL-2.0-only'],
  ['gpl-2.0+', 'GPL-2.0-or-later'],
  ['GPL-3.0-only+', 'GPL-3.0-or-later'],
  ['AGPL-3.0+', 'AGPL-3.0-or-later'],
  ['GPL-2.0-with-classpath-exception', 'GPL-2.0-only WITH Classpath-exception-2.0'],
  ['GPL-2.0+ with bison-exception-2.2', 'GPL-2.0-or-later WITH Bison-exception-2.2'],
  ['Zlib+', 'Zlib+'],
  ['EPL-1.0+ OR licenseref-Foo.1', 'EPL-1.0+ OR LicenseRef-Foo.1'],
])('%j is %j', (text, expected) => {
  expect(validExpression(text)).toBe(expected);
});

test.each([
  '',
  'AND',
  'MIT AND',
  'OR MIT',
  'MIT BSD-3-Clause',
  '(MIT',
  'MIT)',
  '()',
  'MIT, ISC',
  'MIT | ISC',
  'MIT WITH LLVM',
  'MIT WITH LLVM-exception WITH LLVM-exception',
  'GPL-2.0-with-classpath-exception WITH LLVM-exception',
  'LicenseRef-',
  'LicenseRef-a_b',
  'DocumentRef-x:LicenseRef-y',
  'constructor',
  '__proto__',
])('%j is none', (text) => {
  expect(validExpression(text)).toBeUndefined();
});

test('every id of the list is valid, and so is what replaces it', () => {
  for (const id of licenceIds.values()) {
    const expression = validExpression(id);
    expect(expression).toBe(replacedIds.get(id) ?? id);
    expect(validExpression(expression ?? '')).toBe(expression);
  }
  for (const id of exceptionIds.values())
    expect(validExpression(`gpl-2.0 with ${id.toLowerCase()}`)).toBe(`GPL-2.0-only WITH ${id}`);
  for (const id of replacedIds.keys())
    expect(licenceIds.has(id.toLowerCase()) || /^(?:AGPL|GFDL)-.*\+$/.test(id), id).toBe(true);
});

test('spellings lead both ways', () => {
  expect(otherSpellings('GPL-2.0')).toEqual(['GPL-2.0-only']);
  expect(otherSpellings('GPL-2.0-or-later')).toEqual(['GPL-2.0+']);
  expect(otherSpellings('MIT')).toEqual([]);
});

const schema = sharedPath('specs/cyclonedx/spdx.schema.json');
test.skipIf(schema === undefined)('the ids are those that CycloneDX knows', () => {
  const { enum: known } = JSON.parse(readFileSync(schema as string, 'utf8')) as { readonly enum: readonly string[] };
  const ours = new Set([...licenceIds.values(), ...exceptionIds.values()]);
  expect(known.filter((id) => !ours.has(id))).toEqual([]);
});

describe('properties', () => {
  const id = fc.constantFrom(...licenceIds.values(), 'LicenseRef-a', 'Zlib+');
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      id,
      fc.tuple(tie('tree'), fc.constantFrom('AND', 'OR', 'and', 'or'), tie('tree')).map((parts) => parts.join(' ')),
      tie('tree').map((inner) => `(${inner})`),
    ),
  }));

  test('what is valid is read, and reads as itself', () => {
    fc.assert(
      fc.property(tree, (text) => {
        const expression = validExpression(text);
        if (text.length > 2000) return;
        expect(expression).toBeDefined();
        expect(validExpression(expression as string)).toBe(expression);
      }),
    );
  });

  test('joined expressions are canonical', () => {
    fc.assert(
      fc.property(
        fc.array(tree, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('AND' as const, 'OR' as const),
        (texts, operator) => {
          const joined = joinExpressions(
            texts.flatMap((text) => validExpression(text) ?? []),
            operator,
          );
          if (joined !== '' && joined.length <= 2000) expect(validExpression(joined)).toBe(joined);
        },
      ),
    );
  });

  test('T56 nothing makes it throw, and deep or long text is none', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => void validExpression(text)));
    for (const text of [
      `${'('.repeat(900)}MIT${')'.repeat(900)}`,
      '('.repeat(1900),
      'MIT OR '.repeat(200_000),
      'a('.repeat(900),
    ]) {
      expect(validExpression(text)).toBeUndefined();
    }
  });
});

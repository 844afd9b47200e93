// The quoting of os-release, with a real shell as its judge.
import fc from 'fast-check';
import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parseOsRelease } from './os-release.ts';

test.each([
  ['plain', 'ID=debian', 'debian'],
  ['double quotes', 'ID="a b"', 'a b'],
  ['single quotes', "ID='a \\b'", 'a \\b'],
  ['escapes in double quotes', 'ID="a\\"b\\\\c\\$d\\`e\\f"', 'a"b\\c$d`e\\f'],
  ['escapes without quotes', 'ID=a\\ b\\#c', 'a b#c'],
  ['pieces', `ID=a"b"'c'd`, 'abcd'],
  ['a comment after it', 'ID=a # b', 'a'],
  ['a hash inside', 'ID=a#b', 'a#b'],
  ['blanks inside an unquoted value', 'ID=Alpine Linux  ', 'Alpine Linux'],
  ['blanks at the end of a quoted value', 'ID="a "  ', 'a '],
  ['an open quote', 'ID="a', 'a'],
  ['a lone backslash', 'ID=a\\', 'a\\'],
  ['empty', 'ID=', ''],
  ['CRLF', 'X=1\r\nID=a\r\nY=2\r\n', 'a'],
  ['a byte order mark', '\ufeffID=a', 'a'],
  ['blanks before it', '  ID=a', 'a'],
  ['the last of two', 'ID=a\nID=b', 'b'],
  ['a commented line', '#ID=b', undefined],
  ['a blank before the sign', 'ID =a', undefined],
  ['no sign', 'ID', undefined],
])('%s', (_title, text, expected) => {
  expect(parseOsRelease(text).get('ID')).toBe(expected);
});

test('T19 a value of any length is cut', () => {
  expect(parseOsRelease(`ID=${'x'.repeat(60_000)}`).get('ID')).toHaveLength(512);
});

const hasShell = spawnSync('sh', ['-c', 'true']).status === 0;

test.skipIf(!hasShell)('a shell reads the same value of any quoted text', () => {
  const part = fc.string({ unit: fc.constantFrom(...'ab ${}()#~*?|&;<>!%'.split('')), maxLength: 8 });
  const quoted = fc.oneof(
    part.map((text) => `'${text}'`),
    part.map((text) => `"${text.replaceAll(/[$`"\\]/g, '\\$&')}"`),
    fc.stringMatching(/^[a-z0-9._:/-]{0,8}$/),
  );
  fc.assert(
    fc.property(fc.array(quoted, { maxLength: 4 }), (parts) => {
      const line = `ID=${parts.join('')}`;
      const shell = execFileSync('sh', ['-c', `${line}\nprintf '%s' "$ID"`]).toString();
      expect(parseOsRelease(line).get('ID')).toBe(shell);
    }),
    { numRuns: 40 },
  );
});

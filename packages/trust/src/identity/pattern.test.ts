// Patterns judge as JavaScript's anchored regular expressions do, and in linear time where those do not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from './pattern.ts';

function matches(source: string, text: string): boolean {
  const compiled = compilePattern(source);
  if (compiled.kind !== 'parsed') throw new Error(compiled.message);
  return compiled.value.matches(text);
}

it.each([
  ['abc', 'abc', true],
  ['abc', 'xabc', false],
  ['abc', 'abcx', false],
  ['^abc$', 'abc', true],
  ['a|b', 'b', true],
  ['^a|b$', 'ab', false],
  ['(?:a|b)+c?', 'ababc', true],
  ['a{2,3}', 'a', false],
  ['a{2,3}', 'aaa', true],
  ['a{2,}', 'aaaaa', true],
  ['a{2}', 'aaa', false],
  ['a{', 'a{', true],
  ['[a-c]*', 'abcabc', true],
  ['[^a-c]+', 'xyz', true],
  ['[^a-c]+', 'xaz', false],
  ['[]a]+', 'a]', true],
  ['[a-]+', 'a-a', true],
  ['[\\d.]+', '1.2', true],
  ['\\d+\\.\\d+', '1.2', true],
  ['\\d+\\.\\d+', '1x2', false],
  ['.*', 'a\nb', false],
  ['https://github\\.com/acme/.+@refs/tags/v\\d+', 'https://github.com/acme/x@refs/tags/v1', true],
  ['https://github\\.com/acme/.+@refs/tags/v\\d+', 'https://github.com/acme/x@refs/tags/v1.evil', false],
  ['', '', true],
  ['', 'a', false],
  ['(a*)*', 'aaa', true],
  ['a^b', 'ab', false],
  ['.', '\u{1f600}', true],
])('%s on %s: %s', (source, text, expected) => {
  expect(matches(source, text)).toBe(expected);
});

it.each([
  '(',
  ')',
  'a)',
  '(?=a)',
  '(?!a)',
  '(?<x>a)',
  '\\1',
  '\\b',
  '*a',
  'a**',
  '[a',
  '[b-a]',
  '[[:alpha:]]',
  'a\\',
  'a{3,2}',
])('T43 %s is refused', (source) => {
  expect(compilePattern(source).kind).toBe('malformed');
});

it('agrees with the anchored regular expressions of JavaScript', () => {
  const atom = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\d', '\\w', 'x');
  const quantified = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}', '*?')).map(([a, q]) => a + q);
  const sequence = fc.array(quantified, { maxLength: 4 }).map((parts) => parts.join(''));
  const group = fc.tuple(sequence, sequence).map(([a, b]) => `(?:${a}|${b})`);
  const pattern = fc.array(fc.oneof(quantified, group, fc.constant('('), fc.constant('|')), { maxLength: 5 });
  fc.assert(
    fc.property(
      pattern.map((parts) => parts.filter((part) => part !== '(').join('')),
      fc.stringMatching(/^[abcx1]{0,8}$/),
      (source, text) => {
        expect([source, text, matches(source, text)]).toEqual([source, text, new RegExp(`^(?:${source})$`).test(text)]);
      },
    ),
    { numRuns: 2000 },
  );
});

describe('T18 T43 hostile patterns', () => {
  it('end in linear time', () => {
    const text = `${'a'.repeat(4000)}!`;
    for (const source of [
      '(a+)+',
      '(a|a)*',
      '(a|aa)+',
      '(.*)*b',
      'a*a*a*a*a*a*a*a*b',
      '(a?){50}a{50}',
      '((((a*)*)*)*)*',
    ]) {
      expect(matches(source, text)).toBe(false);
    }
  });

  it('are bounded in size, depth and states, and so is the text', () => {
    expect(compilePattern('a'.repeat(1001)).kind).toBe('limit');
    expect(compilePattern('('.repeat(60)).kind).toBe('limit');
    expect(compilePattern('((a{1000}){1000}){1000}').kind).toBe('limit');
    expect(compilePattern('a{9999}').kind).toBe('limit');
    expect(matches('a*', 'a'.repeat(5000))).toBe(false);
  });

  it('never throw', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40, unit: 'binary' }), (source) => {
        expect(['parsed', 'malformed', 'limit']).toContain(compilePattern(source).kind);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, NotCanonical, parseCanonical, parseExact } from './canonical.ts';

describe('canonical JSON', () => {
  test.each([
    [
      'keys by UTF-16 code unit',
      { b: 1, a: 2, B: 3, '\u{1f600}': 4, '\ufb33': 5 },
      '{"B":3,"a":2,"b":1,"\u{1f600}":4,"\ufb33":5}',
    ],
    ['numbers as ECMAScript writes them', [1e21, 1e-7, 0.1, 100, 1e20], '[1e+21,1e-7,0.1,100,100000000000000000000]'],
    [
      'only the escapes there must be',
      '\u0000\b\t\n\u000b\f\r"\\/é\u007f',
      '"\\u0000\\b\\t\\n\\u000b\\f\\r\\"\\\\/é\u007f"',
    ],
    ['nothing between', { a: [true, false, null, { x: [] }] }, '{"a":[true,false,null,{"x":[]}]}'],
    ['T73 __proto__ like any key', JSON.parse('{"__proto__":{"x":1}}'), '{"__proto__":{"x":1}}'],
  ])('%s', (_, value, text) => {
    expect(canonicalJson(value)).toBe(text);
    expect(parseCanonical(text)).toEqual(value);
  });

  test.each([
    ['half a surrogate pair', '\ud800'],
    ['half of one in a key', { '\udc00': 1 }],
    ['infinity', Infinity],
    ['undefined', { a: undefined }],
    ['101 levels', Array.from({ length: 101 }).reduce<unknown>((inner) => [inner], 1)],
  ])('%s has no canonical form', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(NotCanonical);
  });

  test.each([
    ['{"a":1 }'],
    ['{"b":1,"a":2}'],
    ['{"a":1,"a":1}'],
    ['{"a":1.0}'],
    ['{"\\u0061":1}'],
    ['["\\/"]'],
    ['-0'],
    ['1E3'],
  ])('%j is another spelling', (text) => expect(parseCanonical(text)).toBeUndefined());

  test('is a fixed point', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(JSON.stringify(value).isWellFormed() && !/\\ud[89a-f]/.test(JSON.stringify(value)));
        const text = canonicalJson(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  test.each([['9007199254740993'], ['{"a":[1e400]}'], ['-9007199254740992']])(
    '%s is not held exactly and refused',
    (text) => {
      expect(() => parseExact(text)).toThrow(NotCanonical);
    },
  );

  test('numbers that are held are taken', () =>
    expect(parseExact('[9007199254740991,0.25,1e300]')).toEqual([2 ** 53 - 1, 0.25, 1e300]));

  test.each([
    ['a name twice', '{"a":1,"a":2}', 'the name "a" is there twice'],
    ['the same in another spelling', '{"a":1,"\\u0061":2}', 'the name "a" is there twice'],
    ['inside of a list', '[{"x":[{"b":{},"a":[],"b":1}]}]', 'the name "b" is there twice'],
    ['a fraction that is written as an integer', '12345678901234567890.0', 'is not held exactly'],
    ['100,000 levels', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'nested over 100 deep'],
  ])('%s is refused', (_, text, message) => {
    expect(() => parseExact(text)).toThrow(NotCanonical);
    expect(() => parseExact(text)).toThrow(message);
  });

  test.each([['{"a":{"a":1},"b":["a","a"]}'], ['["{\\"a\\":1,\\"a\\":2}"]'], ['{"a":"a","b":"a"}']])(
    '%j names nothing twice',
    (text) => expect(canonicalJson(parseExact(text))).toBe(text),
  );
});

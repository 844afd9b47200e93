// YAML from outside: what is refused, and that damaged texts cost no more than sound ones. The sizes would keep a reader that goes on busy for minutes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseYaml } from './yaml.ts';

describe('T54 a text is read no further than its first error', () => {
  test.each([
    ['aliases without a name', `a: &a [x]\nb: [*a, **${'\r\n*'.repeat(250_000)}\r\na]\n`],
    ['items where none can be', `id: P\n${'YSEC-1 {\n'.repeat(60_000)}`],
    ['flow mappings that do not end', `a: ${'{'.repeat(300_000)}\n`],
    ['lines between a scalar and a key', `id: P${'\n'.repeat(300_000)}YSEC-1\na: {{{\n`],
    ['keys in keys', 'a: b\n a: b\n'.repeat(60_000)],
  ])('%s', (_, text) => {
    expect(() => parseYaml(text)).toThrow(/./);
  });
});

test('T54 a mapping of many keys is read in the time of its length, and none may be there twice', () => {
  const lines = Array.from({ length: 30_000 }, (_, index) => `k${index}: ${index}\n`).join('');
  expect(Object.keys(parseYaml(lines) as object)).toHaveLength(30_000);
  expect(() => parseYaml(`${lines}k7: 1\n`)).toThrow('has a key twice');
  expect(() => parseYaml('a: {b: 1, "b": 2}')).toThrow('has a key twice');
  expect(() => parseYaml('- ? b\n- {c: [{d: 1, d: 2}]}', 10)).toThrow('has a key twice');
});

test.each([
  ['', null],
  ['# nothing\n', null],
  ['--- \na: 1\n...\n', { a: 1 }],
  ['%YAML 1.2\n---\na: 1.10', { a: 1.1 }],
  ['%FOO bar\n---\na: !x b', { a: 'b' }],
  ['a: 1\n---\nb: [', { a: 1 }],
])('%j is %j', (text, value) => {
  expect(parseYaml(text)).toEqual(value);
});

test.each(['a: [', '"a', 'a: "\\q"', 'a: *b', '@a', 'a: 1\n%YAML\n... x', '%YAML 1.2\na: 1'])(
  '%j is refused',
  (text) => {
    expect(() => parseYaml(text)).toThrow(/./);
  },
);

test('aliases and merges only where they are allowed', () => {
  const text = 'a: &a {b: 1}\nc: {<<: *a, d: 2}';
  expect(() => parseYaml(text)).toThrow('holds an alias');
  expect(parseYaml(text, 10)).toEqual({ a: { b: 1 }, c: { b: 1, d: 2 } });
});

test('T54 aliases of anchors that are made anew each time are counted together, and with the size of the text', () => {
  const anew = (count: number): string => `- &a 1\n${'- &a [*a]\n'.repeat(count)}`;
  expect(parseYaml(anew(100), 1000)).toHaveLength(101);
  expect(() => parseYaml(anew(25_000), 1000)).toThrow('holds too many aliases');
  expect(() => parseYaml(anew(900) + '- 1\n'.repeat(40_000), 1000)).toThrow('holds too many aliases for its size');
});

test('every value is read as it was written', () => {
  const value = fc.jsonValue({ maxDepth: 4 }).map((one) => JSON.parse(JSON.stringify(one)) as unknown);
  fc.assert(
    fc.property(value, (one) => {
      const text = stringify(one, { aliasDuplicateObjects: false });
      expect(parseYaml(text)).toEqual(parse(text, { schema: 'core' }));
    }),
  );
});

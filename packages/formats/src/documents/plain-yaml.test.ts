import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parsePlainYaml } from './plain-yaml.ts';
import { parseYaml } from './yaml.ts';

/** A reader of all of YAML, its numbers as the text they are written with. */
function asTexts(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(asTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asTexts(inner)]));
}

describe('plain YAML', () => {
  test.each<[string, string, unknown]>([
    ['mappings in mappings', 'a:\n  b: c\n  d:\n    e: f\ng: h\n', { a: { b: 'c', d: { e: 'f' } }, g: 'h' }],
    ['lists, indented or not', 'a:\n- x\n- y\nb:\n  - z\n', { a: ['x', 'y'], b: ['z'] }],
    ['lists of mappings', '- a: 1\n  b: 2\n- a: 3\n', [{ a: '1', b: '2' }, { a: '3' }]],
    ['lists of lists', '- - a\n  - b\n- c\n', [['a', 'b'], 'c']],
    ['flow collections', "a: {b: 'c, d', e: [f, g]}\n", { a: { b: 'c, d', e: ['f', 'g'] } }],
    ['quoted keys and values', `'@a/b@1': "c: d"\n"e\\"f": 'it''s'\n`, { '@a/b@1': 'c: d', 'e"f': "it's" }],
    ['long keys', '? "a, b"\n:\n  c: d\n', { 'a, b': { c: 'd' } }],
    ['text blocks', 'a: |-\n  x: y\n  z\nb: c\n', { a: 'x: y\nz', b: 'c' }],
    ['comments', '# a\na: b # c\n\n# d\ne: f#g\n', { a: 'b', e: 'f#g' }],
    ['constants', 'a: true\nb: null\nc: 1.10\nd:\n', { a: true, b: null, c: '1.10', d: null }],
    ['addresses', 'a: https://e.test/x:1\nb@file:../c: {}\n', { a: 'https://e.test/x:1', 'b@file:../c': {} }],
  ])('%s', (_, text, expected) => {
    expect(parsePlainYaml(text)).toEqual(expected);
  });

  test.each([
    ['aliases', 'a: &x b\nc: *x\n'],
    ['tags', 'a: !!str 1\n'],
    ['scalars of several lines', 'a: b\n  c\n'],
    ['flow collections of several lines', 'a: {b: c,\n  d: e}\n'],
    ['several documents', 'a: b\n---\nc: d\n'],
    ['tabs', 'a:\n\tb: c\n'],
    ['nothing of the kind', '[[[['],
  ])('leaves %s to others', (_, text) => {
    expect(parsePlainYaml(text)).toBeUndefined();
  });

  test('takes the last of a key that is there twice, where asked to, and tells it', () => {
    const told: string[] = [];
    const value = parsePlainYaml('a:\n  x: 1\n  y: 2\nb: 2\na:\n  x: 3\n', (key) => told.push(key));
    expect([value, told]).toEqual([{ a: { x: '3' }, b: '2' }, ['a']]);
  });

  test('refuses a key that is there twice', () => {
    expect(() => parsePlainYaml('a: 1\nb: 2\na: 3\n')).toThrow('twice');
  });

  test('T73 keys of every object are keys like others', () => {
    const value = parsePlainYaml('__proto__: {x: y}\nconstructor: z\n') as object;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('T15 nesting costs no stack', () => {
    const deep = Array.from({ length: 3000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n');
    expect(parsePlainYaml(deep)).toHaveProperty('a.a.a');
  });

  test('reads what a writer of YAML writes as a reader of all of it does, or leaves it', () => {
    const leaf = fc.oneof(fc.string({ maxLength: 20 }), fc.boolean(), fc.constant(null), fc.constant('1.10'));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 8 }), tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.constantFrom(undefined, 'flow' as const), (value, flow) => {
        const text = stringify({ root: value, end: 'x' }, { lineWidth: 0, collectionStyle: flow ?? 'any' });
        const plain = parsePlainYaml(text);
        // Lines of text blocks are kept, not folded.
        if (plain === undefined || /[|>][+-]?\d?$/m.test(text)) return;
        expect(asTexts(plain)).toEqual(asTexts(parseYaml(text)));
      }),
      { numRuns: 1000 },
    );
  });
});

test('what is nested too deep is told so by both readers', () => {
  const deep = '- '.repeat(100_000);
  for (const parse of [parsePlainYaml, parseYaml])
    expect(() => parse(deep)).toThrow(/is nested too deep|RESOURCE_EXHAUSTION/);
});

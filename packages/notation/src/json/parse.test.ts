// Strict JSON: agrees with JSON.parse on what it accepts, and refuses what two readers could read differently.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, parseJsonObject } from './parse.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('strict JSON', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 3 }), (text, indent) => {
        fc.pre(text.isWellFormed() && !/\\u[dD][89a-fA-F]/.test(text));
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        fc.pre(!/\\ud[89ab]/.test(spaced));
        expect(JSON.stringify(parseJson(bytes(spaced)))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['two values', '1 2'],
    ['a duplicate name', '{"a":1,"a":2}'],
    ['a duplicate name by escape', '{"a":1,"\\u0061":2}'],
    ['a comma too many', '[1,]'],
    ['a comment', '{/**/}'],
    ['a control character', '"\u0001"'],
    ['a lone surrogate', '"\\ud800"'],
    ['a leading zero', '[01]'],
    ['single quotes', "{'a':1}"],
    ['a byte order mark', '\ufeff{}'],
    ['an unfinished object', '{"a":1'],
    ['T48 nesting without end', '['.repeat(100_000)],
  ])('refuses %s', (_name, text) => {
    expect(() => parseJson(bytes(text))).toThrow(/^JSON: /);
  });

  it('refuses bytes that are not UTF-8, and what is no object', () => {
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('not UTF-8');
    expect(() => parseJsonObject(bytes('[]'))).toThrow('not an object');
    expect(() => parseJsonObject(bytes('null'))).toThrow('not an object');
  });

  it('T73 gives objects without a prototype, and __proto__ stays a name', () => {
    const object = parseJsonObject(bytes('{"__proto__":{"polluted":true},"constructor":1}'));
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(Object.keys(object)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

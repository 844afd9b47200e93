import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonText } from './json-text.ts';

it('escapes what changes how the rest is shown, and leaves other languages readable', () => {
  expect(jsonText({ a: 'x\u202ey\u2066\u009b\u007f\ufeff\u2028', ä: '漢字' })).toBe(
    '{"a":"x\\u202ey\\u2066\\u009b\\u007f\\ufeff\\u2028","ä":"漢字"}',
  );
});

it('reads back as the value, whatever is in it', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(fc.dictionary(text, fc.array(text)), (value) => {
      const json = jsonText(value, 2);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(json).not.toMatch(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});

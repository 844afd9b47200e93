// Header blocks as Python's metadata has them, whole and hostile.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMailHeaders } from './parse.ts';

const parse = (text: string | Uint8Array) => Object.fromEntries(parseMailHeaders(Buffer.from(text)));

test.each([
  ['fields and body', 'Name: a\nVersion: 1\n\nName: b\n', { name: ['a'], version: ['1'] }],
  ['fields given several times', 'Classifier: a\nClassifier: b\n', { classifier: ['a', 'b'] }],
  [
    'folded lines',
    'License: MIT\n        and more\n\tof it\nName: a\n',
    { license: ['MIT\nand more\nof it'], name: ['a'] },
  ],
  ['names in any case', 'NAME: a\n', { name: ['a'] }],
  ['CRLF', 'Name: a\r\nVersion: 1\r\n\r\nx: y', { name: ['a'], version: ['1'] }],
  ['a byte order mark', '\ufeffName: a\n', { name: ['a'] }],
  ['lines that are no fields', 'garbage\nName: a\n: x\n', { name: ['a'] }],
  ['a continuation of nothing', ' x\nName: a\n', { name: ['a'] }],
  ['no last newline', 'Name: a', { name: ['a'] }],
  ['nothing', '', {}],
])('%s', (_title, text, expected) => {
  expect(parse(text)).toEqual(expected);
});

test('T73 __proto__ is a field like any other', () => {
  expect(parseMailHeaders(Buffer.from('__proto__: a\nName: b\n')).get('__proto__')).toEqual(['a']);
});

test('a field folded 100,000 times takes linear time', () => {
  expect(parse(`Name: a\n${' x\n'.repeat(100_000)}`)['name']?.[0]?.length).toBe(200_001);
});

test('random bytes never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => void parse(bytes)));
});

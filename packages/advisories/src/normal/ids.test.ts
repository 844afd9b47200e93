import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  clipText,
  findCves,
  findGhsas,
  parseDate,
  parseId,
  parseIds,
  parseLinks,
  parseToken,
  saysDisputed,
} from './ids.ts';

test.each([
  ['CVE-2024-1234', 'CVE-2024-1234'],
  [' GHSA-abcd ', 'GHSA-abcd'],
  ['ALSA-2026:9693', 'ALSA-2026:9693'],
  ['openSUSE-SU-2024:1234-1', 'openSUSE-SU-2024:1234-1'],
  ['https://x', undefined],
  ['a b', undefined],
  ['x', undefined],
  ['a'.repeat(101), undefined],
  [7, undefined],
])('id %j is %j', (text, id) => {
  expect(parseId(text)).toBe(id);
});

test('ids are sorted, distinct and without the record itself', () => {
  expect(parseIds(['CVE-2', 'CVE-1', 'CVE-2', 'GO-1', null], ['GO-1'])).toEqual(['CVE-1', 'CVE-2']);
});

test('ids in texts', () => {
  expect(findCves('CVE-2024-1234, CVE-2024-12345 CVE-46838 CVE-2024-1234')).toEqual([
    'CVE-2024-1234',
    'CVE-2024-12345',
  ]);
  expect(findGhsas('x GHSA-h75v-3vvj-5mfj/GHSA-aaaa-bbbb-cccc')).toEqual(['GHSA-h75v-3vvj-5mfj']);
});

test.each([
  ['2024-01-02', '2024-01-02'],
  ['2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z'],
  ['2024-01-02T03:04:05.123+00:00', '2024-01-02T03:04:05.123+00:00'],
  ['yesterday', undefined],
  [20240102, undefined],
])('date %j is %j', (text, date) => {
  expect(parseDate(text)).toBe(date);
});

test('T58 text is one line without control characters, whatever comes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      const line = clipText(text) ?? '';
      expect(line.length).toBeLessThanOrEqual(300);
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(line.isWellFormed()).toBe(true);
    }),
  );
});

test('T58 links are http or https without spaces and quotes', () => {
  expect(
    parseLinks([
      'https://a/b',
      'HTTP://c',
      'javascript:x',
      'https://a b',
      'https://a"b',
      `https://${'x'.repeat(3000)}`,
      'https://a/b',
    ]),
  ).toEqual(['https://a/b', 'HTTP://c']);
  expect(parseLinks(Array.from({ length: 100 }, (_, index) => `https://x/${index}`))).toHaveLength(30);
});

test('tokens have no space and no control character; disputed only at the beginning', () => {
  expect([
    parseToken('1.0-1'),
    parseToken('a b'),
    parseToken(''),
    parseToken('a\u0000'),
    parseToken('x'.repeat(513)),
  ]).toEqual(['1.0-1', undefined, undefined, undefined, undefined]);
  expect([saysDisputed(' ** disputed ** x'), saysDisputed('x ** DISPUTED **'), saysDisputed(undefined)]).toEqual([
    true,
    false,
    false,
  ]);
});

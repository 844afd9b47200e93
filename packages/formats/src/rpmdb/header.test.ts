// Header blobs as rpm writes them, and as nobody should.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rpmHeaderBlob } from '../testing/rpm.ts';
import { parseRpmHeader } from './header.ts';
import { rpmTags } from './tags.ts';

/** A header of index entries `[tag, type, offset, count]` over data. */
function header(entries: readonly (readonly number[])[], data: string, dataBytes = data.length): Uint8Array {
  const numbers = [entries.length, dataBytes, ...entries.flat()];
  const index = Buffer.alloc(numbers.length * 4);
  for (const [i, number] of numbers.entries()) index.writeUInt32BE(number, i * 4);
  return Buffer.concat([index, Buffer.from(data, 'latin1')]);
}

test.each([
  ['a string', [[1000, 6, 0, 1]], 'bash\0', 'bash'],
  ['the first of an array', [[1000, 8, 0, 2]], 'a\0b\0', 'a'],
  ['a translated string', [[1000, 9, 1, 1]], '\0b\0', 'b'],
  [
    'the later of two: additions replace',
    [
      [1000, 6, 0, 1],
      [1000, 6, 2, 1],
    ],
    'a\0b\0',
    'b',
  ],
  ['a number in place of a text', [[1000, 4, 0, 1]], '\0\0\0\x01', undefined],
  ['a text without an end', [[1000, 6, 0, 1]], 'bash', undefined],
  ['an offset outside the data', [[1000, 6, 9, 1]], 'bash\0', undefined],
  ['an offset of 4 GiB', [[1000, 6, 0xffffffff, 1]], 'bash\0', undefined],
  ['no such tag', [[1001, 6, 0, 1]], 'bash\0', undefined],
])('text: %s', (_title, entries, data, expected) => {
  expect(parseRpmHeader(header(entries, data))?.text(rpmTags.name)).toBe(expected);
});

test.each([
  [2, '\x07', 7],
  [3, '\x01\x00', 256],
  [4, '\x80\x00\x00\x00', 2 ** 31],
  [5, '\x00\x00\x00\x01\x00\x00\x00\x00', 2 ** 32],
  [6, 'x\0', undefined],
  [4, '\x01', undefined],
])('number of type %i', (type, data, expected) => {
  expect(parseRpmHeader(header([[1003, type, 0, 1]], data))?.number(rpmTags.epoch)).toBe(expected);
});

test('a number that is given nought times is absent', () => {
  expect(parseRpmHeader(header([[1003, 4, 0, 0]], '\0\0\0\x01'))?.number(rpmTags.epoch)).toBeUndefined();
});

test('paths join directories and names, or are the old list', () => {
  const files = ['/usr/bin/a', '/usr/lib/b.so', '/usr/bin/c', '/d'];
  const parsed = parseRpmHeader(rpmHeaderBlob({ name: 'x', version: '1', release: '1', files }));
  expect([...(parsed?.paths() ?? [])]).toEqual(files.map((path) => path.slice(1)));
  const old = parseRpmHeader(header([[1027, 8, 0, 2]], '/a/b\0/c\0'));
  expect([...(old?.paths() ?? [])]).toEqual(['a/b', 'c']);
});

test('T03 paths that are not UTF-8 stay distinct', () => {
  const old = parseRpmHeader(header([[1027, 8, 0, 2]], '/\xe4\0/\xf6\0'));
  expect([...(old?.paths() ?? [])]).toEqual(['\udce4', '\udcf6']);
});

test('T13 four thousand million paths in nine bytes are the ones that are there', () => {
  const parsed = parseRpmHeader(header([[1027, 8, 0, 0xffffffff]], '/a\0/b\0/c\0'));
  expect([...(parsed?.paths() ?? [])]).toEqual(['a', 'b', 'c']);
});

test.each([
  ['empty', new Uint8Array(0)],
  ['no entry', header([], 'x')],
  ['an index longer than the blob', header([[1000, 6, 0, 1]], '').subarray(0, 20)],
  ['more entries than rpm allows', Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])],
])('T13 %s is no header', (_title, blob) => {
  expect(parseRpmHeader(blob)).toBeUndefined();
});

test('data that ends early is said so, and what is there is read', () => {
  const parsed = parseRpmHeader(
    header(
      [
        [1000, 6, 0, 1],
        [1001, 6, 5, 1],
      ],
      'bash\0',
      100,
    ),
  );
  expect(parsed?.truncated).toBe(true);
  expect(parsed?.text(rpmTags.name)).toBe('bash');
  expect(parsed?.text(rpmTags.version)).toBeUndefined();
});

test('T13 any bytes: no throw, whatever is asked', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 20 }), (bytes, count) => {
      const blob = Uint8Array.from([0, 0, 0, count, 0, 0, 0, 200, ...bytes]);
      const parsed = parseRpmHeader(blob);
      for (const tag of Object.values(rpmTags)) {
        parsed?.text(tag);
        parsed?.number(tag);
      }
      expect([...(parsed?.paths() ?? [])].length).toBeLessThan(401);
    }),
  );
});

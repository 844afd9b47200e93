// Control files, whole and hostile.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDeb822 } from './parse.ts';

const wanted = new Set(['package', 'version', 'conffiles']);
const parse = (text: string | Uint8Array) => {
  const { paragraphs, problems } = parseDeb822(Buffer.from(text), wanted);
  return { paragraphs: paragraphs.map(({ fields }) => Object.fromEntries(fields)), problems };
};

test.each([
  [
    'two paragraphs',
    'Package: a\nVersion: 1\n\nPackage: b\nVersion: 2\n',
    [
      { package: 'a', version: '1' },
      { package: 'b', version: '2' },
    ],
  ],
  ['names in any case', 'PACKAGE: a\nvErSiOn:1\n', [{ package: 'a', version: '1' }]],
  [
    'folded fields',
    'Package: a\nConffiles:\n /etc/a 1\n\t/etc/b 2\nVersion: 1\n',
    [{ package: 'a', conffiles: '\n/etc/a 1\n/etc/b 2', version: '1' }],
  ],
  [
    'fields that are not wanted',
    'Package: a\nDescription: x\n long: text\n .\nVersion: 1\n',
    [{ package: 'a', version: '1' }],
  ],
  ['several empty lines, one of blanks', '\n\nPackage: a\n\n \t\n\nPackage: b\n', [{ package: 'a' }, { package: 'b' }]],
  ['comments', '# x\nPackage: a\n# y: z\nVersion: 1\n', [{ package: 'a', version: '1' }]],
  ['an empty value', 'Package:\nVersion: 1\n', [{ package: '', version: '1' }]],
  ['nothing', '', []],
  ['T15 CRLF', 'Package: a\r\nVersion: 1\r\n\r\nPackage: b\r\n', [{ package: 'a', version: '1' }, { package: 'b' }]],
  ['T15 a byte order mark', '\ufeffPackage: a\n', [{ package: 'a' }]],
  ['T15 no last newline', 'Package: a\nVersion: 1', [{ package: 'a', version: '1' }]],
  ['T15 a NUL in a field that is not wanted', 'Package: a\nMaintainer: \0\n', [{ package: 'a' }]],
  [
    'T15 10 MB in a field that is not wanted',
    `Package: a\nDescription: ${'x'.repeat(10e6)}\nVersion: 1\n`,
    [{ package: 'a', version: '1' }],
  ],
])('%s', (_title, text, expected) => {
  expect(parse(text)).toEqual({ paragraphs: expected, problems: [] });
});

test.each([
  ['T15 10 MB in a wanted field', `Package: a\nVersion: ${'1'.repeat(10e6)}\n`, 2, 'a version field over 64 KiB'],
  [
    'T15 10 MB in the folded lines of one',
    `Package: a\nVersion: 1\n${' 1\n'.repeat(40_000)}`,
    -1,
    'a version field over 64 KiB',
  ],
  ['T15 a NUL in a wanted field', 'Package: a\nVersion: 1\0.2\n', 2, 'a NUL in field version'],
  ['T15 two of a wanted field', 'Package: a\nVersion: 1\nVersion: 2\n', 3, 'a second version field'],
  ['T15 a line without colon', 'Package: a\ngarbage\nVersion: 1\n', 2, 'neither a field nor the continuation of one'],
  ['T15 a colon first', ': a\nPackage: a\n', 1, 'neither a field nor the continuation of one'],
  ['T15 a continuation of nothing', ' x\nPackage: a\n', 1, 'the continuation of no field'],
])('%s drops its paragraph only', (_title, text, line, cause) => {
  const { paragraphs, problems } = parse(`${text}\nPackage: b\n`);
  expect(paragraphs).toEqual([{ package: 'b' }]);
  expect(problems[0]?.cause).toBe(cause);
  if (line > 0) expect(problems[0]?.line).toBe(line);
});

test('problems are bounded', () => {
  expect(parse('garbage\n'.repeat(100_000)).problems.length).toBe(20);
});

test('T15 200 paragraphs of 20,000 folded lines each take linear time', () => {
  const startMs = performance.now();
  expect(parse(`Version: 1\n${' 1\n'.repeat(20_000)}\n`.repeat(200)).paragraphs).toHaveLength(200);
  expect(performance.now() - startMs).toBeLessThan(10_000);
});

test('what is written is read, whatever the order of fields', () => {
  const value = fc.string().map((text) =>
    text
      .replace(/[\0\r\n\ufffd]/g, '')
      .trim()
      .toWellFormed(),
  );
  const paragraph = fc.record({ package: value, version: value });
  fc.assert(
    fc.property(fc.array(paragraph), (all) => {
      const text = all
        .map(({ package: a, version }) => `Version: ${version}\nX-Y: z\n more\nPackage: ${a}\n`)
        .join('\n');
      expect(parse(text)).toEqual({ paragraphs: all, problems: [] });
    }),
  );
});

test('random bytes never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => void parse(bytes)));
});

// Look-up in a view: what a cataloger may rely on when an image's paths are symlinks.
import { expect, test } from 'vitest';
import { viewOf } from './testing/view.ts';

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();

test.each([
  ['a plain file', { a: 'x' }, 'a', 'x'],
  ['a missing file', { a: 'x' }, 'b', undefined],
  [
    'a relative link',
    { 'etc/os-release': { link: '../usr/lib/os-release' }, 'usr/lib/os-release': 'x' },
    'etc/os-release',
    'x',
  ],
  ['an absolute link stays in the root', { a: { link: '/usr/b' }, 'usr/b': 'x' }, 'a', 'x'],
  ['a link above the root stops at the root', { 'a/b': { link: '../../../../c' }, c: 'x' }, 'a/b', 'x'],
  [
    'a link of a directory',
    { 'var/lib/rpm': { link: '../../usr/lib/rpm' }, 'usr/lib/rpm/P': 'x' },
    'var/lib/rpm/P',
    'x',
  ],
  ['links of links', { a: { link: 'b' }, b: { link: 'c/d' }, c: { link: 'e' }, 'e/d': 'x' }, 'a', 'x'],
  ['a link to nothing', { a: { link: 'b' } }, 'a', undefined],
  ['an empty target', { a: { link: '' } }, 'a', undefined],
  ['a link to itself (T02)', { a: { link: 'a' } }, 'a', undefined],
  ['a cycle that grows (T02)', { a: { link: 'a/a/a/a' } }, 'a', undefined],
])('%s', (_title, files, path, expected) => {
  expect(text(viewOf(files).get(path)?.content)).toBe(expected);
});

test('files are sorted by path and hold the links, without content', () => {
  const files = viewOf({ b: 'x', a: { link: 'b' }, B: 'y' }).files();
  expect(files.map((file) => [file.path, file.type, file.content.length])).toEqual([
    ['B', 'file', 1],
    ['a', 'symlink', 0],
    ['b', 'file', 1],
  ]);
});

test('40 links are followed, 41 are not', () => {
  const chain = (length: number) =>
    Object.fromEntries([
      ...Array.from({ length }, (_, i) => [`l${i}`, { link: `l${i + 1}` }] as const),
      [`l${length}`, 'x'] as const,
    ]);
  expect(viewOf(chain(40)).get('l0')).toBeDefined();
  expect(viewOf(chain(41)).get('l0')).toBeUndefined();
});

test('an interest cuts, distils and drops as it would in a layer', () => {
  const view = viewOf(
    { whole: 'abcdef', head: 'abcdef', dropped: 'x', linkOnly: 'x', sum: 'abc' },
    {
      id: 'test',
      wantsVersion: 1,
      wants(file) {
        if (file.path === 'whole') return { kind: 'whole', maxBytes: 3 };
        if (file.path === 'head') return { kind: 'head', maxBytes: 2 };
        if (file.path === 'linkOnly') return { kind: 'link' };
        if (file.path !== 'sum') return undefined;
        let size = 0;
        return {
          kind: 'distill',
          create: () => ({ write: (chunk) => (size += chunk.length) > 0, finish: () => Uint8Array.of(size) }),
        };
      },
    },
  );
  const kept = view.files().map((file) => [file.path, [...file.content], file.truncated, file.sizeBytes]);
  expect(kept).toEqual([
    ['head', [97, 98], false, 6],
    ['sum', [3], false, 3],
    ['whole', [97, 98, 99], true, 6],
  ]);
});

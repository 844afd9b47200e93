// A file of a tree read once more: only what is below the root, through no link, and no larger than asked for.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/context.ts';
import { readTreeFile } from './tree-file.ts';

test('reads a file of any size up to the limit', () => {
  const root = temporaryFolder();
  mkdirSync(`${root}/a`);
  writeFileSync(`${root}/a/empty`, '');
  writeFileSync(`${root}/a/large`, Buffer.alloc(3_000_000, 7));
  expect(readTreeFile(root, 'a/empty', 10)).toHaveLength(0);
  expect(readTreeFile(root, 'a/large', 3_000_000)).toEqual(Buffer.alloc(3_000_000, 7));
  expect(readTreeFile(root, 'a/large', 2_999_999)).toBeUndefined();
  expect(readTreeFile(root, 'a/none', 10)).toBeUndefined();
  expect(readTreeFile(`${root}/none`, 'a', 10)).toBeUndefined();
});

test('T01 T02 follows no link and no way out', () => {
  const [root, outside] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(`${outside}/secret`, 'secret');
  symlinkSync(outside, `${root}/folder`);
  symlinkSync(`${outside}/secret`, `${root}/file`);
  execFileSync('mkfifo', [`${root}/pipe`]);
  const paths = [
    'folder/secret',
    'file',
    'pipe',
    '',
    '.',
    '..',
    `../${outside.split('/').at(-1)}/secret`,
    '/etc/passwd',
  ];
  for (const path of paths) expect(readTreeFile(root, path, 1e6), path).toBeUndefined();
});

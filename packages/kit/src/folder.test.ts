// Folders are made whole, and a place that takes none is an error, not a wait.
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'plombe-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('makeFolder', () => {
  it('makes those above it, and is content with one that is there', () => {
    const path = join(root, 'a', 'b', 'c');
    makeFolder(path);
    makeFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it('refuses a file in its place and a file above it', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    expect(() => makeFolder(file)).toThrow('EEXIST');
    expect(() => makeFolder(join(file, 'x'))).toThrow('ENOTDIR');
  });

  it.runIf(existsSync('/proc/self'))('ends with an error where a folder takes no children', () => {
    expect(() => makeFolder('/proc/plombe/x')).toThrow('ENOENT');
  });
});

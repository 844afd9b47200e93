import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { chunkBytes } from './limits.ts';
import { readBounded } from './read-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'plombe-kit-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([0, 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes + 5])('reads %i bytes, and no more than that', (size) => {
  const path = join(folder, String(size));
  const bytes = Buffer.alloc(size, 'plombe');
  writeFileSync(path, bytes);
  expect(readBounded(path, size).equals(bytes)).toBe(true);
  expect(readBounded(path, size + 1).equals(bytes)).toBe(true);
  if (size > 0) expect(() => readBounded(path, size - 1)).toThrow(`it is larger than ${size - 1} bytes`);
});

test('T54 a device without end', () => {
  expect(() => readBounded('/dev/zero', 10_000)).toThrow(RangeError);
});

test('a folder and nothing are the errors of the system', () => {
  expect(() => readBounded(folder, 10)).toThrow('EISDIR');
  expect(() => readBounded(join(folder, 'absent'), 10)).toThrow('ENOENT');
});

// Feed archives file by file.
import { defaultLayerLimits } from '@plombe/kit';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { writeTar } from '../testing/write-tar.ts';
import { readTar, type ReadTarOptions } from './read-tar.ts';

const archive = writeTar([
  { path: 'feeds', type: 'directory' },
  { path: 'feeds/a.json', content: '{"a":1}' },
  { path: 'feeds/b.json', content: 'b'.repeat(3000) },
]);

async function* source(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += 600) yield bytes.subarray(i, i + 600);
}

async function read(bytes: Uint8Array, options: Partial<ReadTarOptions> = {}): Promise<string[]> {
  const found: string[] = [];
  const all = { limits: defaultLayerLimits, signal: new AbortController().signal, maxEntryBytes: 10_000, ...options };
  for await (const { header, content, truncated } of readTar(source(bytes), all)) {
    found.push(`${header.path}:${content.length}${truncated ? '…' : ''}`);
  }
  return found;
}

test.each([
  ['plain', archive],
  ['gzip', gzipSync(archive)],
  ['zstd', zstdCompressSync(archive)],
])('%s', async (_, bytes) => {
  expect(await read(bytes)).toEqual(['feeds:0', 'feeds/a.json:7', 'feeds/b.json:3000']);
});

test('keeps the beginning of large files and only what is wanted', async () => {
  const options = { maxEntryBytes: 100, wants: (header: { path: string }) => header.path.endsWith('.json') };
  expect(await read(archive, options)).toEqual(['feeds/a.json:7', 'feeds/b.json:100…']);
});

test('a damaged archive throws after the entries before the damage', async () => {
  const found: string[] = [];
  const options = { limits: defaultLayerLimits, signal: new AbortController().signal, maxEntryBytes: 10_000 };
  const run = async (): Promise<void> => {
    for await (const { header } of readTar(source(archive.subarray(0, 2500)), options)) found.push(header.path);
  };
  await expect(run()).rejects.toMatchObject({ code: 'archive/corrupt' });
  expect(found).toEqual(['feeds', 'feeds/a.json']);
});

import { mkdtempSync, readdirSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Context, Digest } from '@plombe/model';
import type { LayerRecord } from '../collect/record.ts';
import { recordOf } from '../testing/records.ts';
import { decodeRecord, interestsKey, packRecord, sealOf } from './codec.ts';
import { openCacheFiles } from './files.ts';
import { layerCacheIn, type LayerCache } from './layer-cache.ts';

const diffID = `sha256:${'ab'.repeat(32)}` as Digest;

function openLayerCache(
  { key, ...options }: { directory: string; key: string; maxBytes?: number },
  ctx: Context,
): LayerCache {
  return layerCacheIn(openCacheFiles(options, ctx), key);
}

function context(): Context {
  return {
    clock: { nowMs: () => Date.now() },
    random: (size) => randomBytes(size),
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    fetch: globalThis.fetch,
    signal: new AbortController().signal,
  };
}

async function encodeRecord(record: LayerRecord): Promise<Buffer> {
  const packed = Buffer.concat(await Array.fromAsync(packRecord(record)));
  return Buffer.concat([sealOf(createHash('sha256').update(packed).digest()), packed]);
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('the layer cache', () => {
  it('gives back what was saved, for the same question only', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'plombe-cache-'));
    const record = recordOf({
      diffID,
      files: { 'a/b': 'text', 'c\udcff': 'x' },
      links: { lib: 'usr/lib' },
      whiteouts: ['w'],
      others: ['o'],
    });
    const cache = openLayerCache({ directory, key: 'k1' }, context());
    expect(await cache.load(diffID)).toBeUndefined();
    await cache.save(diffID, record);
    expect(await cache.load(diffID)).toEqual({
      ...record,
      files: record.files.map((f) => ({ ...f, content: Buffer.from(f.content) })),
    });
    expect(await openLayerCache({ directory, key: 'k2' }, context()).load(diffID)).toBeUndefined();
  });

  it('never keeps a record that is not complete or is of another layer', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'plombe-cache-'));
    const cache = openLayerCache({ directory, key: 'k' }, context());
    await cache.save(diffID, { ...recordOf({ diffID }), complete: false });
    await cache.save(`sha256:${'cd'.repeat(32)}` as Digest, recordOf({ diffID }));
    expect(filesBelow(directory)).toEqual([]);
  });

  it('T25 survives torn and altered files and removes what killed writers left', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'plombe-cache-'));
    const cache = openLayerCache({ directory, key: 'k' }, context());
    await cache.save(diffID, recordOf({ diffID, files: { a: 'text' } }));
    const [path = ''] = filesBelow(directory);
    truncateSync(path, statSync(path).size - 5);
    expect(await cache.load(diffID)).toBeUndefined();
    const left = `${path}.dead.tmp`;
    writeFileSync(left, 'half');
    utimesSync(left, 1, 1);
    await openLayerCache({ directory, key: 'k' }, context()).save(diffID, recordOf({ diffID, files: { a: 'text' } }));
    expect(filesBelow(directory)).toEqual([path]);
  });

  it('stays under its size, dropping what was used longest ago', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'plombe-cache-'));
    const cache = openLayerCache({ directory, key: 'k', maxBytes: 3000 }, context());
    const digests = Array.from({ length: 6 }, (_, i) => `sha256:${String(i).repeat(64)}` as Digest);
    for (const [i, digest] of digests.entries()) {
      await cache.save(digest, recordOf({ diffID: digest, files: { a: randomBytes(700).toString('base64') } }));
      for (const path of filesBelow(directory)) if (path.includes(String(i).repeat(64))) utimesSync(path, i + 1, i + 1);
    }
    const total = filesBelow(directory).reduce((sum, path) => sum + statSync(path).size, 0);
    expect(total).toBeLessThanOrEqual(3000);
    expect(await cache.load(digests[5] as Digest)).toBeDefined();
    expect(await cache.load(digests[0] as Digest)).toBeUndefined();
  });

  it('goes on without a folder it may not use', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'plombe-cache-')), 'file');
    writeFileSync(file, '');
    const cache = openLayerCache({ directory: file, key: 'k' }, context());
    await cache.save(diffID, recordOf({ diffID }));
    expect(await cache.load(diffID)).toBeUndefined();
  });

  it('decodes no altered byte', async () => {
    const bytes = await encodeRecord(recordOf({ diffID, files: { a: 'text' } }));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const altered = Uint8Array.from(bytes);
        altered[at] = (altered[at] as number) ^ flip;
        return decodeRecord(altered) === undefined;
      }),
    );
  });

  it.each([
    ['nonDirectories', 2 ** 28],
    ['directories', 2 ** 53],
    ['directories', -1],
    ['directories', 0.5],
    ['directories', '1'],
    ['files', [{ bytes: 2 ** 31 }]],
    ['files', [{ bytes: -8 }, { bytes: 8 }]],
    ['files', [null]],
    ['rootLinks', undefined],
  ])('T25 makes nothing of %s %o, which the body does not have', (name, count) => {
    const head = { record: {}, files: [], rootLinks: [], nonDirectories: 0, directories: 0, [name]: count };
    const text = Buffer.from(JSON.stringify(head));
    const start = Buffer.alloc(8);
    start.writeUInt32LE(text.length);
    const packed = zstdCompressSync(Buffer.concat([start, text, Buffer.alloc((8 - (text.length % 8)) % 8, 0x20)]));
    const bytes = Buffer.concat([sealOf(createHash('sha256').update(packed).digest()), packed]);
    const before = process.memoryUsage().arrayBuffers;
    expect(decodeRecord(bytes)).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it('asks a new question when a cataloger wants other files', () => {
    const one = interestsKey([
      { id: 'a', wantsVersion: 1 },
      { id: 'b', wantsVersion: 1 },
    ]);
    expect(
      interestsKey([
        { id: 'b', wantsVersion: 1 },
        { id: 'a', wantsVersion: 1 },
      ]),
    ).toBe(one);
    expect(
      interestsKey([
        { id: 'a', wantsVersion: 2 },
        { id: 'b', wantsVersion: 1 },
      ]),
    ).not.toBe(one);
  });

  it('writes the same bytes for the same record', async () => {
    const record = recordOf({ diffID, files: { a: 'text' } });
    expect((await encodeRecord(record)).equals(await encodeRecord(record))).toBe(true);
  });

  it('gives back records of any shape, large files and many small ones', async () => {
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${i}`, `content ${i}`.repeat(i % 50)]));
    for (const files of [{}, { a: '' }, { a: 'x'.repeat(3_000_000), b: 'y', c: 'z'.repeat(300_000) }, many]) {
      const record = recordOf({ diffID, files, whiteouts: ['w'], links: { lib: 'usr/lib' } });
      const decoded = decodeRecord(await encodeRecord(record));
      const plain = record.files.map((f) => ({ ...f, content: Buffer.from(f.content) }));
      expect(decoded).toEqual({ ...record, files: plain });
    }
  });
});

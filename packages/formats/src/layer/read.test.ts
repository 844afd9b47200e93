// The pass over a layer: digests, compression and entries at once, and what is said when one of them is wrong.
import { defaultLayerLimits, mebibyte } from '@plombe/kit';
import type { Digest, EntryConsumer, FileHeader } from '@plombe/model';
import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readLayer, type ReadLayerOptions } from './read.ts';
import { writeTar } from '../testing/write-tar.ts';

const signal = new AbortController().signal;
const tar = writeTar([
  { path: 'etc', type: 'directory' },
  { path: 'etc/os-release', content: 'ID=debian\n' },
  { path: 'etc/gone', type: 'whiteout' },
]);

function digestOf(bytes: Uint8Array, algorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
}

async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

function recorder(): EntryConsumer & { readonly files: Map<string, string>; readonly headers: FileHeader[] } {
  const files = new Map<string, string>();
  const headers: FileHeader[] = [];
  return {
    files,
    headers,
    entry(header) {
      headers.push(header);
      if (header.type !== 'file') return undefined;
      let text = '';
      return {
        write(chunk) {
          text += Buffer.from(chunk).toString('latin1');
          return true;
        },
        end: () => void files.set(header.path, text),
      };
    },
  };
}

function read(bytes: Uint8Array, options: Partial<ReadLayerOptions> = {}, consumer: EntryConsumer = recorder()) {
  return readLayer(pieces(bytes), consumer, { signal, limits: defaultLayerLimits, ...options });
}

describe.each([
  ['none', tar],
  ['gzip', gzipSync(tar)],
  ['zstd', zstdCompressSync(tar)],
])('%s', (compression, stored) => {
  test('reads entries and verifies both digests', async () => {
    const consumer = recorder();
    const options = { digest: digestOf(stored), diffID: digestOf(tar), sizeBytes: stored.length };
    expect(await read(stored, options, consumer)).toEqual({
      digest: options.digest,
      diffID: options.diffID,
      storedBytes: stored.length,
      uncompressedBytes: tar.length,
      compression,
      entries: 3,
      diagnostics: [],
      complete: true,
      verified: true,
    });
    expect(consumer.files.get('etc/os-release')).toBe('ID=debian\n');
    expect(consumer.headers.map((h) => [h.type, h.path])).toEqual([
      ['directory', 'etc'],
      ['file', 'etc/os-release'],
      ['whiteout', 'etc/gone'],
    ]);
  });

  test('reads other digest algorithms', async () => {
    const options = { digest: digestOf(stored, 'sha512'), diffID: digestOf(tar, 'sha256') };
    expect(await read(stored, options)).toMatchObject({ ...options, verified: true, complete: true });
  });

  test.each([
    ['another digest', { digest: digestOf(Buffer.from('x')) }],
    ['another diffID', { digest: digestOf(stored), diffID: digestOf(Buffer.from('x')) }],
    ['fewer bytes than stated', { digest: digestOf(stored), sizeBytes: stored.length + 1 }],
    ['more bytes than stated', { digest: digestOf(stored), sizeBytes: stored.length - 1 }],
  ])('T27 a layer with %s is refused', async (_, options) => {
    const result = await read(stored, options);
    expect(result).toMatchObject({ verified: false, complete: false });
    expect(result.diagnostics).toContainEqual(
      expect.objectContaining({ code: 'archive/digest-mismatch', level: 'error' }),
    );
  });

  test('a layer cut off keeps the entries before the cut and says so', async () => {
    const big = writeTar([
      { path: 'a', content: 'a' },
      { path: 'b', content: noise(3 * mebibyte) },
    ]);
    const whole = compression === 'gzip' ? gzipSync(big) : compression === 'zstd' ? zstdCompressSync(big) : big;
    const cut = whole.subarray(0, 2 * mebibyte);
    const consumer = recorder();
    const result = await read(cut, { digest: digestOf(cut) }, consumer);
    expect([...consumer.files.keys()]).toEqual(['a']);
    expect(result).toMatchObject({ verified: true, complete: false, storedBytes: cut.length });
    expect(result.diagnostics[0]).toMatchObject({ code: 'archive/corrupt', level: 'error' });
  });
});

test.each([
  ['with a diffID', { diffID: digestOf(tar) }, 'archive/digest-mismatch'],
  ['without one', {}, 'archive/corrupt'],
])('T27 content changed under its check sum is seen %s', async (_, options, code) => {
  const changed = Buffer.from(gzipSync(tar, { level: 0 }));
  changed[changed.indexOf('ID=debian')] = 0x58;
  const result = await read(changed, { digest: digestOf(changed), ...options });
  expect(result.complete).toBe(false);
  expect(result.diagnostics[0]).toMatchObject({ code, level: 'error' });
});

test('an unsupported compression is named', async () => {
  const lz4 = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0, 0, 0, 0, 0, 0, 0, 0]);
  const result = await read(lz4, { digest: digestOf(lz4) });
  expect(result).toMatchObject({ complete: false, compression: 'lz4', entries: 0 });
  expect(result.diagnostics[0]).toMatchObject({
    code: 'archive/unsupported',
    message: 'The layer is compressed with lz4.',
  });
});

test('a media type that names another compression is noted only', async () => {
  const stored = gzipSync(tar);
  const result = await read(stored, { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' });
  expect(result).toMatchObject({ complete: true, verified: true });
  expect(result.diagnostics).toMatchObject([{ level: 'note' }]);
});

test('what the source throws is thrown on, and cancellation too', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield tar.subarray(0, 512);
    throw new Error('connection reset');
  }
  const options = { signal, limits: defaultLayerLimits };
  await expect(readLayer(failing(), recorder(), options)).rejects.toThrow('connection reset');
  await expect(
    readLayer(pieces(gzipSync(tar)), recorder(), { ...options, signal: AbortSignal.abort() }),
  ).rejects.toThrow('abort');
});

test('an exception of the consumer reaches the caller and closes the source', async () => {
  let closed = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield gzipSync(noise(mebibyte));
    } finally {
      closed = true;
    }
  }
  const consumer: EntryConsumer = {
    entry() {
      throw new Error('consumer');
    },
  };
  async function* withTar(): AsyncGenerator<Uint8Array> {
    yield gzipSync(tar);
    yield* source();
  }
  await expect(readLayer(withTar(), consumer, { signal, limits: defaultLayerLimits })).rejects.toThrow('consumer');
  expect(closed).toBe(true);
});

function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0, seed = 1; i < size; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = seed >>> 16;
  }
  return bytes;
}

// What every blob store does, as tests: run by the test of each store over a real one.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Digest } from '@plombe/model';
import { mebibyte } from '@plombe/kit';
import type { BlobStore, StagedBlob } from './blob-store.ts';

/** Opens an empty store on the folder; called again, the same store as another process would. */
export type OpenStore = (folder: string) => Promise<BlobStore>;

/** The suite. `start` makes what the store needs, and returns how it is opened and how it ends. */
export function describeBlobStore(
  name: string,
  start: () => Promise<{ readonly open: OpenStore; readonly stop: () => Promise<void> }>,
): void {
  describe(`${name} as a blob store`, () => {
    let blobs: BlobStore;
    let open: OpenStore;
    let stop: () => Promise<void>;
    const folder = mkdtempSync(join(tmpdir(), 'plombe-blobs-'));
    let serial = 0;
    const nextId = (): string => `upload-${(serial += 1)}`;
    const staged = async (bytes: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): Promise<StagedBlob> => {
      const upload = blobs.stage(nextId(), algorithm);
      await upload.append(inPieces(bytes));
      return upload;
    };
    const stored = async (bytes: Uint8Array): Promise<Digest> => {
      const digest = digestOf(bytes);
      expect(await (await staged(bytes)).commit(digest)).toEqual({ kind: 'stored', sizeBytes: bytes.length });
      return digest;
    };

    beforeAll(async () => {
      ({ open, stop } = await start());
      blobs = await open(folder);
    });
    afterAll(async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    });

    test.each([0, 1, 300_000, 8 * mebibyte, 8 * mebibyte + 1, 37 * mebibyte + 12_345])(
      'a blob of %d bytes comes back as it was, whole and in part',
      async (length) => {
        const bytes = randomBytes(length);
        const digest = await stored(bytes);
        expect(await blobs.stat(digest)).toEqual({ sizeBytes: length });
        expect(sameBytes(await blobs.read(digest), bytes)).toBe(true);
        expect(sameBytes(await sent(blobs, digest, 0, length - 1), bytes)).toBe(true);
        if (length === 0) return;
        const [from, to] = [Math.floor(length / 3), Math.floor((2 * length) / 3)];
        expect(sameBytes(await sent(blobs, digest, from, to), bytes.subarray(from, to + 1))).toBe(true);
        const part = Buffer.concat(await blobs.open(digest, { start: from, end: to }).toArray());
        expect(sameBytes(part, bytes.subarray(from, to + 1))).toBe(true);
      },
    );

    test('sha512, also where sha256 was expected', async () => {
      const bytes = randomBytes(1000);
      const digest = digestOf(bytes, 'sha512');
      expect(await (await staged(bytes, 'sha512')).commit(digest)).toMatchObject({ kind: 'stored' });
      await blobs.delete(digest);
      expect(await (await staged(bytes)).commit(digest)).toMatchObject({ kind: 'stored' });
      expect(sameBytes(await blobs.read(digest), bytes)).toBe(true);
    });

    test('bytes of another digest become no blob, under either name', async () => {
      const [bytes, others] = [randomBytes(9 * mebibyte), randomBytes(10)];
      const upload = await staged(bytes);
      expect(await upload.commit(digestOf(others))).toEqual({ kind: 'mismatch' });
      expect(await blobs.stat(digestOf(others))).toBeUndefined();
      expect(await blobs.stat(digestOf(bytes))).toBeUndefined();
      expect(existsSync(upload.path)).toBe(false);
    });

    test('an upload is a file that can be read along, and nothing before it is committed', async () => {
      const bytes = randomBytes(600_000);
      const upload = blobs.stage(nextId(), 'sha256');
      await upload.prepare();
      expect(existsSync(upload.path)).toBe(true);
      await upload.append(inPieces(bytes.subarray(0, 500_000)));
      expect(sameBytes(readFileSync(upload.path), bytes.subarray(0, 500_000))).toBe(true);
      expect(await blobs.stat(digestOf(bytes))).toBeUndefined();
      await upload.append(inPieces(bytes.subarray(500_000)));
      await upload.commit(digestOf(bytes));
      expect(existsSync(upload.path)).toBe(false);
      expect(sameBytes(await blobs.read(digestOf(bytes)), bytes)).toBe(true);
    });

    test('an upload of an earlier process goes on', async () => {
      const bytes = randomBytes(700_000);
      const upload = blobs.stage('kept', 'sha256');
      await upload.append(inPieces(bytes.subarray(0, 400_000)));
      await upload.release();
      const later = await open(folder);
      const resumed = await later.resume('kept');
      expect(resumed?.size()).toBe(400_000);
      await resumed?.append(inPieces(bytes.subarray(400_000)));
      expect(await resumed?.commit(digestOf(bytes))).toMatchObject({ kind: 'stored' });
      expect(sameBytes(await blobs.read(digestOf(bytes)), bytes)).toBe(true);
      expect(await later.resume('kept')).toBeUndefined();
    });

    test('what is discarded or stale is gone', async () => {
      const upload = await staged(randomBytes(1000));
      await upload.discard();
      expect(existsSync(upload.path)).toBe(false);
      const stale = await staged(randomBytes(1000));
      await stale.release();
      expect(await blobs.removeStale(0)).toEqual([]);
      expect(await blobs.removeStale(Number.MAX_SAFE_INTEGER)).toContain(stale.id);
      expect(await blobs.resume(stale.id)).toBeUndefined();
    });

    test('the same blob from many at once', async () => {
      const bytes = randomBytes(20 * mebibyte);
      const digest = digestOf(bytes);
      const uploads = await Promise.all(Array.from({ length: 5 }, () => staged(bytes)));
      const results = await Promise.all(uploads.map((upload) => upload.commit(digest)));
      expect(results.every(({ kind }) => kind === 'stored')).toBe(true);
      expect(sameBytes(await blobs.read(digest), bytes)).toBe(true);
    });

    test('small bytes are put, twice as once', async () => {
      const bytes = randomBytes(5000);
      await blobs.put(digestOf(bytes), bytes);
      await blobs.put(digestOf(bytes), bytes);
      expect(sameBytes(await blobs.read(digestOf(bytes)), bytes)).toBe(true);
    });

    test('listed until deleted; what is absent is absent', async () => {
      const digest = await stored(randomBytes(777));
      const listed = async (): Promise<readonly (readonly [string, number])[]> => {
        const all: (readonly [string, number])[] = [];
        for await (const blob of blobs.list()) {
          expect(blob.modifiedAtMs).toBeGreaterThan(Date.parse('2024-01-01'));
          all.push([blob.digest, blob.sizeBytes]);
        }
        return all;
      };
      expect(await listed()).toContainEqual([digest, 777]);
      await blobs.delete(digest);
      await blobs.delete(digest);
      expect((await listed()).map(([name]) => name)).not.toContain(digest);
      expect(await blobs.stat(digest)).toBeUndefined();
      expect(await blobs.read(digest)).toBeUndefined();
      await expect(blobs.open(digest).toArray()).rejects.toMatchObject({ code: 'ENOENT' });
      await expect(sent(blobs, digest, 0, 5)).rejects.toMatchObject({ code: 'ENOENT' });
    });

    test('a reader that goes away ends the sending', async () => {
      const digest = await stored(randomBytes(12 * mebibyte));
      const out = new PassThrough();
      out.once('data', () => out.destroy());
      await expect(blobs.send(digest, { start: 0, end: 12 * mebibyte - 1 }, out)).rejects.toThrow();
    });
  });
}

/** Returns the digest of bytes. */
export function digestOf(bytes: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
}

/** A comparison whose failure does not print megabytes. */
function sameBytes(found: Uint8Array | undefined, wanted: Uint8Array): boolean {
  return found !== undefined && Buffer.compare(found, wanted) === 0;
}

/** Copies: an upload uses up the pieces it is given. */
async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield Uint8Array.from(bytes.subarray(at, at + 100_000));
}

async function sent(blobs: BlobStore, digest: Digest, start: number, end: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const out = new Writable({
    write: (chunk: Buffer, _, done) => {
      // The sender uses its buffers again once they are written.
      pieces.push(Buffer.from(chunk));
      done();
    },
  });
  await blobs.send(digest, { start, end }, out);
  return Buffer.concat(pieces);
}

// Blobs in a folder, as an OCI image layout has them: blobs/<algorithm>/<hex>; uploads beside it, on the same file system.
import { createReadStream, existsSync, rmSync } from 'node:fs';
import { open, opendir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestAlgorithm, parseDigest, type Digest } from '@plombe/model';
import { kibibyte } from '@plombe/kit';
import type { BlobStore, ListedBlob } from './blob-store.ts';
import { coalesce } from './coalesce.ts';
import { isAbsent, makeStateFolder, orFull } from './failure.ts';
import { sendFile } from './send.ts';
import type { Placing } from './staged.ts';
import { openUploads } from './uploads.ts';

/** Bytes read at a time where others read a blob. */
const readChunkBytes = 256 * kibibyte;

/** Opens, or makes, the folders below `folder`: `layout/blobs` and `uploads`. */
export function openFolderBlobs(folder: string): BlobStore {
  const uploads = join(folder, 'uploads');
  const flushes = new Map<string, () => Promise<void>>();
  for (const algorithm of ['sha256', 'sha512']) {
    const path = join(folder, 'layout', 'blobs', algorithm);
    makeStateFolder(path);
    flushes.set(
      algorithm,
      coalesce(() => flushFolder(path)),
    );
  }
  const pathOf = (digest: Digest): string => {
    const algorithm = digestAlgorithm(digest);
    return join(folder, 'layout', 'blobs', algorithm, digest.slice(algorithm.length + 1));
  };
  const placing: Placing = {
    keepsFile: true,
    place: async (from, digest) => {
      await rename(from, pathOf(digest));
      await flushes.get(digestAlgorithm(digest))?.();
    },
  };
  let serial = 0;

  return {
    ...openUploads(uploads, placing),
    local: {
      exists: (digest) => existsSync(pathOf(digest)),
      remove: (digest) => rmSync(pathOf(digest), { force: true }),
    },
    stat: (digest) =>
      stat(pathOf(digest)).then(
        ({ size }) => ({ sizeBytes: size }),
        (error: unknown) => (isAbsent(error) ? undefined : Promise.reject(error as Error)),
      ),
    open: (digest, range) => createReadStream(pathOf(digest), { ...range, highWaterMark: readChunkBytes }),
    send: (digest, range, out) => sendFile(pathOf(digest), range, out),
    read: (digest) =>
      readFile(pathOf(digest)).catch((error: unknown) =>
        isAbsent(error) ? undefined : Promise.reject(error as Error),
      ),
    put: async (digest, bytes) => {
      const path = join(uploads, `.put-${process.pid}-${(serial += 1)}`);
      try {
        await writeFile(path, bytes, { mode: 0o644, flush: true });
        await placing.place(path, digest, bytes.length);
      } catch (error) {
        await rm(path, { force: true });
        throw orFull(error);
      }
    },
    delete: (digest) => rm(pathOf(digest), { force: true }),
    list: () => listBlobs(join(folder, 'layout', 'blobs')),
  };
}

/** A rename is on disk once its folder is. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function* listBlobs(folder: string): AsyncGenerator<ListedBlob> {
  for (const algorithm of ['sha256', 'sha512']) {
    for await (const entry of await opendir(join(folder, algorithm))) {
      const digest = parseDigest(`${algorithm}:${entry.name}`);
      if (digest === undefined) continue;
      const found = await stat(join(folder, algorithm, entry.name)).catch(() => undefined);
      if (found !== undefined) yield { digest, sizeBytes: found.size, modifiedAtMs: found.mtimeMs };
    }
  }
}

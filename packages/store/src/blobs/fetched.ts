// Copies of blobs elsewhere, as files for those who read files: scanners. A copy is there as long as somebody needs it.
import { createWriteStream, rmSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '@plombe/model';
import { makeFolder } from '@plombe/kit';
import type { BlobStore } from './blob-store.ts';
import { orFull } from './failure.ts';

/** Copies that are made at the same time for one image. */
const atOnce = 4;

interface Copy {
  users: number;
  readonly made: Promise<void>;
}

/** The part of a store that makes and removes copies. */
export interface FetchedBlobs {
  readonly fetch: (repository: string, digests: readonly Digest[]) => Promise<boolean>;
  readonly release: (digests: readonly Digest[]) => void;
  /** Removes copies of an earlier process. */
  readonly removeStale: (beforeMs: number) => Promise<void>;
}

/** `blobs` is copied from, into `layout/blobs` of the folder, by way of `uploads`. */
export function fetchedBlobs(blobs: Pick<BlobStore, 'open'>, folder: string): FetchedBlobs {
  const copies = new Map<Digest, Copy>();
  let serial = 0;
  const pathOf = (digest: Digest): string => join(folder, 'layout', 'blobs', ...digest.split(':', 2));

  async function make(digest: Digest): Promise<void> {
    const path = pathOf(digest);
    const from = join(folder, 'uploads', `.fetch-${process.pid}-${(serial += 1)}`);
    try {
      await pipeline(blobs.open(digest), createWriteStream(from, { mode: 0o644 }));
      makeFolder(dirname(path));
      await rename(from, path);
    } catch (error) {
      await rm(from, { force: true });
      throw orFull(error);
    }
  }

  function use(digest: Digest): Promise<void> {
    const known = copies.get(digest) ?? { users: 0, made: make(digest) };
    known.users += 1;
    copies.set(digest, known);
    return known.made;
  }

  function release(digests: readonly Digest[]): void {
    for (const digest of new Set(digests)) {
      const copy = copies.get(digest);
      if (copy === undefined) continue;
      copy.users -= 1;
      if (copy.users > 0) continue;
      // At once, so that no copy that is made from now on is removed for this one.
      copies.delete(digest);
      rmSync(pathOf(digest), { force: true });
    }
  }

  return {
    fetch: async (_, digests) => {
      const wanted = [...new Set(digests)];
      const used: Digest[] = [];
      const work = async (): Promise<void> => {
        for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
          used.push(next);
          await use(next);
        }
      };
      const results = await Promise.allSettled(Array.from({ length: atOnce }, work));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed === undefined) return used.length > 0;
      release(used);
      throw failed.reason;
    },
    release,
    removeStale: async (beforeMs) => {
      for (const algorithm of ['sha256', 'sha512']) {
        const parent = join(folder, 'layout', 'blobs', algorithm);
        for (const name of await readdir(parent).catch(() => [])) {
          const found = await stat(join(parent, name)).catch(() => undefined);
          if (found !== undefined && found.mtimeMs < beforeMs) await rm(join(parent, name), { force: true });
        }
      }
    },
  };
}

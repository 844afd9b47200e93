// Uploads under way: files in a folder of this machine, wherever the blobs will lie, so that they can be read along and taken up after a kill.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from './blob-store.ts';
import { makeStateFolder } from './failure.ts';
import { createStaged, type Placing } from './staged.ts';

/** Opens, or makes, the folder; `placing` is what becomes of a verified file. */
export function openUploads(uploads: string, placing: Placing): Pick<BlobStore, 'stage' | 'resume' | 'removeStale'> {
  makeStateFolder(uploads);
  return {
    stage: (id, algorithm) => createStaged(id, join(uploads, id), placing, { algorithm, sizeBytes: 0 }),
    resume: async (id) => {
      const path = join(uploads, id);
      const found = await stat(path).catch(() => undefined);
      return found?.isFile() === true ? createStaged(id, path, placing, { sizeBytes: found.size }) : undefined;
    },
    removeStale: async (beforeMs, keeps = () => false) => {
      const removed: string[] = [];
      for (const name of await readdir(uploads)) {
        const path = join(uploads, name);
        const found = await stat(path).catch(() => undefined);
        if (found === undefined || found.mtimeMs >= beforeMs || keeps(name)) continue;
        await rm(path, { force: true });
        removed.push(name);
      }
      return removed;
    },
  };
}

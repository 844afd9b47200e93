// A trust store folder on disk; the one place of this package that touches the file system.
import { lstat, open, readdir } from 'node:fs/promises';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { PlombeError, inert, messageOf } from '@plombe/kit';
import type { FolderEntry, TrustStoreFolder } from './store.ts';

/** Opens the folder that holds `x509`. Its methods throw `notation/trust-store` for what cannot be read; nothing follows a symbolic link. */
export function trustStoreOnDisk(root: string): TrustStoreFolder {
  return {
    async entries(path) {
      try {
        const folder = join(root, path);
        if (!(await lstat(folder)).isDirectory()) throw new Error('it is not a folder');
        const found = await readdir(folder, { withFileTypes: true });
        return found
          .map((one): FolderEntry => ({
            name: one.name,
            kind: one.isSymbolicLink() ? 'symlink' : one.isFile() ? 'file' : one.isDirectory() ? 'folder' : 'other',
          }))
          .sort((a, b) => (a.name < b.name ? -1 : 1));
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw unreadable(join(root, path), thrown);
      }
    },
    async read(path, maxBytes) {
      try {
        // O_NOFOLLOW: the file may have become a link since the folder was listed.
        await using file = await open(join(root, path), constants.O_RDONLY | constants.O_NOFOLLOW);
        const { size } = await file.stat();
        return size > maxBytes ? undefined : await file.readFile();
      } catch (thrown) {
        throw unreadable(join(root, path), thrown);
      }
    },
  };
}

function unreadable(path: string, cause: unknown): PlombeError {
  return new PlombeError(
    'notation/trust-store',
    `Cannot read ${inert(path)} of the trust store: ${messageOf(cause)}.`,
    {
      cause,
    },
  );
}

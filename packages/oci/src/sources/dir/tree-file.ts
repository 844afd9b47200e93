// Reads one file of a tree again, after the walk: by its path below the root, through no link.
import { lstatSync, realpathSync } from 'node:fs';
import { encodePath, mebibyte } from '@plombe/kit';
import { feedFile } from './wanted-file.ts';

/** Returns the bytes of the regular file at `path` below the folder `root`; undefined where there is none, it cannot be read, or it is larger. */
export function readTreeFile(root: string, path: string, maxBytes: number): Uint8Array | undefined {
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) return undefined;
  const chunks: Uint8Array[] = [];
  const sink = {
    write: (chunk: Uint8Array): boolean => {
      chunks.push(chunk.slice());
      return true;
    },
    end: () => {},
  };
  try {
    const folder = realpathSync(root);
    const full = `${folder === '/' ? '' : folder}/${path}`;
    const host = full.isWellFormed() ? full : Buffer.from(encodePath(full));
    const stats = lstatSync(host);
    if (!stats.isFile() || stats.size > maxBytes) return undefined;
    const feed = feedFile(host, stats, sink, Buffer.allocUnsafeSlow(Math.min(mebibyte, stats.size + 1)));
    for (let step = feed.next(); ; step = feed.next()) {
      if (step.done) return step.value === undefined ? Buffer.concat(chunks) : undefined;
    }
  } catch (thrown) {
    if (thrown instanceof Error && 'syscall' in thrown) return undefined;
    throw thrown;
  }
}

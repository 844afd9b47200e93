// A view of kept files: look-up by path through the symlinks that were kept with them.
import type { RawFile } from '@plombe/model';
import { by } from '@plombe/kit';
import type { FileView } from './cataloger.ts';

/** Linux gives up after 40 symlinks (path_resolution(7)); so do we, which also ends cycles. */
const maxLinks = 40;

/** Bytes of a path while it is resolved: Linux's PATH_MAX. */
const maxPathLength = 4096;

/** Returns the view of these files, at most one per path; where a path is given twice the last one counts. */
export function fileView(files: Iterable<RawFile>): FileView {
  const byPath = new Map<string, RawFile>();
  let hasLinks = false;
  for (const file of files) {
    byPath.set(file.path, file);
    hasLinks ||= file.type === 'symlink';
  }
  const sorted = [...byPath.values()].sort(by((file) => file.path));
  return {
    files: () => sorted,
    get(path) {
      const found = byPath.get(path);
      if (found?.type === 'file') return found;
      return hasLinks ? follow(byPath, path) : undefined;
    },
  };
}

function follow(byPath: ReadonlyMap<string, RawFile>, path: string): RawFile | undefined {
  let pending = path.split('/').reverse();
  let resolved: string[] = [];
  let links = 0;
  while (pending.length > 0) {
    const part = pending.pop() as string;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      resolved.pop();
      continue;
    }
    resolved.push(part);
    const here = byPath.get(resolved.join('/'));
    if (here?.type !== 'symlink') continue;
    links += 1;
    const target = here.linkTarget ?? '';
    if (links > maxLinks || target === '' || target.length > maxPathLength || pending.length > maxPathLength) return;
    resolved = target.startsWith('/') ? [] : resolved.slice(0, -1);
    pending = [...pending, ...target.split('/').reverse()];
  }
  const file = byPath.get(resolved.join('/'));
  return file?.type === 'file' ? file : undefined;
}

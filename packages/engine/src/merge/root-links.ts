// Symlinked directories near the root (`lib` → `usr/lib`): entries of later layers go through them, as they do when applied.
import { hasPath } from '../collect/path-set.ts';
import type { LayerRecord } from '../collect/record.ts';

/** Linux gives up after 40 symlinks. */
const maxLinks = 40;

/** Knows the symlinks at most two names deep of the image so far. */
export class RootLinks {
  readonly #links = new Map<string, string>();

  apply(record: LayerRecord): void {
    const whiteouts = this.#links.size === 0 ? new Set<string>() : new Set(record.whiteouts);
    for (const path of this.#links.keys()) {
      // A directory or another file in the link's place replaces it, as containerd and overlayfs do.
      const replaced = hasPath(record.nonDirectories, path) || hasPath(record.directories, path);
      if (replaced || whiteouts.has(path)) this.#links.delete(path);
    }
    for (const [path, target] of record.rootLinks) this.#links.set(path, target);
  }

  /** Returns the path with its parent directories resolved; the last name is left as it is. */
  canonical(path: string): string {
    if (this.#links.size === 0) return path;
    let current = path;
    for (let hop = 0; hop < maxLinks; hop++) {
      const next = this.#step(current);
      if (next === undefined) return current;
      current = next;
    }
    return path;
  }

  #step(path: string): string | undefined {
    const first = path.indexOf('/');
    if (first < 0) return undefined;
    const second = path.indexOf('/', first + 1);
    for (const end of second < 0 ? [first] : [first, second]) {
      const directory = path.slice(0, end);
      const target = this.#links.get(directory);
      if (target === undefined) continue;
      const base = target.startsWith('/') ? '' : directory.slice(0, Math.max(0, directory.lastIndexOf('/')));
      return normalise(`${base}/${target}/${path.slice(end + 1)}`);
    }
    return undefined;
  }
}

function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

// Symlinked directories near the root (`lib` → `usr/lib`): entries of later layers go through them, as they do when applied.
import { hasPath } from '../collect/path-set.ts';
import type { LayerRecord } from '../collect/record.ts';

/** Linux gives up after 40 symlinks. */
const maxLinks = 40;
/** Links to one directory that are looked at; a merged /usr has at most four. */
const maxAliases = 16;

/** Knows the symlinks at most two names deep of the image so far. */
export class RootLinks {
  /** Raised when a link came or went. */
  version = 0;
  readonly #links = new Map<string, string>();
  readonly #aliases = new Map<string, string[]>();

  apply(record: LayerRecord): void {
    const before = this.#links.size;
    if (before > 0) this.#removeGone(record);
    if (record.rootLinks.size === 0 && this.#links.size === before) return;
    for (const [path, target] of record.rootLinks) this.#links.set(path, target);
    this.#aliases.clear();
    this.version += 1;
    for (const path of this.#links.keys()) {
      const directory = this.canonical(`${path}/.`);
      const others = this.#aliases.get(directory);
      if (others === undefined) this.#aliases.set(directory, [path]);
      else if (others.length < maxAliases) others.push(path);
    }
  }

  /**
   * The path, and those under which a layer may name it through a symlinked directory: `lib/x` for `usr/lib/x`. The same as long as
   * `version` is.
   */
  namesOf(path: string): readonly string[] {
    const names = [path];
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      for (const alias of this.#aliases.get(path.slice(0, slash)) ?? []) names.push(alias + path.slice(slash));
    }
    return names;
  }

  #removeGone(record: LayerRecord): void {
    const whiteouts = new Set(record.whiteouts);
    const opaques = new Set(record.opaques);
    for (const path of this.#links.keys()) {
      const slash = path.indexOf('/');
      const parent = slash < 0 ? undefined : path.slice(0, slash);
      const isGone =
        // A directory or another file in the link's place replaces it, as containerd and overlayfs do.
        hasPath(record.nonDirectories, path) ||
        hasPath(record.directories, path) ||
        whiteouts.has(path) ||
        opaques.has('') ||
        (parent !== undefined &&
          (whiteouts.has(parent) || opaques.has(parent) || hasPath(record.nonDirectories, parent)));
      if (isGone) this.#links.delete(path);
    }
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

// The root file system as a container sees it: layers are applied in order to a tree in memory, never to a disk (T01, T02).
import { compareText } from '@plombe/kit';
import type { FileHeader } from '@plombe/model';
import type { FingerprintEntry, FingerprintEntryType } from '@plombe/trust';
import type { FingerprintBudget } from './limits.ts';

/** A name in a directory. Hard links are copies: what is under one name is replaced, never written to. */
export interface TreeNode {
  readonly type: FingerprintEntryType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Set once the content was read whole. */
  sha256: string | undefined;
  readonly linkTarget: string | undefined;
  readonly capabilities: string | undefined;
  /** Index of the layer that put it here. */
  readonly layer: number;
  /** Of directories. */
  readonly children: Map<string, TreeNode> | undefined;
}

/** Why an entry could not be applied, as a runtime would refuse it too. */
export type Refusal = 'not a directory' | 'too many links' | 'too long' | 'no target' | 'over the limit';

/** Linux gives up after 40 symlinks. */
const maxLinks = 40;
/** Linux's PATH_MAX, and the depth that the archive reader allows. */
const maxPathLength = 4096;
const maxDepth = 512;
/** Parts of link targets that are followed for a whole image: real ones need some thousand, a maze of links (T02, T07) may not cost minutes. */
const maxLinkSteps = 4_000_000;

/** Where a path leads: the directory, and the name in it. */
interface Place extends Directory {
  readonly name: string;
}

interface Directory {
  readonly directory: Map<string, TreeNode>;
  /** Characters of its path, with the slash behind it. */
  readonly length: number;
}

export class MergedTree {
  readonly #root: Map<string, TreeNode> = new Map();
  #linkSteps = maxLinkSteps;
  /** The directory of the last entry, by its path as written; forgotten where a link or directory comes or goes. */
  #lastParent = '';
  #last: Directory | undefined;
  readonly #budget: FingerprintBudget;

  constructor(budget: FingerprintBudget) {
    this.#budget = budget;
  }

  /** Puts an entry of a layer in its place; answers the node, or why there is none. */
  apply(header: FileHeader, layer: number): TreeNode | Refusal {
    const place = this.#placeOf(header.path, layer);
    if (typeof place === 'string') return place;
    // Links lead to longer paths than those written.
    if (!this.#budget.takeText(Math.max(0, place.length + place.name.length - header.path.length))) {
      return 'over the limit';
    }
    const before = place.directory.get(place.name);
    if (header.type === 'hardlink') return this.#link(header, place, layer);
    const isDirectory = header.type === 'directory';
    const node: TreeNode = {
      type: header.type as FingerprintEntryType,
      // A symlink has none, and archives write what they like there.
      mode: header.type === 'symlink' ? 0 : header.mode,
      uid: header.uid,
      gid: header.gid,
      sizeBytes: header.sizeBytes,
      sha256: undefined,
      linkTarget: header.type === 'symlink' ? (header.linkTarget ?? '') : undefined,
      capabilities: header.capabilities,
      layer,
      // A directory in a directory's place is the same one.
      children: isDirectory ? (before?.children ?? new Map<string, TreeNode>()) : undefined,
    };
    this.#set(place, node);
    return node;
  }

  /** Hides what layers below have at a path. What the same layer put there stays (OCI image specification, layer.md). */
  whiteout(path: string, layer: number): void {
    const place = this.#placeOf(path);
    if (typeof place === 'string') return;
    const node = place.directory.get(place.name);
    if (node === undefined) return;
    this.#last = undefined;
    if (node.children !== undefined) prune(node.children, layer);
    if (node.layer < layer && (node.children?.size ?? 0) === 0) place.directory.delete(place.name);
  }

  /** Hides what layers below have in a directory. */
  opaque(path: string, layer: number): void {
    const place = this.#placeOf(`${path === '' ? '' : `${path}/`}.`);
    if (typeof place === 'string') return;
    this.#last = undefined;
    prune(place.directory, layer);
  }

  /** Yields every entry in the order of `comparePaths`. */
  *entries(): Iterable<FingerprintEntry> {
    const stack = [openDirectory('', this.#root)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.names[top.at];
      if (next === undefined) {
        stack.pop();
        continue;
      }
      top.at += 1;
      const node = top.directory.get(next) as TreeNode;
      const path = top.prefix + next;
      yield entryOf(path, node);
      if (node.children !== undefined && node.children.size > 0) stack.push(openDirectory(`${path}/`, node.children));
    }
  }

  #set({ directory, name }: Place, node: TreeNode): void {
    const before = directory.get(name);
    if (node.type === 'symlink' || (before !== undefined && before.type !== 'file')) this.#last = undefined;
    directory.set(name, node);
  }

  #link(header: FileHeader, place: Place, layer: number): TreeNode | Refusal {
    const target = this.#placeOf(header.linkTarget ?? '');
    if (typeof target === 'string') return target;
    const original = target.directory.get(target.name);
    const isItself = target.directory === place.directory && target.name === place.name;
    if (original === undefined || original.children !== undefined || isItself) return 'no target';
    const node = { ...original, layer };
    this.#set(place, node);
    return node;
  }

  /**
   * Follows the parents of a path through symlinks, inside this root; the last name is not followed. With `layer`, directories that are
   * missing are made, as runtimes do.
   */
  #placeOf(path: string, layer?: number): Place | Refusal {
    const end = path.lastIndexOf('/');
    const parent = path.slice(0, Math.max(0, end));
    const name = path.slice(end + 1);
    if (this.#last !== undefined && this.#lastParent === parent && name !== '.') {
      return { ...this.#last, name };
    }
    const directory = this.#directoryOf(parent, layer);
    if (typeof directory === 'string') return directory;
    [this.#lastParent, this.#last] = [parent, directory];
    return { ...directory, name };
  }

  #directoryOf(path: string, layer: number | undefined): Directory | Refusal {
    const stack = [this.#root];
    const names: string[] = [];
    let length = 0;
    let links = 0;
    const parts = path === '' ? [] : path.split('/').reverse();
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const directory = stack.at(-1) as Map<string, TreeNode>;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (stack.length > 1) {
          stack.pop();
          length -= (names.pop() ?? '').length + 1;
        }
        continue;
      }
      let node = directory.get(part);
      if (node === undefined) {
        if (layer === undefined) return 'no target';
        node = impliedDirectory(layer);
        directory.set(part, node);
      }
      if (node.type === 'symlink') {
        const target = node.linkTarget ?? '';
        if (++links > maxLinks) return 'too many links';
        if (target.length > maxPathLength) return 'too long';
        const further = target.split('/').reverse();
        this.#linkSteps -= further.length;
        if (this.#linkSteps < 0) return 'too many links';
        if (target.startsWith('/')) {
          stack.length = 1;
          [names.length, length] = [0, 0];
        }
        parts.push(...further);
        continue;
      }
      if (node.children === undefined) return 'not a directory';
      stack.push(node.children);
      names.push(part);
      length += part.length + 1;
      if (length > maxPathLength || stack.length > maxDepth) return 'too long';
    }
    return { directory: stack.at(-1) as Map<string, TreeNode>, length };
  }
}

/** What runtimes make for a parent that no layer names. */
function impliedDirectory(layer: number): TreeNode {
  return {
    type: 'directory',
    mode: 0o755,
    uid: 0,
    gid: 0,
    sizeBytes: 0,
    sha256: undefined,
    linkTarget: undefined,
    capabilities: undefined,
    layer,
    children: new Map(),
  };
}

/** Takes out what lower layers put below a directory; a directory stays where this layer put something into it. */
function prune(top: Map<string, TreeNode>, layer: number): void {
  const visit = [top];
  const seen: { readonly directory: Map<string, TreeNode>; readonly name: string; readonly node: TreeNode }[] = [];
  for (let directory = visit.pop(); directory !== undefined; directory = visit.pop()) {
    for (const [name, node] of directory) {
      if (node.children !== undefined) {
        seen.push({ directory, name, node });
        visit.push(node.children);
      } else if (node.layer < layer) directory.delete(name);
    }
  }
  // Deeper ones were seen later.
  for (const { directory, name, node } of seen.reverse()) {
    if (node.layer < layer && node.children?.size === 0) directory.delete(name);
  }
}

function openDirectory(prefix: string, directory: Map<string, TreeNode>) {
  return { prefix, directory, names: [...directory.keys()].sort(compareText), at: 0 };
}

function entryOf(path: string, node: TreeNode): FingerprintEntry {
  const { type, mode, uid, gid, sizeBytes, sha256, linkTarget, capabilities } = node;
  return {
    path,
    type,
    mode,
    uid,
    gid,
    ...(type === 'file' ? { sizeBytes } : {}),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(linkTarget === undefined ? {} : { linkTarget }),
    ...(capabilities === undefined ? {} : { capabilities }),
  };
}

// Names in an archive → paths inside the image's root, as model's FileHeader wants them.
import { decodePath } from '@plombe/kit';

/** Outcome of normalising a name; `escapes` where it led above the root and was held there (T01). */
export interface NormalPath {
  readonly path: string;
  readonly escapes: boolean;
}

const slash = 0x2f;
const dot = 0x2e;

/**
 * Returns the path without leading or trailing slash where the bytes from `start` to `end` are plain: ASCII, no empty and no dotted
 * part beyond a leading `./`. Undefined for every other name: those need `normalisePath`. One pass, one string.
 */
export function plainPath(bytes: Buffer, start: number, end: number): string | undefined {
  let from = start;
  let to = end;
  if (to - from >= 2 && bytes[from] === dot && bytes[from + 1] === slash) from += 2;
  if (to > from && bytes[to - 1] === slash) to -= 1;
  let previous = slash;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    if (byte >= 0x80) return undefined;
    if (previous === slash && (byte === slash || byte === dot)) return undefined;
    previous = byte;
  }
  return bytes.toString('latin1', from, to);
}

/** Resolves a name inside the root: empty and `.` parts vanish, `..` goes up and stops at the root. */
export function normalisePath(bytes: Uint8Array): NormalPath {
  const parts: string[] = [];
  let escapes = false;
  for (const part of decodePath(bytes).split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0) parts.pop();
    else escapes = true;
  }
  return { path: parts.join('/'), escapes };
}

/** Counts the parts of a normalised path. */
export function depthOf(path: string): number {
  let depth = 1;
  for (let i = path.indexOf('/'); i >= 0; i = path.indexOf('/', i + 1)) depth += 1;
  return depth;
}

/** What the last part of a path means in a layer (OCI image specification, layer.md "Whiteouts"). */
export type LayerName =
  | { readonly kind: 'plain' | 'ignored' }
  | { readonly kind: 'whiteout' | 'opaque'; readonly path: string };

const plain: LayerName = { kind: 'plain' };
const ignored: LayerName = { kind: 'ignored' };

/** Tells whiteouts from other names. `.wh..wh.*` other than the opaque marker is AUFS's own and means nothing. */
export function layerNameOf(path: string): LayerName {
  const at = path.lastIndexOf('/') + 1;
  if (!path.startsWith('.wh.', at)) return plain;
  const directory = path.slice(0, Math.max(0, at - 1));
  const hidden = path.slice(at + 4);
  if (hidden === '.wh..opq') return { kind: 'opaque', path: directory };
  if (hidden.startsWith('.wh.') || hidden === '' || hidden === '.' || hidden === '..') return ignored;
  return { kind: 'whiteout', path: path.slice(0, at) + hidden };
}

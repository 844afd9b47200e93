// Where things are told apart by: the layers of an image, the files of a tree.
import type { Evidence, Package, ScanResult } from '@plombe/model';
import { hasLayers } from './placed.ts';

export interface PlaceGroups {
  readonly kind: 'layer' | 'file';
  /** The number of a layer, `-1` where none is known; or the path of a file or folder, empty where none is known. */
  readonly keyOf: (place: Pick<Evidence, 'layerIndex' | 'path'> | undefined) => string;
}

/** More files than these are told by their folders: nobody reads a list of a thousand. */
const maxFiles = 40;

/** Layers where there are any to tell apart, else lock files, and the folders around them where there are many. */
export function placeGroups(result: ScanResult): PlaceGroups {
  if (hasLayers(result)) return { kind: 'layer', keyOf: (place) => String(place?.layerIndex ?? -1) };
  const { packages } = result.inventory;
  const depth = depthOf(packages);
  return { kind: 'file', keyOf: (place) => (place === undefined ? '' : upTo(outerFile(place.path), depth)) };
}

/** Layers from the bottom, files by their names; what no place is known of comes first. */
export function comparePlaces({ kind }: PlaceGroups): (a: string, b: string) => number {
  return kind === 'layer' ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : a > b ? 1 : 0);
}

/** `a/b.jar` of `a/b.jar!/c.jar`. */
function outerFile(path: string): string {
  return path.split('!/', 1)[0] ?? path;
}

/** How many parts of their paths tell the files apart without making more than `maxFiles` groups; all, where that many are few. */
function depthOf(packages: readonly Package[]): number {
  const files = new Set(
    packages.flatMap(({ evidence: [first] }) => (first === undefined ? [] : outerFile(first.path))),
  );
  let depth = Infinity;
  if (files.size <= maxFiles) return depth;
  depth = Math.min(
    16,
    [...files].reduce((most, path) => Math.max(most, path.split('/').length), 1),
  );
  while (depth > 1 && new Set([...files].map((path) => upTo(path, depth))).size > maxFiles) depth -= 1;
  return depth;
}

/** The first parts of a path; what is cut off ends in a slash. */
function upTo(path: string, depth: number): string {
  const parts = path.split('/');
  return parts.length <= depth ? path : `${parts.slice(0, depth).join('/')}/`;
}

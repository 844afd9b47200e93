// Where things are told apart by: the layers of an image, the files of a tree.
import type { Evidence, Package, ScanResult } from '@plombe/model';
import { hasLayers } from './placed.ts';

export interface PlaceGroups {
  readonly kind: 'layer' | 'file';
  /** Of all places: a layer is that of the first, which introduced it; a file is each that has it. */
  readonly keysOf: (places: readonly Pick<Evidence, 'layerIndex' | 'path'>[]) => readonly string[];
  /** The number of a layer, `-1` where none is known; or the path of a file or folder, empty where none is known. */
  readonly keyOf: (place: Pick<Evidence, 'layerIndex' | 'path'> | undefined) => string;
}

/** More files than these are told by their folders: nobody reads a list of a thousand. */
const maxFiles = 40;

/** Layers where there are any to tell apart, else lock files, and the folders around them where there are many. */
export function placeGroups(result: ScanResult): PlaceGroups {
  if (hasLayers(result)) {
    const keyOf: PlaceGroups['keyOf'] = (place) => String(place?.layerIndex ?? -1);
    return { kind: 'layer', keyOf, keysOf: ([first]) => [keyOf(first)] };
  }
  const { packages } = result.inventory;
  const depth = depthOf(packages);
  const keyOf: PlaceGroups['keyOf'] = (place) => (place === undefined ? '' : upTo(outerFile(place.path), depth));
  const keysOf: PlaceGroups['keysOf'] = (places) =>
    places.length === 0 ? [''] : [...new Set(places.map((place) => keyOf(place)))];
  return { kind: 'file', keyOf, keysOf };
}

/** Layers from the bottom, files by their names; what no place is known of comes first. */
export function comparePlaces({ kind }: PlaceGroups): (a: string, b: string) => number {
  return kind === 'layer' ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : a > b ? 1 : 0);
}

/** What lies in each place, by its key; a thing that is in several files is in the group of each. */
export function byPlace<Item>(
  items: Iterable<Item>,
  groups: PlaceGroups,
  placesOf: (item: Item) => readonly Evidence[],
): ReadonlyMap<string, readonly Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of items)
    for (const key of groups.keysOf(placesOf(item))) {
      const own = found.get(key);
      if (own === undefined) found.set(key, [item]);
      else own.push(item);
    }
  return found;
}

/** `a/b.jar` of `a/b.jar!/c.jar`. */
function outerFile(path: string): string {
  return path.split('!/', 1)[0] ?? path;
}

/** How many parts of their paths tell the files apart without making more than `maxFiles` groups; all, where that many are few. */
function depthOf(packages: readonly Package[]): number {
  const files = new Set(packages.flatMap(({ evidence }) => evidence.map(({ path }) => outerFile(path))));
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

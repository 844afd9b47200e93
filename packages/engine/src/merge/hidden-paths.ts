// What one layer hides of the layers below it, asked for every kept file at every layer: each path is hashed once, not each time.
import { hasHash, hashPath } from '../collect/path-set.ts';
import type { LayerRecord } from '../collect/record.ts';
import type { RootLinks } from './root-links.ts';

/** A path that is asked for again and again, with what was found out about it. */
export interface HiddenPath {
  readonly path: string;
  readonly parent: HiddenPath | undefined;
  /** Hashes of the names a layer may use for it, as of `linksVersion`. */
  hashes: readonly number[];
  linksVersion: number;
  /** Whether everything below is gone in the layer `checkedAt`. */
  gone: boolean;
  checkedAt: number;
}

/** Answers for one layer at a time, image specification, layer.md "Applying". */
export class HiddenPaths {
  readonly #links: RootLinks;
  readonly #directories = new Map<string, HiddenPath>();
  #record: LayerRecord | undefined;
  #whiteouts: ReadonlySet<string> = new Set();
  #opaques: ReadonlySet<string> = new Set();
  #layer = 0;

  /** `links` are those of the layers below; ask before they are changed. */
  constructor(links: RootLinks) {
    this.#links = links;
  }

  /** Goes on with the next layer. */
  apply(record: LayerRecord): void {
    this.#record = record;
    this.#layer += 1;
    this.#whiteouts = new Set(record.whiteouts.map((path) => this.#links.canonical(path)));
    this.#opaques = new Set(record.opaques.map((path) => this.#links.canonical(path)));
  }

  /** Returns what to ask for a file at this path. */
  placeOf(path: string): HiddenPath {
    return { path, parent: this.#directory(parentOf(path)), hashes: [], linksVersion: -1, gone: false, checkedAt: -1 };
  }

  /** True where a lower file at this path is gone. */
  has(place: HiddenPath): boolean {
    const { nonDirectories, directories } = this.#record as LayerRecord;
    for (const hash of this.#hashesOf(place)) {
      if (hasHash(nonDirectories, hash) || hasHash(directories, hash)) return true;
    }
    return this.#whiteouts.has(place.path) || (place.parent !== undefined && this.#below(place.parent));
  }

  /** True where everything below this directory is gone. */
  #below(directory: HiddenPath): boolean {
    if (directory.checkedAt === this.#layer) return directory.gone;
    directory.checkedAt = this.#layer;
    directory.gone = this.#opaques.has(directory.path) || this.#isGone(directory);
    return directory.gone;
  }

  #isGone(directory: HiddenPath): boolean {
    if (directory.parent === undefined) return false;
    const { nonDirectories } = this.#record as LayerRecord;
    return (
      this.#whiteouts.has(directory.path) ||
      this.#hashesOf(directory).some((hash) => hasHash(nonDirectories, hash)) ||
      this.#below(directory.parent)
    );
  }

  #hashesOf(place: HiddenPath): readonly number[] {
    if (place.linksVersion !== this.#links.version) {
      place.hashes = this.#links.namesOf(place.path).map(hashPath);
      place.linksVersion = this.#links.version;
    }
    return place.hashes;
  }

  /** The root is the only directory without a parent. */
  #directory(path: string): HiddenPath {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const parent = path === '' ? undefined : this.#directory(parentOf(path));
    const place = { path, parent, hashes: [], linksVersion: -1, gone: false, checkedAt: -1 };
    this.#directories.set(path, place);
    return place;
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

// The kept files of one layer by path, with what replaces what as the entries come: the last entry of a path is the one that is there.
import { hashPath } from './path-set.ts';
import type { KeptFile } from './record.ts';

interface Place {
  files: readonly KeptFile[];
  /** Paths right below this one that are places themselves. */
  below: Set<string> | undefined;
}

const none: readonly KeptFile[] = [];
/** 16 KiB: of a layer with ten thousand places one path in thirteen is looked up for nothing. */
const filterBits = 2 ** 17;

/** A directory tree of kept files. Memory and the time of a removal follow the files it is about, never the layer. */
export class KeptFiles {
  readonly #places = new Map<string, Place>();
  /** A bit for the hash of each place there ever was. */
  readonly #filter = new Uint8Array(filterBits / 8);

  /** The file kept at a path for an interest. */
  get(path: string, interest: string): KeptFile | undefined {
    return this.#places.get(path)?.files.find((file) => file.interest === interest);
  }

  add(file: KeptFile): void {
    const place = this.#place(file.path);
    place.files = place.files.length === 0 ? [file] : [...place.files, file];
  }

  /** Puts a file in the place of another that was added for the same path. */
  exchange(file: KeptFile, other: KeptFile): void {
    const place = this.#places.get(file.path);
    if (place !== undefined) place.files = place.files.map((known) => (known === file ? other : known));
  }

  /** Takes a file away that turned out to be of no interest. */
  drop(file: KeptFile): void {
    const place = this.#places.get(file.path);
    if (place !== undefined) place.files = place.files.filter((known) => known !== file);
  }

  has(file: KeptFile): boolean {
    return this.#places.get(file.path)?.files.includes(file) === true;
  }

  /** False where there is nothing for `replace` to do at the path with this hash, as with most paths of a layer. */
  mayHold(hash: number): boolean {
    const bit = (hash >>> 0) % filterBits;
    return ((this.#filter[bit >>> 3] as number) & (1 << (bit & 7))) !== 0;
  }

  /** Another entry of this path comes: what was there goes, and what lay below it unless a directory stays one. */
  replace(path: string, byDirectory: boolean): void {
    const place = this.#places.get(path);
    if (place === undefined) return;
    place.files = none;
    if (!byDirectory) this.#clear(place);
    if (place.below === undefined) this.#remove(path);
  }

  /** All files, in the order in which their paths first came. */
  all(): KeptFile[] {
    return [...this.#places.values()].flatMap(({ files }) => files);
  }

  #place(path: string): Place {
    const known = this.#places.get(path);
    if (known !== undefined) return known;
    const place: Place = { files: none, below: undefined };
    this.#set(path, place);
    for (let child = path, slash = child.lastIndexOf('/'); slash >= 0; slash = child.lastIndexOf('/')) {
      const parent = child.slice(0, slash);
      const above = this.#places.get(parent);
      if (above !== undefined) {
        (above.below ??= new Set()).add(child);
        break;
      }
      this.#set(parent, { files: none, below: new Set([child]) });
      child = parent;
    }
    return place;
  }

  #set(path: string, place: Place): void {
    this.#places.set(path, place);
    const bit = (hashPath(path) >>> 0) % filterBits;
    this.#filter[bit >>> 3] = (this.#filter[bit >>> 3] as number) | (1 << (bit & 7));
  }

  #clear(place: Place): void {
    const pending = [...(place.below ?? [])];
    place.below = undefined;
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      const lost = this.#places.get(path);
      this.#places.delete(path);
      for (const child of lost?.below ?? []) pending.push(child);
    }
  }

  #remove(path: string): void {
    this.#places.delete(path);
    const above = this.#places.get(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    if (above?.below?.delete(path) === true && above.below.size === 0) above.below = undefined;
  }
}

// The merged image: which kept files are still there once all layers up to one lie on top of each other.
import { fileView, type FileView } from '@plombe/catalogers';
import type { RawFile } from '@plombe/model';
import type { KeptFile, LayerRecord } from '../collect/record.ts';
import { hashPath, hasHash } from '../collect/path-set.ts';
import { HiddenPaths, type HiddenPath } from './hidden-paths.ts';
import { RootLinks } from './root-links.ts';

interface Placed {
  readonly raw: RawFile;
  readonly place: HiddenPath;
}

/** A wanted hard link whose target is in no layer, or in none that kept it. */
export interface LostLink {
  readonly path: string;
  readonly target: string;
  readonly layerIndex: number;
}

/**
 * Applies the layers one by one for one interest, OCI image specification, layer.md "Applying". After each `apply` the view is
 * that of the image up to that layer.
 */
export class MergedFiles {
  readonly #interest: string;
  readonly #isHidden: (path: string) => boolean;
  readonly #files = new Map<string, Placed>();
  readonly #hidden: HiddenPaths;
  readonly #links = new RootLinks();
  readonly #lost = new Map<string, LostLink>();
  /** What the layers so far have, whatever of it was kept. */
  readonly #entries: Float64Array[] = [];

  /** `isHidden`: files that the view leaves out, though what leads to them is still followed. */
  constructor(interest: string, isHidden: (path: string) => boolean = () => false) {
    this.#interest = interest;
    this.#isHidden = isHidden;
    this.#hidden = new HiddenPaths(this.#links);
  }

  /** Applies the next layer; answers true where it added, replaced or hid a file of this interest. */
  apply(record: LayerRecord, layerIndex: number): boolean {
    const lower = this.#lowerLinks(record, layerIndex);
    let changed = this.#hide(record);
    this.#links.apply(record);
    for (const file of record.files) {
      if (file.interest !== this.#interest) continue;
      const raw = lower.get(file) ?? this.#resolve(file, layerIndex);
      changed = true;
      if (raw !== undefined) {
        this.#files.set(raw.path, { raw, place: this.#hidden.placeOf(raw.path) });
        continue;
      }
      const path = this.#links.canonical(file.path);
      this.#files.delete(path);
      // A distiller that was given the target kept nothing of it, or would have been given it only if it were large.
      if (file.optional === 'target' || (file.optional === 'content' && this.#exists(file.linkTarget ?? ''))) continue;
      this.#lost.set(path, { path, target: file.linkTarget ?? '', layerIndex });
    }
    this.#entries.push(record.nonDirectories);
    return changed;
  }

  /** Hard links that lead nowhere in the image as it is now: what they would give is not known. */
  lost(): readonly LostLink[] {
    return [...this.#lost.values()].filter(({ path }) => !this.#isHidden(path));
  }

  /** The path with the symlinked directories near the root resolved, as the paths of `view` are. */
  canonical(path: string): string {
    return this.#links.canonical(path);
  }

  /** The files as they are now. */
  view(): FileView {
    return fileView([...this.#files.values()].flatMap(({ raw }) => (this.#isHidden(raw.path) ? [] : [raw])));
  }

  /** Such links lead to what was there before this layer, even where it hides that or puts something else in its place. */
  #lowerLinks(record: LayerRecord, layerIndex: number): ReadonlyMap<KeptFile, RawFile> {
    const found = new Map<KeptFile, RawFile>();
    for (const file of record.files) {
      if (file.optional === undefined || file.interest !== this.#interest) continue;
      const raw = this.#resolve(file, layerIndex);
      if (raw !== undefined) found.set(file, raw);
    }
    return found;
  }

  #exists(path: string): boolean {
    const hashes = this.#links.namesOf(this.#links.canonical(path)).map(hashPath);
    return this.#entries.some((entries) => hashes.some((hash) => hasHash(entries, hash)));
  }

  #resolve(file: KeptFile, layerIndex: number): RawFile | undefined {
    const path = this.#links.canonical(file.path);
    const { sizeBytes, mode, content, truncated, linkTarget } = file;
    if (file.type !== 'hardlink') {
      const link = linkTarget === undefined ? {} : { linkTarget };
      return { path, type: file.type, layerIndex, sizeBytes, mode, content, truncated, ...link };
    }
    const original = this.#files.get(this.#links.canonical(linkTarget ?? ''))?.raw;
    return original === undefined ? undefined : { ...original, path, layerIndex };
  }

  #hide(record: LayerRecord): boolean {
    if (this.#files.size === 0 && this.#lost.size === 0) return false;
    this.#hidden.apply(record);
    for (const path of this.#lost.keys()) {
      if (this.#hidden.has(this.#hidden.placeOf(path))) this.#lost.delete(path);
    }
    let changed = false;
    for (const [path, { place }] of this.#files) {
      if (!this.#hidden.has(place)) continue;
      this.#files.delete(path);
      changed = true;
    }
    return changed;
  }
}

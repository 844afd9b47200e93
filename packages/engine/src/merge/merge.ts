// The merged image: which kept files are still there once all layers up to one lie on top of each other.
import { fileView, type FileView } from '@plombe/catalogers';
import type { RawFile } from '@plombe/model';
import { hasPath } from '../collect/path-set.ts';
import type { KeptFile, LayerRecord } from '../collect/record.ts';
import { RootLinks } from './root-links.ts';

/**
 * Applies the layers one by one for one interest, OCI image specification, layer.md "Applying". After each `apply` the view is
 * that of the image up to that layer.
 */
export class MergedFiles {
  readonly #interest: string;
  readonly #files = new Map<string, RawFile>();
  readonly #links = new RootLinks();

  constructor(interest: string) {
    this.#interest = interest;
  }

  /** Applies the next layer; answers true where it added, replaced or hid a file of this interest. */
  apply(record: LayerRecord, layerIndex: number): boolean {
    let changed = this.#hide(record);
    this.#links.apply(record);
    for (const file of record.files) {
      if (file.interest !== this.#interest) continue;
      const raw = this.#resolve(file, layerIndex);
      if (raw === undefined) continue;
      this.#files.set(raw.path, raw);
      changed = true;
    }
    return changed;
  }

  /** The files as they are now. */
  view(): FileView {
    return fileView(this.#files.values());
  }

  get paths(): Iterable<string> {
    return this.#files.keys();
  }

  #resolve(file: KeptFile, layerIndex: number): RawFile | undefined {
    const path = this.#links.canonical(file.path);
    const { sizeBytes, mode, content, truncated, linkTarget } = file;
    if (file.type !== 'hardlink') {
      const link = linkTarget === undefined ? {} : { linkTarget };
      return { path, type: file.type, layerIndex, sizeBytes, mode, content, truncated, ...link };
    }
    const original = this.#files.get(this.#links.canonical(linkTarget ?? ''));
    return original === undefined ? undefined : { ...original, path, layerIndex };
  }

  #hide(record: LayerRecord): boolean {
    if (this.#files.size === 0) return false;
    const hidden = new Hidden(record, this.#links);
    let changed = false;
    for (const path of this.#files.keys()) {
      if (!hidden.has(path)) continue;
      this.#files.delete(path);
      changed = true;
    }
    return changed;
  }
}

/** What one layer hides of the layers below it. */
class Hidden {
  readonly #whiteouts: ReadonlySet<string>;
  readonly #opaques: ReadonlySet<string>;
  readonly #record: LayerRecord;
  readonly #directories = new Map<string, boolean>();

  constructor(record: LayerRecord, links: RootLinks) {
    this.#record = record;
    this.#whiteouts = new Set(record.whiteouts.map((path) => links.canonical(path)));
    this.#opaques = new Set(record.opaques.map((path) => links.canonical(path)));
  }

  /** True where a lower file at this path is gone. */
  has(path: string): boolean {
    const { nonDirectories, directories } = this.#record;
    if (this.#whiteouts.has(path) || hasPath(nonDirectories, path) || hasPath(directories, path)) return true;
    return this.#below(parentOf(path));
  }

  /** True where everything below this directory is gone. */
  #below(directory: string): boolean {
    const known = this.#directories.get(directory);
    if (known !== undefined) return known;
    const gone =
      this.#opaques.has(directory) ||
      (directory !== '' &&
        (this.#whiteouts.has(directory) ||
          hasPath(this.#record.nonDirectories, directory) ||
          this.#below(parentOf(directory))));
    this.#directories.set(directory, gone);
    return gone;
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

// Runs one cataloger over the merged image and finds the layer that introduced each package.
import type { Cataloger, CatalogContext, CatalogResult, FileView } from '@plombe/catalogers';
import { inert, mebibyte, messageOf } from '@plombe/kit';
import type { Diagnostic, FoundPackage } from '@plombe/model';
import type { LayerRecord } from '../collect/record.ts';
import { MergedFiles, type LostLink } from '../merge/merge.ts';
import { maskedNote, maskedPackage } from './masked.ts';

/** A package with the layer index of each of its paths; the first is the one that introduced it. */
export interface PlacedPackage {
  readonly found: FoundPackage;
  readonly cataloger: string;
  readonly introducedIn: number;
  /** Where the introducing layer lists it, when that is another path than its first: the database moved since. */
  readonly introducedAt?: string;
  readonly layerOf: ReadonlyMap<string, number>;
}

export interface Cataloged {
  readonly packages: readonly PlacedPackage[];
  /** Path → index in `packages`. */
  readonly owners: ReadonlyMap<string, number>;
  readonly diagnostics: readonly Diagnostic[];
  readonly complete: boolean;
}

/** Notes about the history of one database; more say the same. */
const maxNotes = 100;
/** Hard links to nothing that are named one by one. */
const maxLost = 20;
/**
 * Bytes cataloged to find out which layer introduced a package: a second or two per hundred MiB. An image that changes a large
 * database in every of a thousand layers gets coarser answers instead of hours. (T07)
 */
const maxHistoryBytes = 512 * mebibyte;

/** What a file counts beside its content. */
const bytesPerFile = 256;

/** Catalogs the image, but for files that are hidden. A cataloger that throws is a diagnostic, not the end of the scan. */
export function catalogImage(
  cataloger: Cataloger,
  records: readonly LayerRecord[],
  ctx: CatalogContext,
  isHidden?: (path: string) => boolean,
): Cataloged {
  const merged = new MergedFiles(cataloger.id, isHidden);
  const history = new History(cataloger, ctx);
  let changedAt = -1;
  records.forEach((record, index) => {
    if (!merged.apply(record, index)) return;
    changedAt = index;
    if (cataloger.attribution === 'database' && records.length > 1) history.note(index, merged);
  });
  const lost = merged.lost();
  if (changedAt < 0) return { packages: [], owners: new Map(), diagnostics: [], complete: true };
  const view = merged.view();
  const layerOf = new Map(view.files().map((file) => [file.path, file.layerIndex]));
  const result = history.last(changedAt) ?? run(cataloger, view, ctx);
  const packages = result.packages.map((written): PlacedPackage => {
    const found = maskedPackage(written);
    const own = layerOf.get(filePath(found.paths[0] ?? '', layerOf)) ?? changedAt;
    const origin = history.origin(found) ?? { layer: own };
    const moved = origin.path === undefined || origin.path === found.paths[0] ? {} : { introducedAt: origin.path };
    return { found, cataloger: cataloger.id, introducedIn: origin.layer, ...moved, layerOf };
  });
  const notes = [...result.diagnostics, ...history.diagnostics(), ...lost.slice(0, maxLost).map(noteLost)];
  const diagnostics = notes.map(maskedNote);
  const complete = result.complete && lost.length === 0;
  // A merged /usr has its files under other names than the lists of packages: `lib64/libc.so.6` is `usr/lib64/libc.so.6`.
  const owners = new Map(Array.from(result.owners ?? [], ([path, index]) => [merged.canonical(path), index]));
  return { packages, owners, diagnostics, complete };
}

/** The file that a path is of: what follows `!/` is inside an archive. The path itself where no file holds it. */
export function filePath(path: string, files: ReadonlyMap<string, unknown>): string {
  for (let end = path.length; end > 0; end = path.lastIndexOf('!/', end - 1)) {
    const file = path.slice(0, end);
    if (files.has(file)) return file;
  }
  return path;
}

function noteLost({ path, target, layerIndex }: LostLink): Diagnostic {
  const message = `${inert(path)} is a hard link to ${inert(target)}, which no layer holds; what it says is not known.`;
  return { code: 'archive/corrupt', level: 'error', message, path, layerIndex };
}

function run(cataloger: Cataloger, view: FileView, ctx: CatalogContext): CatalogResult {
  try {
    return cataloger.catalog(view, ctx);
  } catch (thrown) {
    const message = `The ${cataloger.id} cataloger failed: ${messageOf(thrown)}.`;
    return { packages: [], diagnostics: [{ code: 'internal/bug', level: 'error', message }], complete: false };
  }
}

/** The lowest layer since which a package is listed without a break, and the path that listed it there. */
interface Origin {
  readonly layer: number;
  readonly path?: string | undefined;
}

/** The package database at each layer that changed it: only what the last one says and since when is kept. */
class History {
  readonly #cataloger: Cataloger;
  readonly #ctx: CatalogContext;
  #bytes = 0;
  #lastLayer = -1;
  #lastResult: CatalogResult | undefined;
  #since: ReadonlyMap<string, Origin> = new Map();
  /** Name and architecture → the versions it had, in order. */
  readonly #versions = new Map<string, string[]>();
  readonly #notes: Diagnostic[] = [];

  constructor(cataloger: Cataloger, ctx: CatalogContext) {
    this.#cataloger = cataloger;
    this.#ctx = ctx;
  }

  note(layer: number, merged: MergedFiles): void {
    const view = merged.view();
    for (const file of view.files()) this.#bytes += file.content.length + bytesPerFile;
    if (this.#bytes > maxHistoryBytes) return;
    const result = run(this.#cataloger, view, this.#ctx);
    const since = new Map<string, Origin>();
    for (const found of result.packages) {
      const key = keyOf(found);
      const known = this.#since.get(key);
      // One that stays is not compared: another version beside it does not set it back.
      if (known === undefined) this.#compare(layer, found);
      since.set(key, known ?? { layer, path: found.paths[0] });
    }
    if (this.#since.size > 0 && since.size === 0)
      this.#tell(databaseRemoved(layer, this.#cataloger.id, this.#since.size));
    this.#since = since;
    this.#lastLayer = layer;
    this.#lastResult = result;
  }

  last(layer: number): CatalogResult | undefined {
    return this.#lastLayer === layer ? this.#lastResult : undefined;
  }

  origin(found: FoundPackage): Origin | undefined {
    return this.#since.get(keyOf(found));
  }

  /** Databases that were emptied, removed or set back to an earlier version: a trick to hide packages. (T11) */
  diagnostics(): readonly Diagnostic[] {
    return this.#notes;
  }

  #compare(layer: number, found: FoundPackage): void {
    const name = `${found.namespace ?? ''}/${found.name}\0${found.architecture ?? ''}`;
    const versions = this.#versions.get(name) ?? [];
    this.#versions.set(name, versions);
    const at = versions.indexOf(found.version);
    if (at >= 0 && at < versions.length - 1) this.#tell(setBack(layer, found, versions.at(-1) ?? ''));
    if (versions.at(-1) !== found.version) versions.push(found.version);
  }

  #tell(note: Diagnostic): void {
    if (this.#notes.length < maxNotes) this.#notes.push(note);
  }
}

function databaseRemoved(layer: number, cataloger: string, packages: number): Diagnostic {
  return {
    code: 'package/database-removed',
    level: 'warning',
    layerIndex: layer,
    message: `Layer ${layer} removes or empties the ${cataloger} package database, which listed ${packages} packages.`,
  };
}

function setBack(layer: number, found: FoundPackage, from: string): Diagnostic {
  return {
    code: 'package/database-rewritten',
    level: 'warning',
    layerIndex: layer,
    path: found.paths[0] ?? '',
    message: `Layer ${layer} sets ${inert(found.name)} back from ${inert(from)} to ${inert(found.version)}, a version an earlier layer had.`,
  };
}

function keyOf(found: FoundPackage): string {
  return `${found.type}\0${found.namespace ?? ''}/${found.name}\0${found.architecture ?? ''}\0${found.version}`;
}

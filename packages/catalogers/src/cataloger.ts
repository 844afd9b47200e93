// The contract of a cataloger: which files it wants, and how it makes packages of them.
import type { Diagnostic, Distribution, FileHeader, FoundPackage, RawFile } from '@plombe/model';

/** Reduces a file that is too large to keep to the bytes that matter, while the layer streams by. */
export interface Distiller {
  /** Answers false when it needs no more bytes. Must not keep a reference to `chunk`. */
  write(chunk: Uint8Array): boolean;
  /** The bytes to keep and cache; undefined where the file is of no interest after all. */
  finish(): Uint8Array | undefined;
}

/**
 * How much of a file is kept. `whole`: all of it; a larger file is kept up to `maxBytes`, marked truncated and reported.
 * `head`: its first bytes, silently. `link`: only symlinks, for resolution. `distill`: what the distiller answers.
 * For one distiller answer the same object each time: two links to a file are compared by it, and one is asked for with the largest size.
 * A symlink at a wanted path is always kept as a link, a hard link as the file it points to.
 */
export type Want =
  | { readonly kind: 'whole'; readonly maxBytes: number }
  | { readonly kind: 'head'; readonly maxBytes: number }
  | { readonly kind: 'link' }
  | { readonly kind: 'distill'; create(): Distiller };

/** What can be told of a path at once: a file meets the terms where one text of any of them is its own. */
export interface PathTerms {
  /** Base names. */
  readonly names?: readonly string[];
  /** What follows the last dot of the base name, in lower case. */
  readonly extensions?: readonly string[];
  /** Names of the folder that the file lies in. */
  readonly folders?: readonly string[];
}

/** Says which files of a layer to keep. `wants` is asked about every file of every layer that meets the terms, so it must be fast and pure. */
export interface FileInterest {
  readonly id: string;
  /** Terms that every wanted file meets; absent: it is asked about all. Images have millions of files, of which most are nobody's. */
  readonly where?: PathTerms;
  /** Raise it when `wants` or a distiller changes: layers in the cache are read again. */
  readonly wantsVersion: number;
  wants(file: FileHeader): Want | undefined;
}

/** The files of one cataloger in the merged image: replaced, whited-out and opaque-hidden ones are not in it. */
export interface FileView {
  /** Sorted by path. Symlinks are included with `type: 'symlink'` and empty content. */
  files(): readonly RawFile[];
  /** The file at a path, following kept symlinks (of directories too) inside the image's root, at most 40 of them. */
  get(path: string): RawFile | undefined;
}

export interface CatalogContext {
  readonly distribution?: Distribution;
}

export interface CatalogResult {
  readonly packages: readonly FoundPackage[];
  readonly diagnostics: readonly Diagnostic[];
  /** Path → index in `packages`, for the files this package database owns that `isOwnable` accepts. */
  readonly owners?: ReadonlyMap<string, number>;
  /** False where a database could not be read whole: the state becomes `partial`. */
  readonly complete: boolean;
}

/**
 * Finds the packages of one ecosystem. `catalog` is pure and runs on cached bytes. Register in `catalogers.ts`.
 * `attribution` says what introduces a package: `file`, the layer its metadata file is from; `database`, the layer since which the
 * package is in the database without a break (the engine catalogs the database as it was at each layer that changed it).
 */
export interface Cataloger extends FileInterest {
  readonly version: number;
  readonly attribution: 'file' | 'database';
  /** True for package managers of a distribution: their packages may own files of others. */
  readonly owner: boolean;
  /**
   * True where it reads what is declared (lock files, manifests) and not what is installed. Such a cataloger is asked for source trees only, unless
   * `--declared` says otherwise: in an image what is installed is the truth. docs/adr/0024-declared-packages.md
   */
  readonly declares?: true;
  catalog(view: FileView, ctx: CatalogContext): CatalogResult;
}

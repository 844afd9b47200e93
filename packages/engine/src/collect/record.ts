// What one layer leaves behind after the pass: the raw files wanted, and what it hides of the layers below.
import type { Diagnostic, Digest } from '@plombe/model';

/** A file kept for one interest. Several interests in one file give several of these. */
export interface KeptFile {
  /** Id of the cataloger (or other interest) it was kept for. */
  readonly interest: string;
  readonly path: string;
  /** `hardlink`: its target is not in this layer and is looked up below. */
  readonly type: 'file' | 'symlink' | 'hardlink';
  readonly sizeBytes: number;
  readonly mode: number;
  readonly content: Uint8Array;
  readonly truncated: boolean;
  readonly linkTarget?: string;
  /**
   * What of a hard link's target may be missing without a loss. `content`: a distiller was given it and may have kept nothing. `target`: it
   * need not be there at all, since the link is only of interest if it is large.
   */
  readonly optional?: 'content' | 'target';
}

export interface LayerRecord {
  /** As verified by the pass; absent for directory trees. */
  readonly diffID?: Digest;
  /** Of the stored bytes: as verified, or with `lazy` as the manifest names it. */
  readonly digest?: Digest;
  /**
   * Digests of the tables of contents that say the same as the bytes; with `lazy`, of the one that was read. An image that names another one is not
   * answered by this record.
   */
  readonly tocs?: readonly Digest[];
  /** Set where only the table of contents and wanted files were read: neither digest of the whole is verified, and `diffID` is absent. */
  readonly lazy?: true;
  readonly files: readonly KeptFile[];
  /** Symlinks at most two names deep (`lib`, `usr/lib64`), path → target: paths of other layers may lead through them. */
  readonly rootLinks: ReadonlyMap<string, string>;
  readonly whiteouts: readonly string[];
  readonly opaques: readonly string[];
  /** Sorted hashes of the paths of all entries that are no directories: each hides a lower entry there and below. */
  readonly nonDirectories: Float64Array;
  /** Sorted hashes of directories: each hides a lower file at the same path. */
  readonly directories: Float64Array;
  readonly entries: number;
  readonly storedBytes: number;
  readonly uncompressedBytes: number;
  readonly diagnostics: readonly Diagnostic[];
  /** Read to the end, within the limits, with both digests right. Only such records are cached. */
  readonly complete: boolean;
}

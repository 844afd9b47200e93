// What a streamed zip archive turned out to hold, and the questions a caller asks of it.

/** What to do with an entry, told by its name alone. `archive` walks a zip archive inside; over its `maxBytes` a kept entry is a problem. */
export type EntryWant = { readonly kind: 'keep'; readonly maxBytes: number } | { readonly kind: 'archive' };

export interface ZipStreamOptions {
  /** Asked for each entry of each archive; `depth` 0 is the outermost. */
  wants(name: string, depth: number): EntryWant | undefined;
  /** Makes what is told the name of every entry in an archive's directory. */
  listing?(): ZipListing;
}

/** Sums up the names of a directory, so that they need not be kept. */
export interface ZipListing {
  add(name: string): void;
  /** A few words of text. */
  texts(): readonly string[];
}

/**
 * `ambiguous`: programs would see different contents (T09). `corrupt`: damaged. `limit`: nested too deep or too large (T05, T08).
 * `unsupported`: encrypted, or of another method than stored and deflate.
 */
export interface ZipProblem {
  readonly kind: 'ambiguous' | 'corrupt' | 'limit' | 'unsupported';
  /** What is wrong, to follow the archive's name: `has no central directory`. Names in it are hostile text. */
  readonly what: string;
}

/** An archive as its central directory has it: the view of java.util.zip.ZipFile. */
export interface ZipContents {
  readonly sizeBytes: number;
  /** SHA-1 of the archive's bytes, in hex. */
  readonly sha1: string;
  /** False for bytes without any record of a zip archive. */
  readonly isZip: boolean;
  /** False where no directory was found: then what is here is what the local headers say. */
  readonly hasDirectory: boolean;
  readonly entries: number;
  /** Wanted entries in directory order; of two with one name the later. */
  readonly files: readonly { readonly name: string; readonly content: Uint8Array }[];
  readonly archives: readonly { readonly name: string; readonly contents: ZipContents }[];
  readonly listing: readonly string[];
  readonly problems: readonly ZipProblem[];
}

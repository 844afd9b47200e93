// An image as every source presents it, wherever it comes from.
import type { Digest } from './digest.ts';
import type { EntryConsumer } from './file.ts';
import type { Platform } from './platform.ts';

/** OCI descriptor (descriptor.md); unknown fields are not kept. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly urls?: readonly string[];
}

export interface OpenOptions {
  readonly signal: AbortSignal;
}

/**
 * The bytes of a layer: a tar stream as stored (compressed or not), or a directory tree of this machine. `literalNames`: names with `.wh.`
 * are files like others, because the tar is a root file system and no layer. `range` reads exactly these stored bytes and no others, or throws;
 * absent where that costs as much as reading all.
 */
export type LayerContent =
  | {
      readonly kind: 'tar';
      readonly literalNames?: boolean;
      open(options: OpenOptions): AsyncIterable<Uint8Array>;
      range?(offset: number, sizeBytes: number, options: OpenOptions): Promise<Uint8Array>;
    }
  | { readonly kind: 'tree'; walk(consumer: EntryConsumer, options: OpenOptions): Promise<readonly TreeProblem[]> }
  | { readonly kind: 'absent'; readonly cause: string; readonly damaged?: boolean };

/** A file or directory of a `dir:` source that could not be read. */
export interface TreeProblem {
  readonly path: string;
  readonly cause: string;
}

/**
 * The table of contents (TOC) of a layer, as its descriptor names it: lazy pullers show its files, and not the tar's. `estargz`: digest of the
 * uncompressed document, which the layer's footer leads to. `zstd-chunked`: digest of the compressed document, which lies at `offset`.
 */
export type TocPointer =
  | { readonly kind: 'estargz'; readonly digest: Digest }
  | {
      readonly kind: 'zstd-chunked';
      readonly digest: Digest;
      readonly offset: number;
      readonly storedBytes: number;
      readonly documentBytes: number;
    };

export interface ImageLayer {
  /** Position in the image, 0 = bottom. */
  readonly index: number;
  readonly mediaType: string;
  /** Digest of the stored blob; absent where the source has none (docker archive, directory). Verified by the pass. */
  readonly digest?: Digest;
  /** Digest of the uncompressed tar as the config declares it; absent for directories. Verified by the pass. */
  readonly diffID?: Digest;
  readonly sizeBytes?: number;
  /** The history instruction that made the layer (`created_by`), as written: hostile text. */
  readonly createdBy?: string;
  /** Tables of contents that the manifest vouches for; absent or empty: none. */
  readonly tocs?: readonly TocPointer[];
  readonly content: LayerContent;
}

/** What the image's config says; all text is hostile. Image specification, config.md. */
export interface ImageConfig {
  readonly createdAt?: string;
  readonly author?: string;
  readonly user?: string;
  readonly env?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly workingDir?: string;
  readonly exposedPorts?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** One platform's image. `close` gives back what the source holds open. */
export interface Image {
  /** The subject as the user wrote it. */
  readonly subject: string;
  /** Kind of source: `registry`, `oci`, `docker-archive`, `dir`, `tar`. */
  readonly source: string;
  /** Canonical reference, where the source has one. */
  readonly reference?: string;
  /** Digest of the manifest; absent for `dir`, `tar` and `docker-archive`. */
  readonly digest?: Digest;
  /** Digest of the index the manifest was chosen from. */
  readonly indexDigest?: Digest;
  /** Digest of the config ("image id"). */
  readonly configDigest?: Digest;
  readonly platform?: Platform;
  readonly config: ImageConfig;
  readonly layers: readonly ImageLayer[];
  close(): Promise<void>;
}

// What is written to a layout: images as layers and the few config fields that have a meaning for us.
import type { Platform } from '@plombe/model';

/** One layer as an uncompressed tar stream. */
export interface LayoutLayer {
  readonly tar: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Default `gzip`, at zlib's level 6; `zstd` at level 3. */
  readonly compression?: 'none' | 'gzip' | 'zstd';
  /** `created_by` of its history entry. */
  readonly createdBy?: string;
}

/** Runtime part of the config (config.md), as written. */
export interface LayoutConfig {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

export interface LayoutImage {
  /** `org.opencontainers.image.ref.name` in `index.json`; images that share one become one index of platforms. */
  readonly name?: string;
  readonly platform: Platform;
  readonly layers: readonly LayoutLayer[];
  readonly config?: LayoutConfig;
  /** RFC 3339; default the epoch, so that the same input gives the same digest. */
  readonly createdAt?: string;
}

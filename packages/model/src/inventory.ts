// The inventory: what is in one image, with evidence, and what could not be read.
import type { Diagnostic } from './diagnostic.ts';
import type { Digest } from './digest.ts';
import type { ImageConfig } from './image.ts';
import type { Distribution, Package } from './package.ts';
import type { Platform } from './platform.ts';

/** A layer as the inventory and every report name it. */
export interface LayerSummary {
  readonly index: number;
  readonly diffID?: Digest;
  readonly digest?: Digest;
  readonly mediaType: string;
  readonly sizeBytes?: number;
  readonly createdBy?: string;
  /** Read whole, both digests verified where the source has them. */
  readonly complete: boolean;
}

export interface InventorySubject {
  /** As the user wrote it. */
  readonly name: string;
  readonly source: string;
  readonly reference?: string;
  readonly digest?: Digest;
  readonly indexDigest?: Digest;
  readonly configDigest?: Digest;
  readonly platform?: Platform;
}

export interface Inventory {
  readonly subject: InventorySubject;
  readonly config?: ImageConfig;
  readonly distribution?: Distribution;
  readonly layers: readonly LayerSummary[];
  /** Sorted by `id`. */
  readonly packages: readonly Package[];
  /** Sorted by layer, path, code. */
  readonly diagnostics: readonly Diagnostic[];
  /** False where a layer or a package database could not be read whole. */
  readonly complete: boolean;
}

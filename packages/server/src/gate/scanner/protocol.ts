// What the server and its scanner processes tell each other, over Node's own channel in the structured clone format.
import type { Digest, Inventory } from '@plombe/model';

/** A blob that a process can open by itself. */
export interface BlobFile {
  readonly digest: Digest;
  readonly path: string;
}

/**
 * `layer`: read this file while it grows. `ended`: it has all its bytes, or was given up. `keep`: another process waits for what was read.
 * `image`: make the inventory.
 */
export type ScannerRequest =
  | { readonly kind: 'layer'; readonly id: number; readonly path: string }
  | { readonly kind: 'ended'; readonly id: number; readonly complete: boolean }
  | { readonly kind: 'keep'; readonly id: number }
  | {
      readonly kind: 'image';
      readonly id: number;
      /** Name of the registry, for the subject of reports. */
      readonly registry: string;
      readonly repository: string;
      readonly digest: Digest;
      readonly mediaType: string;
      readonly manifest: Uint8Array;
      /** Bytes of the config, already verified. */
      readonly config: Uint8Array;
      readonly layers: readonly BlobFile[];
    };

/**
 * `layer`: `digest` is there where it was read whole; an image asked of the same process needs it read no more. `kept`: nor does any other
 * process. `failed` carries the code of a PlombeError where it was one.
 */
export type ScannerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'layer'; readonly id: number; readonly digest?: Digest }
  | { readonly kind: 'kept'; readonly id: number }
  | { readonly kind: 'image'; readonly id: number; readonly inventory: Inventory }
  | { readonly kind: 'failed'; readonly id: number; readonly code?: string; readonly message: string };

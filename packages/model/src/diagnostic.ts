// What went wrong locally, recorded with the result instead of ending it.

/** A recorded local failure. `code` is one of kit's error codes; `message` names the subject and is safe to print. */
export interface Diagnostic {
  readonly code: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: string;
  /** Path in the image, name of the feed, package … that it is about. */
  readonly path?: string;
  readonly layerIndex?: number;
}

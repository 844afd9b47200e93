// A mistake in a document that only its meaning shows, such as an expression that does not compile.

/** Thrown while a document is compiled; the reader adds file and line. `path` is relative to where the thrower stands. */
export class DocumentError extends Error {
  readonly path: readonly (string | number)[];
  constructor(path: readonly (string | number)[], message: string) {
    super(message);
    this.name = 'DocumentError';
    this.path = path;
  }
}

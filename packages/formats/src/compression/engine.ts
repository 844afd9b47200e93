// The contract of what decodes raw deflate and zstd bytes, whoever does it.

/** One decoder of raw deflate or zstd bytes. After a call, `inputLeft` and `outputLeft` say what it did not use. */
export interface Engine {
  readonly inputLeft: number;
  readonly outputLeft: number;
  /** The decoder's complaint about the last call, where it had one; nothing is known of that call's output then. */
  readonly problem: string | undefined;
  /**
   * Decodes from `from[at..at+size]` into `to[toAt..toAt+toSize]`. Where it answers a promise, neither may change until it resolves.
   * What it did not use must be offered again, first. `small` says that the piece is not worth a thread.
   */
  run(piece: Piece, small: boolean): Promise<void> | undefined;
  /** Forgets everything, ready for the next member. */
  reset(): void;
  /** Only while no call is under way. */
  close(): void;
}

/** Where to read and where to write. */
export interface Piece {
  readonly from: Uint8Array;
  readonly at: number;
  readonly size: number;
  readonly to: Uint8Array;
  readonly toAt: number;
  readonly toSize: number;
}

/** Makes decoders. Windows of zstd over 128 MiB, its own default limit, are refused. */
export interface Engines {
  /** True where `run` with `small` has decoded when it returns. */
  readonly immediate: boolean;
  /** Of raw deflate data, RFC 1951. */
  openInflate(): Engine;
  /** Of zstd frames, RFC 8878. */
  openZstd(): Engine;
}

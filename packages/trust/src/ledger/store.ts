// Where a ledger keeps its files: the port that a folder fills now and a blob container can fill later.

/** A file to write: its path below the ledger with `/`, and its bytes. */
export interface StoredFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Only the owner may read it. */
  readonly secret?: boolean;
}

/** Every write is durable when its promise is kept, and a file is there whole or not at all. */
export interface LedgerStore {
  /** For messages. */
  readonly name: string;
  /** Returns a whole file, or undefined where there is none. */
  read(path: string): Promise<Buffer | undefined>;
  /** Returns up to `length` bytes from `offset`; fewer where the file ends. */
  readRange(path: string, offset: number, length: number): Promise<Buffer>;
  /** Returns the size of a file in bytes; 0 where there is none. */
  sizeOf(path: string): Promise<number>;
  /** Writes files; one that is there is replaced. */
  write(files: readonly StoredFile[]): Promise<void>;
  /** Writes at `offset` of a file and cuts off whatever was behind it. */
  append(path: string, offset: number, bytes: Uint8Array): Promise<void>;
  remove(paths: readonly string[]): Promise<void>;
  /** Returns the paths of all files below a folder, sorted. */
  list(folder: string): Promise<readonly string[]>;
  /** Takes the right to write, which ends with the process at the latest. Throws `ledger/locked`. */
  lock(): Promise<() => void>;
}

// Files of a layer as the one streaming pass hands them on.

export type FileType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'whiteout' | 'opaque' | 'device' | 'fifo';

/**
 * One entry of a layer. `path` has no leading or trailing slash and no `.` or `..` part: it is resolved inside the image's
 * own root and never outside it. Bytes that are not UTF-8 appear as lone surrogates U+DC80–U+DCFF, so distinct names stay distinct.
 * For `whiteout` the path is the path that is hidden, for `opaque` the directory whose lower content is hidden.
 */
export interface FileHeader {
  readonly path: string;
  readonly type: FileType;
  readonly sizeBytes: number;
  /** Permission bits with setuid (0o4000), setgid (0o2000) and sticky (0o1000). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Target of a symlink as written; of a hard link the normalised path in the same layer. */
  readonly linkTarget?: string;
  /** True where the entry carries file capabilities (`security.capability`). */
  readonly hasCapabilities?: boolean;
  /** The file capabilities themselves, in hex, as the kernel keeps them (vfs_cap_data); 12, 20 or 24 bytes where they are valid. */
  readonly capabilities?: string;
}

/** Receives the bytes of one file, in order. Must not keep a reference to `chunk`: the buffer is used again. */
export interface ContentSink {
  /** Answers false when it needs no more bytes of this file. */
  write(chunk: Uint8Array): boolean;
  end(): void;
}

/** Receives the entries of a layer in archive order; answers a sink for the files whose bytes it wants. Synchronous. */
export interface EntryConsumer {
  entry(header: FileHeader): ContentSink | undefined;
}

/** What the pass saves of a wanted file; `content` is what the cataloger's `Want` asked for. */
export interface RawFile {
  readonly path: string;
  readonly type: 'file' | 'symlink';
  /** Index of the layer it comes from, 0 = bottom. */
  readonly layerIndex: number;
  /** Size of the whole file in the layer. */
  readonly sizeBytes: number;
  readonly mode: number;
  readonly content: Uint8Array;
  /** True where the file was larger than the bytes asked for. */
  readonly truncated: boolean;
  readonly linkTarget?: string;
}

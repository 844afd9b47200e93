// Where blobs lie: the port that a folder, and later an object store, implement.
import type { Readable } from 'node:stream';
import type { Digest } from '@plombe/model';

export interface BlobStat {
  readonly sizeBytes: number;
}

/** First and last byte wanted, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ListedBlob extends BlobStat {
  readonly digest: Digest;
  readonly modifiedAtMs: number;
}

/** Why staged bytes did not become a blob. `mismatch`: they have another digest; they are gone afterwards. */
export type CommitResult = { readonly kind: 'stored'; readonly sizeBytes: number } | { readonly kind: 'mismatch' };

/** Bytes on their way to become a blob. One caller at a time. */
export interface StagedBlob {
  readonly id: string;
  /** File that grows at its end, where there is one. */
  readonly path: string;
  /** Bytes written so far. */
  size(): number;
  /**
   * Appends what the stream gives, with back-pressure and bounded memory. Where the stream breaks, the bytes before that are kept and its error is
   * thrown. Throws `store/full` where the disk is full, and other system errors as they are; nothing can be appended afterwards.
   */
  append(source: AsyncIterable<Uint8Array>): Promise<void>;
  /** Compares the digest, flushes, and renames into place; on disk when it resolves. */
  commit(digest: Digest): Promise<CommitResult>;
  /** Removes the bytes. */
  discard(): Promise<void>;
}

/** Blobs by digest. Everything that was acknowledged survives `kill -9` and a power cut. */
export interface BlobStore {
  stat(digest: Digest): Promise<BlobStat | undefined>;
  /** Streams a blob, or a part of it. The stream fails with `ENOENT` where there is none. */
  open(digest: Digest, range?: ByteRange): Readable;
  /** Returns a small blob (a manifest, a config) whole; undefined where there is none. */
  read(digest: Digest): Promise<Uint8Array | undefined>;
  /** Stores small bytes whose digest the caller has computed; on disk when it resolves. */
  put(digest: Digest, bytes: Uint8Array): Promise<void>;
  /** Begins an upload. `algorithm`: the one that `commit` is expected to name; another costs reading the file again. */
  stage(id: string, algorithm?: 'sha256' | 'sha512'): Promise<StagedBlob>;
  /** Takes up an upload of an earlier process; undefined where there is none. Its bytes are hashed again at `commit`. */
  resume(id: string): Promise<StagedBlob | undefined>;
  delete(digest: Digest): Promise<void>;
  list(): AsyncIterable<ListedBlob>;
  /** Ids of uploads begun before the time and not written to since. */
  staleUploads(beforeMs: number): Promise<readonly string[]>;
  /** Returns an address that clients may fetch the blob from for a short time, where the store offers that. */
  redirect?(digest: Digest): Promise<URL | undefined>;
}

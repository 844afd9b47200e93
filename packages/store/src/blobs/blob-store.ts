// Where blobs lie: the port that a folder and object stores implement.
import type { Readable, Writable } from 'node:stream';
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

/** Whether staged bytes became a blob. `mismatch`: they have another digest, and are gone. */
export type CommitResult = { readonly kind: 'stored'; readonly sizeBytes: number } | { readonly kind: 'mismatch' };

/** Bytes on their way to become a blob. One caller at a time. */
export interface StagedBlob {
  readonly id: string;
  /** File that grows at its end. */
  readonly path: string;
  /** Bytes written so far. */
  size(): number;
  /** Makes the file, so that others can read along. */
  prepare(): Promise<void>;
  /**
   * Appends what the source gives, with back-pressure and bounded memory; the chunks are used up by it. Where the source breaks, what it gave before is kept and its error thrown.
   * Throws `store/full` where the disk is full, and other errors of the system as they are; nothing can be appended after those.
   */
  append(source: AsyncIterable<Uint8Array>): Promise<void>;
  /** Gives back what is held open between two appends. */
  release(): Promise<void>;
  /** Compares the digest and makes the bytes a blob, which lasts when it resolves. Throws `store/full`, `store/unreachable`. */
  commit(digest: Digest): Promise<CommitResult>;
  /** Removes the bytes. */
  discard(): Promise<void>;
}

/** Synchronous access, for stores on this machine: with it a check of rows and an act on blobs are one transaction. */
export interface LocalBlobs {
  exists(digest: Digest): boolean;
  remove(digest: Digest): void;
}

/**
 * Blobs by digest. Whatever `commit` and `put` acknowledged survives `kill -9` and a power cut. Stores elsewhere throw `store/unreachable` where
 * they do not answer.
 */
export interface BlobStore {
  readonly local?: LocalBlobs;
  stat(digest: Digest): Promise<BlobStat | undefined>;
  /** Streams a blob, or a part of it. The stream fails with `ENOENT` where there is none. */
  open(digest: Digest, range?: ByteRange): Readable;
  /** Writes a blob, or a part of it, with back-pressure, and leaves the stream open. Throws where the blob or the stream breaks off. */
  send(digest: Digest, range: ByteRange, out: Writable): Promise<void>;
  /** Returns a small blob (a manifest, a config) whole; undefined where there is none. */
  read(digest: Digest): Promise<Uint8Array | undefined>;
  /** Stores small bytes whose digest the caller has computed. Throws `store/full`. */
  put(digest: Digest, bytes: Uint8Array): Promise<void>;
  /** Begins an upload. `algorithm`: the one that `commit` is expected to name; for another the bytes are read again. */
  stage(id: string, algorithm: 'sha256' | 'sha512'): StagedBlob;
  /** Takes up an upload of an earlier process; undefined where there is none. Its bytes are read again at `commit`. */
  resume(id: string): Promise<StagedBlob | undefined>;
  delete(digest: Digest): Promise<void>;
  /** Brings blobs of a repository into the folder, where they may lie elsewhere. True where one had to be fetched. */
  fetch?(repository: string, digests: readonly Digest[]): Promise<boolean>;
  /** Whoever had them fetched needs them no more. Absent: they stay. */
  release?(digests: readonly Digest[]): void;
  list(): AsyncIterable<ListedBlob>;
  /** Removes uploads that nothing was written to since the time and that are not to be kept, and returns their ids. */
  removeStale(beforeMs: number, keeps?: (id: string) => boolean): Promise<readonly string[]>;
  /** Returns an address that the blob can be fetched from for a short time, where the store offers that. */
  redirect?(digest: Digest): Promise<URL | undefined>;
}

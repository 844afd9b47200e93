// What blobs elsewhere need of an object store; Azure Blob Storage and S3 implement it.
import type { Readable } from 'node:stream';
import type { ByteRange } from './blob-store.ts';

/** An object as the store lists it. */
export interface ObjectStat {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

export interface ListedObject extends ObjectStat {
  readonly name: string;
}

/** A piece of a file that is stored in pieces. */
export interface Part {
  /** From 0 on; all parts but the last have the same size. */
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** An object that is written in parts. Nothing can be read under its name before `complete` resolved. */
export interface PartedUpload {
  /** Takes the parts in any order, several at once; `bytes` may be used for others afterwards. */
  add(part: Part): Promise<void>;
  /** Makes the object, of parts 0 to `count - 1`. */
  complete(count: number): Promise<void>;
  /** Gives up; never rejects. */
  abort(): Promise<void>;
}

/**
 * Objects by name, below the prefix that the store was opened with. An object is there as a whole or not at all, whoever asks, as soon as the call
 * that wrote it resolved. Every method throws `store/unreachable` where the store does not answer or refuses.
 */
export interface ObjectStore {
  stat(name: string): Promise<ObjectStat | undefined>;
  /** Streams an object or a part of it; undefined where there is none. */
  get(name: string, range?: ByteRange): Promise<Readable | undefined>;
  /** Writes a small object whole. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Begins an object of `sizeBytes` in parts of `partBytes`. */
  begin(name: string, sizeBytes: number, partBytes: number): Promise<PartedUpload>;
  delete(name: string): Promise<void>;
  /** Objects whose name begins so. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /** Removes the parts of objects that were begun before the time and never completed, where the store does not do so by itself. */
  removeUnfinished(beforeMs: number): Promise<void>;
  /** Returns an address that the object can be read from for a time, without credentials; undefined where none can be made. */
  link(name: string, forMs: number): Promise<URL | undefined>;
}

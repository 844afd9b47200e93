// An upload as a file that grows: hashed while it arrives, flushed and renamed when it is whole.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { digestAlgorithm, type Digest } from '@plombe/model';
import { kibibyte, mebibyte } from '@plombe/kit';
import type { StagedBlob } from './blob-store.ts';
import { orFull } from './failure.ts';

/** What becomes of a finished file. */
export interface Placing {
  /** True where the file itself is to be the blob: then its bytes are flushed before. */
  readonly keepsFile: boolean;
  /** Moves the file of `sizeBytes` into place, durably; nothing is left at `from` then. */
  place(from: string, digest: Digest, sizeBytes: number): Promise<void>;
}

/** Written at a time: while one such piece is written the next is read, so an upload holds at most two, 32 of them 16 MiB. */
const pieceBytes = 256 * kibibyte;
/** Smaller buffers may share their memory with others. */
const ownBytes = 16 * kibibyte;
/** After so many bytes the system is asked to begin writing to disk, so that the flush at the end has little left to wait for. */
const flushEveryBytes = 64 * mebibyte;

/** Creates the upload; without `algorithm` nothing is known of the bytes that are there, and they are read again at `commit`. */
export function createStaged(
  id: string,
  path: string,
  placing: Placing,
  begun: { readonly algorithm?: 'sha256' | 'sha512'; readonly sizeBytes: number },
): StagedBlob {
  const { algorithm } = begun;
  let hash: Hash | undefined = algorithm === undefined ? undefined : createHash(algorithm);
  let sizeBytes = begun.sizeBytes;
  let flushedBytes = sizeBytes;
  let file: FileHandle | undefined;
  let flushing: Promise<void> | undefined;
  let broken: unknown;

  const opened = async (): Promise<FileHandle> =>
    (file ??= await open(path, sizeBytes === 0 && begun.sizeBytes === 0 ? 'w' : 'r+', 0o644));

  const write = async (pieces: readonly Uint8Array[], length: number): Promise<void> => {
    try {
      const handle = await opened();
      await writeAll(handle, pieces, sizeBytes);
    } catch (error) {
      broken = orFull(error);
      throw broken;
    }
    sizeBytes += length;
    pieces.forEach(giveBack);
    if (!placing.keepsFile || sizeBytes - flushedBytes < flushEveryBytes || flushing !== undefined) return;
    flushedBytes = sizeBytes;
    // Whether it succeeds is told by the flush at the end.
    flushing = file?.datasync().then(
      () => (flushing = undefined),
      () => (flushing = undefined),
    );
  };

  const release = async (): Promise<void> => {
    await flushing;
    const held = file;
    file = undefined;
    await held?.close();
  };

  const discard = async (): Promise<void> => {
    broken ??= new Error('The upload is gone.');
    await release();
    await rm(path, { force: true });
  };

  return {
    id,
    path,
    size: () => sizeBytes,
    prepare: async () => {
      try {
        await opened();
      } catch (error) {
        throw orFull(error);
      }
    },
    release,
    discard,
    append: async (source) => {
      if (broken !== undefined) throw broken as Error;
      let pieces: Uint8Array[] = [];
      let length = 0;
      let writing: Promise<void> = Promise.resolve();
      const push = (): void => {
        const [ready, bytes] = [pieces, length];
        pieces = [];
        length = 0;
        writing = writing.then(() => write(ready, bytes));
        // Seen where it is awaited.
        writing.catch(() => undefined);
      };
      try {
        for await (const chunk of source) {
          hash?.update(chunk);
          pieces.push(chunk);
          length += chunk.length;
          if (length < pieceBytes) continue;
          await writing;
          push();
        }
      } finally {
        if (length > 0) push();
        await writing;
      }
    },
    commit: async (digest) => {
      if (broken !== undefined) throw broken as Error;
      const wanted = digestAlgorithm(digest);
      try {
        const handle = await opened();
        if (algorithm !== wanted) hash = await hashFile(path, wanted);
        const hex = hash?.digest('hex');
        hash = undefined;
        if (digest !== `${wanted}:${hex ?? ''}`) {
          await discard();
          return { kind: 'mismatch' };
        }
        if (placing.keepsFile) await handle.sync();
        await release();
        await placing.place(path, digest, sizeBytes);
        broken = new Error('The upload is a blob already.');
        return { kind: 'stored', sizeBytes };
      } catch (error) {
        await discard();
        throw orFull(error);
      }
    },
  };
}

/**
 * Gives back the memory of a chunk at once. Left to the garbage collector, which sees only small objects, some 64 MiB of written chunks wait for
 * it at any time.
 */
function giveBack(chunk: Uint8Array): void {
  const { buffer } = chunk;
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < ownBytes || chunk.byteLength !== buffer.byteLength)
    return;
  try {
    buffer.transfer(0);
  } catch {
    // Memory that Node keeps for itself cannot be detached; the collector sees to it.
  }
}

async function writeAll(file: FileHandle, pieces: readonly Uint8Array[], position: number): Promise<void> {
  const [first] = pieces;
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const { bytesWritten } =
    first !== undefined && pieces.length === 1
      ? await file.write(first, 0, first.length, position)
      : await file.writev(pieces, position);
  if (bytesWritten === total) return;
  // Short: the disk took a part of it, and the next write says why it does not take the rest.
  const rest = Buffer.concat(pieces).subarray(bytesWritten);
  for (let at = 0; at < rest.length;) {
    at += (await file.write(rest, at, rest.length - at, position + bytesWritten + at)).bytesWritten;
  }
}

async function hashFile(path: string, algorithm: 'sha256' | 'sha512'): Promise<Hash> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: mebibyte })) hash.update(chunk as Uint8Array);
  return hash;
}

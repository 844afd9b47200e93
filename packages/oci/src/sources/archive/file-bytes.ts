// Bytes of a file of this machine as a stream of large chunks.
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { OpenOptions } from '@plombe/model';
import { chunkBytes, inert, PlombeError } from '@plombe/kit';

/** Part of a file; without `sizeBytes` it reaches to the end. */
export interface ByteRange {
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * Opens a regular file for reading. O_NONBLOCK keeps a FIFO from blocking for ever. Throws `source/not-found` where there is
 * none and `source/unreadable` where it is no regular file or may not be read.
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const missing = (cause as { code?: unknown }).code === 'ENOENT';
    if (missing) throw new PlombeError('source/not-found', `There is no file ${inert(path)}.`, { cause });
    throw new PlombeError('source/unreadable', `The file ${inert(path)} could not be opened.`, { cause });
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new PlombeError('source/unreadable', `${inert(path)} is not a regular file.`);
}

/**
 * Yields a file, or a range of it, in chunks of 1 MiB. A chunk is valid only until the next is asked for: two buffers take turns,
 * the next being read meanwhile. Throws what `openRegularFile` throws, `source/unreadable` for a failed read, and
 * `archive/corrupt` where the file ends before the range does.
 */
export async function* readFileBytes(
  path: string,
  options: OpenOptions,
  range?: ByteRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await openRegularFile(path);
  let next: Promise<Uint8Array> | undefined;
  try {
    let offset = range?.offset ?? 0;
    const end = range === undefined ? (await file.stat()).size : range.offset + range.sizeBytes;
    const room = Math.min(chunkBytes, end - offset);
    let buffer = Buffer.allocUnsafeSlow(room);
    let other = end - offset > room ? Buffer.allocUnsafeSlow(room) : buffer;
    const readAhead = (): Promise<Uint8Array> | undefined => {
      if (offset >= end) return undefined;
      const pending = readPart(file, path, buffer, offset, Math.min(room, end - offset));
      pending.catch(() => undefined);
      return pending;
    };
    next = readAhead();
    while (next !== undefined) {
      options.signal.throwIfAborted();
      const chunk = await next;
      offset += chunk.length;
      [buffer, other] = [other, buffer];
      next = readAhead();
      yield chunk;
    }
  } finally {
    await next?.catch(() => undefined);
    await file.close();
  }
}

async function readPart(
  file: FileHandle,
  path: string,
  buffer: Buffer,
  offset: number,
  size: number,
): Promise<Uint8Array> {
  let bytesRead: number;
  try {
    ({ bytesRead } = await file.read(buffer, 0, size, offset));
  } catch (cause) {
    throw new PlombeError('source/unreadable', `${inert(path)} could not be read at byte ${offset}.`, { cause });
  }
  if (bytesRead === 0)
    throw new PlombeError('archive/corrupt', `${inert(path)} ended while it was read, at byte ${offset}.`);
  return buffer.subarray(0, bytesRead);
}

// A file into an object store, in parts of which a few are under way at once: bounded memory, however many files and however large.
import { open, type FileHandle } from 'node:fs/promises';
import { kibibyte, mebibyte } from '@plombe/kit';
import type { ObjectStore, PartedUpload } from './object-store.ts';

/** S3 takes no part below 5 MiB but the last; a part is what is sent again after a failure. */
const partBytes = 8 * mebibyte;
/** S3 takes 10,000 parts, Azure 50,000. */
const maxParts = 10_000;
/** Of all files together, 32 MiB; four connections fill the line to a region that is near. */
const partsAtOnce = 4;
/** Files up to here do not wait for a buffer: most blobs are configs and manifests, and take one round trip. */
const smallBytes = 256 * kibibyte;

const waiting: (() => void)[] = [];
const free: Buffer[] = [];
let taken = 0;

/**
 * Stores the file under the name. Files of one part are put whole; others become visible by the last call, after all their parts arrived. Throws
 * what the store throws, and leaves nothing under the name then.
 */
export async function sendParts(objects: ObjectStore, name: string, path: string, sizeBytes: number): Promise<void> {
  const file = await open(path, 'r');
  try {
    if (sizeBytes <= smallBytes) {
      const bytes = new Uint8Array(sizeBytes);
      await readWhole(file, bytes, 0);
      return await objects.put(name, bytes);
    }
    if (sizeBytes <= partBytes) {
      await withBuffer(partBytes, async (buffer) => {
        await readWhole(file, buffer.subarray(0, sizeBytes), 0);
        await objects.put(name, buffer.subarray(0, sizeBytes));
      });
      return;
    }
    const size = partSize(sizeBytes);
    const upload = await objects.begin(name, sizeBytes, size);
    try {
      const count = Math.ceil(sizeBytes / size);
      await addAll(upload, file, { sizeBytes, size, count });
      await upload.complete(count);
    } catch (error) {
      await upload.abort();
      throw error;
    }
  } finally {
    await file.close();
  }
}

interface Cut {
  readonly sizeBytes: number;
  readonly size: number;
  readonly count: number;
}

/** Each of a few workers takes the next part until there is none or one failed; resolves or rejects when none works any more. */
async function addAll(upload: PartedUpload, file: FileHandle, { sizeBytes, size, count }: Cut): Promise<void> {
  let next = 0;
  let hasFailed = false;
  const work = async (): Promise<void> => {
    while (next < count && !hasFailed) {
      const index = next;
      next += 1;
      try {
        await withBuffer(size, async (buffer) => {
          const bytes = buffer.subarray(0, Math.min(size, sizeBytes - index * size));
          await readWhole(file, bytes, index * size);
          await upload.add({ index, bytes });
        });
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(partsAtOnce, count) }, work));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Larger parts where the file has too many otherwise: from 78 GiB on. */
function partSize(sizeBytes: number): number {
  return Math.max(partBytes, Math.ceil(sizeBytes / maxParts / mebibyte) * mebibyte);
}

/** Buffers of the usual size are used again. */
async function withBuffer(size: number, work: (buffer: Buffer) => Promise<void>): Promise<void> {
  if (taken >= partsAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else taken += 1;
  const buffer = (size === partBytes ? free.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
  let isDone = false;
  try {
    await work(buffer);
    isDone = true;
  } finally {
    // After a failure a request may still read from it.
    if (isDone && size === partBytes) free.push(buffer);
    const next = waiting.shift();
    if (next === undefined) {
      taken -= 1;
      // Nothing waits: most servers are idle most of the time.
      if (taken === 0) free.length = 0;
    } else next();
  }
}

async function readWhole(file: FileHandle, buffer: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < buffer.length;) {
    const { bytesRead } = await file.read(buffer, at, buffer.length - at, position + at);
    if (bytesRead === 0) throw new Error('The upload is shorter than it was.');
    at += bytesRead;
  }
}

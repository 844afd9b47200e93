// Bytes that can be read anywhere: what a zip archive needs, because its directory is at the end.
import { PlombeError } from '@plombe/kit';
import type { FileHandle } from 'node:fs/promises';

/** A file of known size. `read` answers exactly `length` bytes, which the caller must not change. */
export interface RandomAccess {
  readonly sizeBytes: number;
  /** Throws `archive/corrupt` where the range is not inside the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Reads from bytes in memory, without a copy. */
export function accessBytes(bytes: Uint8Array): RandomAccess {
  return {
    sizeBytes: bytes.length,
    async read(offset, length) {
      if (!inside(offset, length, bytes.length)) throw outOfRange(offset, length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** Reads from an open file; the caller keeps it open and closes it. */
export async function accessFile(handle: FileHandle): Promise<RandomAccess> {
  const { size } = await handle.stat();
  return {
    sizeBytes: size,
    async read(offset, length) {
      if (!inside(offset, length, size)) throw outOfRange(offset, length);
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw outOfRange(offset, length);
        done += bytesRead;
      }
      return bytes;
    },
  };
}

function inside(offset: number, length: number, size: number): boolean {
  return (
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset + length <= size
  );
}

function outOfRange(offset: number, length: number): PlombeError {
  return new PlombeError('archive/corrupt', `The file ends before the ${length} bytes at ${offset}.`);
}

// Reading forward through an archive: by position in a plain file, or through a decompressed stream.
import type { FileHandle } from 'node:fs/promises';
import { PlombeError } from '@plombe/kit';

/** A forward reader. `offset` counts decompressed bytes from the start. */
export interface Cursor {
  readonly offset: number;
  /** Returns exactly `size` bytes, valid until the next call, or undefined where the archive ends before them. */
  take(size: number): Promise<Buffer | undefined>;
  /** Goes forward; throws `archive/corrupt` where the archive ends before. */
  skip(size: number): Promise<void>;
}

/** Reads a plain file; skipping costs nothing. */
export function fileCursor(file: FileHandle, fileBytes: number): Cursor {
  let offset = 0;
  return {
    get offset() {
      return offset;
    },
    take: async (size) => {
      if (offset + size > fileBytes) return undefined;
      const buffer = Buffer.allocUnsafe(size);
      const { bytesRead } = await file.read(buffer, 0, size, offset);
      offset += bytesRead;
      return bytesRead === size ? buffer : undefined;
    },
    skip: async (size) => {
      offset += size;
      if (offset > fileBytes) throw truncated(offset);
    },
  };
}

/** Reads a stream of chunks; skipped bytes are decompressed and dropped. */
export function streamCursor(chunks: AsyncIterator<Uint8Array>): Cursor {
  let offset = 0;
  let rest: Uint8Array = new Uint8Array();
  const refill = async (): Promise<boolean> => {
    while (rest.length === 0) {
      const next = await chunks.next();
      if (next.done) return false;
      rest = next.value;
    }
    return true;
  };
  return {
    get offset() {
      return offset;
    },
    take: async (size) => {
      const buffer = Buffer.allocUnsafe(size);
      for (let done = 0; done < size;) {
        if (!(await refill())) return undefined;
        const part = rest.subarray(0, size - done);
        buffer.set(part, done);
        done += part.length;
        offset += part.length;
        rest = rest.subarray(part.length);
      }
      return buffer;
    },
    skip: async (size) => {
      for (let left = size; left > 0;) {
        if (!(await refill())) throw truncated(offset + left);
        const step = Math.min(left, rest.length);
        left -= step;
        offset += step;
        rest = rest.subarray(step);
      }
    },
  };
}

function truncated(wanted: number): PlombeError {
  return new PlombeError('archive/corrupt', `The archive ends before byte ${wanted}, where its next entry should be.`);
}

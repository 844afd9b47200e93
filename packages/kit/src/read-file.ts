// Reads a file whole, but never more of it than its reader takes.
import { closeSync, openSync, readSync } from 'node:fs';
import { chunkBytes } from './limits.ts';

/** Returns the bytes of a file. Throws `RangeError` where there are more than `maxBytes`, which a pipe or device says only on the way, and the system's error. */
export function readBounded(path: string, maxBytes: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let total = 0; ;) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, maxBytes - total + 1));
      const read = readSync(file, chunk);
      if (read === 0) return Buffer.concat(chunks);
      total += read;
      if (total > maxBytes) throw new RangeError(`it is larger than ${maxBytes} bytes`);
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}

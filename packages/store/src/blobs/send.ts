// A file into a stream through two buffers that are used again: a third of the work of a read stream, whose buffers are new each time.
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { kibibyte } from '@plombe/kit';
import type { ByteRange } from './blob-store.ts';

/** More gains nothing on a loopback connection, and each reader holds two. */
const bufferBytes = 256 * kibibyte;
/** Kept between requests: 8 MiB. */
const maxFree = 32;
const free: Buffer[] = [];

/** Writes the part of the file. Throws where the file is shorter or the stream is closed. */
export async function sendFile(path: string, { start, end }: ByteRange, out: Writable): Promise<void> {
  const file = await open(path, 'r');
  const buffers = [
    free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes),
    free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes),
  ];
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => undefined);
  const onClose = (): void => closed.reject(new Error('The connection was closed.'));
  out.once('close', onClose);
  let writing: Promise<void> = Promise.resolve();
  let isDone = false;
  try {
    for (let at = start, turn = 0; at <= end; turn ^= 1) {
      const buffer = buffers[turn] as Buffer;
      // The other buffer is being written meanwhile; this one was written before that.
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - at + 1), at);
      if (bytesRead === 0) throw new Error('The blob is shorter than it should be.');
      await Promise.race([writing, closed.promise]);
      const piece = buffer.subarray(0, bytesRead);
      writing = new Promise((resolve, reject) => {
        out.write(piece, (error) => (error ? reject(error) : resolve()));
      });
      writing.catch(() => undefined);
      at += bytesRead;
    }
    await Promise.race([writing, closed.promise]);
    isDone = true;
  } finally {
    out.removeListener('close', onClose);
    await file.close();
    // After a failure the system may still read from them.
    if (isDone) free.push(...buffers.slice(0, Math.max(0, maxFree - free.length)));
  }
}

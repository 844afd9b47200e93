// A file while it is written: read up to its end again and again, until whoever writes it says that this is all.
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { kibibyte } from '@plombe/kit';

/** What is known of the writer. */
export interface Writer {
  state: 'writing' | 'complete' | 'abandoned';
}

const readBytes = 512 * kibibyte;
/** A line of 80 MB/s brings 400 KiB in this time. */
const pollMs = 5;
/** A client that sends nothing for so many looks keeps no place that others could use; its layer is read when it is there. */
const maxIdleLooks = 2000;

/** Yields the bytes as they come; ends where the writer is complete, and throws where it gave up, stands still or the file is not there. */
export async function* growingFile(path: string, writer: Writer, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    for (let at = 0, idle = 0; ;) {
      signal.throwIfAborted();
      // Before the read: what is written after it is still to come.
      const { state } = writer;
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(readBytes), 0, readBytes, at);
      at += bytesRead;
      idle = bytesRead > 0 ? 0 : idle + 1;
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      else if (state === 'complete') return;
      else if (state === 'abandoned') throw new Error('the upload was given up');
      else if (idle > maxIdleLooks) throw new Error('the upload stands still');
      else await sleep(pollMs, undefined, { signal });
    }
  } finally {
    await file.close();
  }
}

/** Bytes that tell a layer from anything else: the magic of tar is at 257. */
const headBytes = 512;

/** Gives the source back where it begins like a tar, compressed or not; undefined where it is something else. */
export async function layerSource(source: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array> | undefined> {
  const iterator = source[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < headBytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    first.push(next.value);
    length += next.value.length;
    if (length >= 4 && isPacked(first)) break;
  }
  const head = Buffer.concat(first);
  if (!isPacked(first) && head.subarray(257, 262).toString('latin1') !== 'ustar') {
    await iterator.return?.();
    return undefined;
  }
  return resumed(head, iterator);
}

/** gzip (RFC 1952) or zstd (RFC 8878). */
function isPacked(pieces: readonly Uint8Array[]): boolean {
  const [a, b, c, d] = Buffer.concat(pieces.slice(0, 4)).subarray(0, 4);
  return (a === 0x1f && b === 0x8b) || (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd);
}

async function* resumed(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

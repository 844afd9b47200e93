// Hands the bytes of one file of this machine to a sink, without ever opening anything but the file that was looked at.
import { closeSync, constants, fstatSync, openSync, readSync, readlinkSync, type Stats } from 'node:fs';
import type { ContentSink } from '@plombe/model';

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Writes at most `seen.size` bytes of a regular file to the sink, yielding before each chunk. Returns undefined, or why the
 * file could not be read; then the sink is not ended. O_NOFOLLOW, the inode and the opened path are checked, so that a file or
 * folder swapped for a link while the walk is under way is not followed (T02).
 */
export function* feedFile(
  path: string | Buffer,
  seen: Stats,
  sink: ContentSink,
  buffer: Uint8Array,
): Generator<number, string | undefined> {
  const fd = openSync(path, flags);
  try {
    const opened = fstatSync(fd);
    if (!opened.isFile() || opened.ino !== seen.ino || opened.dev !== seen.dev || !isOpenAt(fd, path)) {
      return 'was replaced while it was read';
    }
    for (let done = 0; done < seen.size;) {
      const size = readSync(fd, buffer, 0, Math.min(buffer.length, seen.size - done), null);
      if (size === 0) break;
      done += size;
      yield size;
      if (!sink.write(buffer.subarray(0, size))) break;
    }
  } finally {
    closeSync(fd);
  }
  sink.end();
  return undefined;
}

/** True where the kernel says the open file is at this path, or cannot say (no /proc). */
function isOpenAt(fd: number, path: string | Buffer): boolean {
  let actual: Buffer;
  try {
    actual = readlinkSync(`/proc/self/fd/${fd}`, 'buffer');
  } catch {
    return true;
  }
  return actual.equals(typeof path === 'string' ? Buffer.from(path) : path);
}

// Which shards were found whole, and how their files looked then: to hash a hundred megabytes at every scan costs more than the scan.
import { readFileSync, statSync, writeFileSync } from 'node:fs';

/** Beside a shard: the state of its file when its digest was last compared. */
export const stampSuffix = '.verified';

/** Inode, size and both times in nanoseconds: nothing changes the bytes of a file and leaves its change time. A copy has another stamp. */
function stampOf(path: string): string {
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return `${ino}:${size}:${mtimeNs}:${ctimeNs}\n`;
}

/** True where the file is as it was when its digest was compared. Anything else means: compare it. */
export function isStamped(path: string): boolean {
  try {
    return readFileSync(`${path}${stampSuffix}`, 'utf8') === stampOf(path);
  } catch {
    return false;
  }
}

/** Notes that the file's digest was compared and right. Where that cannot be written, the next scan compares it again. */
export function stamp(path: string): void {
  try {
    writeFileSync(`${path}${stampSuffix}`, stampOf(path));
  } catch {
    // Nothing is lost but time.
  }
}

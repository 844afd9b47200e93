// Which compression a stream has, told by its first bytes and never by a media type or a file name.

/** A compression Plombe knows by name; only `none`, `gzip`, `zstd`, `bzip2` and `xz` can be read. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2' | 'lz4' | 'lzip' | 'compress';

/** Bytes that `detectCompression` needs to be sure; fewer are enough only at the end of a stream. */
export const magicBytes = 10;

const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['lzip', [0x4c, 0x5a, 0x49, 0x50, 0x01]],
  ['compress', [0x1f, 0x9d]],
];

/** What follows the header of a bzip2 stream: a block, or in an empty one the end. */
const bzip2Marks: readonly (readonly number[])[] = [
  [0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
  [0x17, 0x72, 0x45, 0x38, 0x50, 0x90],
];

/**
 * Returns the compression of a stream that starts with `head` (RFC 1952, RFC 8878 and the formats' own documents). bzip2 is told by
 * its block magic too, because a tar may well begin with a file called `BZh9`. Anything unknown is `none`.
 */
export function detectCompression(head: Uint8Array): Compression {
  for (const [format, magic] of magics) {
    if (startsWith(head, magic)) return format;
  }
  if (isSkippableZstd(head)) return 'zstd';
  if (startsWith(head, [0x42, 0x5a, 0x68]) && bzip2Marks.some((mark) => startsWith(head.subarray(4), mark))) {
    return 'bzip2';
  }
  return 'none';
}

function isSkippableZstd(head: Uint8Array): boolean {
  return ((head[0] ?? 0) & 0xf0) === 0x50 && startsWith(head.subarray(1), [0x2a, 0x4d, 0x18]);
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

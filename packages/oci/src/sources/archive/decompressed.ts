// The decompressed bytes of an archive file.
import type { OpenOptions } from '@plombe/model';
import { decompress } from '@plombe/formats';
import { defaultLayerLimits, inert } from '@plombe/kit';
import { readFileBytes } from './file-bytes.ts';

/**
 * Streams a file decompressed; a chunk is valid until the next is asked for. Throws `archive/unsupported` for anything but gzip, zstd
 * and none, `archive/corrupt` for a damaged stream and `archive/limit` for a bomb (T05), by the limits of a layer.
 */
export function readDecompressed(path: string, { signal }: OpenOptions): AsyncGenerator<Uint8Array> {
  return decompress(readFileBytes(path, { signal }), { signal, limits: defaultLayerLimits, subject: inert(path) });
}

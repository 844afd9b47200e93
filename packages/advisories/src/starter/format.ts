// The starter database: shards compressed with zstd beside an ordinary manifest, small enough to ship with the program.
import { expandZstd } from '@plombe/formats';
import { constants, zstdCompressSync } from 'node:zlib';
import type { ShardRecord } from '../database/manifest.ts';

/** Returns the file name of a shard in the starter's folder. */
export function packedName(shard: Pick<ShardRecord, 'id'>): string {
  return `${shard.id}.sqlite.zst`;
}

/** Level 19, the highest that needs no more memory to read than the default; it is made once and shipped often. */
const level = 19;

/** Compresses a shard. */
export function packShard(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, {
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
}

/**
 * Restores a shard in chunks, each valid until the next is asked for. Throws `archive/limit` where it is larger than its record says (T05) and
 * `archive/corrupt`.
 */
export function unpackShard(packed: Uint8Array, shard: Pick<ShardRecord, 'bytes'>): Generator<Uint8Array> {
  return expandZstd(packed, shard.bytes);
}

// The starter database: shards compressed with zstd beside an ordinary manifest, small enough to ship with the program.
import { expandZstdPieces } from '@plombe/formats';
import { constants, zstdCompressSync } from 'node:zlib';
import type { ShardRecord } from '../database/manifest.ts';

/** Returns the file name of a shard in the starter's folder. */
export function packedName(shard: Pick<ShardRecord, 'id'>): string {
  return `${shard.id}.sqlite.zst`;
}

/** Slow to pack, as quick to unpack as any: it is made once and shipped often. */
const level = 19;
/** Whoever unpacks holds the window. 512 KiB cost 3 % more bytes than the 8 MiB of this level. */
const windowLog = 19;

/** Compresses a shard. */
export function packShard(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, {
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: windowLog,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
}

/**
 * Restores a shard of pieces in chunks, each valid until the next is asked for. Throws `archive/limit` where it is larger than its record says (T05) and
 * `archive/corrupt`; that it is whole, its digest tells.
 */
export function unpackShard(packed: Iterable<Uint8Array>, shard: Pick<ShardRecord, 'bytes'>): Generator<Uint8Array> {
  return expandZstdPieces(packed, shard.bytes);
}

// Bytes of the manifests asked for last. They never change under their digest.
import type { Digest } from '@plombe/model';
import { kibibyte, mebibyte } from '@plombe/kit';

/** Thousands of usual manifests, which have some kilobytes. */
const cacheBytes = 8 * mebibyte;
/** Larger ones would push out too many others. */
const entryBytes = 256 * kibibyte;

export interface ByteCache {
  get(digest: Digest): Uint8Array | undefined;
  set(digest: Digest, bytes: Uint8Array): void;
}

/** Creates a cache that forgets what was not asked for longest. */
export function byteCache(): ByteCache {
  const entries = new Map<Digest, Uint8Array>();
  let held = 0;
  const forget = (digest: Digest): void => {
    held -= entries.get(digest)?.length ?? 0;
    entries.delete(digest);
  };
  return {
    get: (digest) => {
      const bytes = entries.get(digest);
      if (bytes === undefined) return undefined;
      entries.delete(digest);
      entries.set(digest, bytes);
      return bytes;
    },
    set: (digest, bytes) => {
      if (bytes.length > entryBytes) return;
      forget(digest);
      entries.set(digest, bytes);
      held += bytes.length;
      for (const oldest of entries.keys()) {
        if (held <= cacheBytes) break;
        forget(oldest);
      }
    },
  };
}

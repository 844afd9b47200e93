// A layer read before its image is known: the record goes into the cache, where the inventory of every image with that layer finds it.
import { distributionInterest } from '@plombe/catalogers';
import { defaultLayerLimits } from '@plombe/kit';
import type { Context, Digest } from '@plombe/model';
import { interestsKey } from '../cache/codec.ts';
import { openCacheFiles, type CacheOptions } from '../cache/files.ts';
import { layerCacheIn } from '../cache/layer-cache.ts';
import { collectLayer } from '../collect/layer.ts';
import { catalogersOfImages } from './declared.ts';

/** Reads layers one after the other into one cache. */
export interface LayerReader {
  /** Returns the digest of the bytes read, where a record of all of them is in the cache. Throws what the source throws. */
  read(source: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Digest | undefined>;
}

/** Opens the cache of `buildInventory`. */
export function layersAhead(options: CacheOptions, ctx: Context): LayerReader {
  const interests = [distributionInterest, ...catalogersOfImages];
  const cache = layerCacheIn(openCacheFiles(options, ctx), interestsKey(interests));
  return {
    read: async (source, signal) => {
      const layer = { index: 0, mediaType: '', content: { kind: 'tar', open: () => source } } as const;
      const record = await collectLayer(layer, { interests, limits: defaultLayerLimits, signal });
      if (!record.complete || record.diffID === undefined) return undefined;
      await cache.save(record.diffID, record);
      return record.digest;
    },
  };
}

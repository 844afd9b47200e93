// Layers read before their image is known: the inventory of an image that has them finds their records at hand, or in the cache.
import { catalogers, distributionInterest } from '@plombe/catalogers';
import { defaultLayerLimits } from '@plombe/kit';
import type { Context, Digest, Image, Inventory } from '@plombe/model';
import { interestsKey } from '../cache/codec.ts';
import { openCacheFiles, type CacheOptions } from '../cache/files.ts';
import { layerCacheIn, type LayerCache } from '../cache/layer-cache.ts';
import { collectLayer } from '../collect/layer.ts';
import type { LayerRecord } from '../collect/record.ts';
import { cachedInventory } from './inventory.ts';

/** A layer that was read whole. */
export interface LayerAhead {
  /** Digest of the bytes read. */
  readonly digest: Digest;
  /** Writes the record into the cache, for other processes to find; until then it is at hand here. Once only; never rejects. */
  keep(): Promise<void>;
}

/** Reads layers one after the other, and images of them, with one cache. */
export interface LayerReader {
  /** Returns nothing where the layer could not be read whole. Throws what the source throws. */
  read(source: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<LayerAhead | undefined>;
  /** As `buildInventory`, but leaves it to the caller when the inventory is written into the cache. `keep` never rejects. */
  inventory(image: Image): Promise<{ readonly inventory: Inventory; keep(): Promise<void> }>;
}

/** Opens the cache of `buildInventory`. */
export function layersAhead(options: CacheOptions, ctx: Context): LayerReader {
  const interests = [distributionInterest, ...catalogers];
  const limits = defaultLayerLimits;
  const files = openCacheFiles(options, ctx);
  const key = interestsKey(interests);
  const stored = layerCacheIn(files, key);
  /** Records that are not written yet. */
  const atHand = new Map<Digest, LayerRecord>();
  const cache: LayerCache = { ...stored, load: async (diffID) => atHand.get(diffID) ?? stored.load(diffID) };
  return {
    read: async (source, signal) => {
      const layer = { index: 0, mediaType: '', content: { kind: 'tar', open: () => source } } as const;
      const record = await collectLayer(layer, { interests, limits, signal });
      const { complete, diffID, digest } = record;
      if (!complete || diffID === undefined || digest === undefined) return undefined;
      atHand.set(diffID, record);
      let kept: Promise<void> | undefined;
      const save = async (): Promise<void> => {
        await cache.save(diffID, record);
        if (atHand.get(diffID) === record) atHand.delete(diffID);
      };
      return { digest, keep: async () => (kept ??= save()) };
    },
    inventory: (image) => {
      const reading = { interests, limits };
      return cachedInventory(image, { chosen: catalogers, declared: 'auto', reading, files, key, cache }, ctx);
    },
  };
}

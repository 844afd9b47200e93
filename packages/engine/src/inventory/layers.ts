// Reads the layers of an image, several at once, from the cache where it has them.
import type { FileInterest } from '@plombe/catalogers';
import type { LayerLimits } from '@plombe/kit';
import type { Context, Image, ImageLayer } from '@plombe/model';
import type { LayerCache } from '../cache/layer-cache.ts';
import { Budget } from '../collect/budget.ts';
import type { LayerRecord } from '../collect/record.ts';

export interface ReadLayersOptions {
  readonly interests: readonly FileInterest[];
  readonly limits: LayerLimits;
  readonly cache?: LayerCache;
  /** True: layers may be read by their tables of contents, where the manifest vouches for them. Default false: all is read and verified. */
  readonly lazily?: boolean;
  /** Layers read at the same time. Two keep both the thread pool and this thread busy; more only cost memory. */
  readonly concurrency?: number;
}

/**
 * Returns one record per layer, bottom first. The first source failure ends the others and is thrown: half an image is not an
 * image. Failures inside a layer are in its record.
 */
export async function readLayers(
  image: Image,
  options: ReadLayersOptions,
  ctx: Context,
): Promise<readonly LayerRecord[]> {
  const records: LayerRecord[] = [];
  const budget = new Budget(options.limits);
  const failure = new AbortController();
  const signal = AbortSignal.any([ctx.signal, failure.signal]);
  // The largest first, so that the last one to end is a small one.
  const queue = [...image.layers].sort((a, b) => (b.sizeBytes ?? 0) - (a.sizeBytes ?? 0));
  const work = async (): Promise<void> => {
    for (let layer = queue.shift(); layer !== undefined; layer = queue.shift()) {
      signal.throwIfAborted();
      records[layer.index] = await readOne(layer, options, budget, { ...ctx, signal });
    }
  };
  const workers = Array.from({ length: Math.min(options.concurrency ?? 2, queue.length) }, async () => {
    try {
      await work();
    } catch (thrown) {
      failure.abort(thrown);
      throw thrown;
    }
  });
  const outcomes = await Promise.allSettled(workers);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failure.signal.reason ?? failed.reason;
  return records;
}

async function readOne(
  layer: ImageLayer,
  options: ReadLayersOptions,
  budget: Budget,
  ctx: Context,
): Promise<LayerRecord> {
  const { diffID } = layer;
  const cached = await cachedRecord(layer, options);
  if (cached !== undefined && budget.takeRecord(cached)) return cached;
  // What reads archives is loaded where a layer is read: most scans of a pipeline find theirs in the cache.
  const { collectLayer, overBudgetRecord } = await import('../collect/layer.ts');
  if (cached !== undefined) return overBudgetRecord(layer, cached);
  const task = `layer ${layer.index + 1}`;
  const total = layer.sizeBytes === undefined ? {} : { totalBytes: layer.sizeBytes };
  const record = await collectLayer(layer, {
    interests: options.interests,
    limits: options.limits,
    budget,
    lazily: options.lazily ?? false,
    signal: ctx.signal,
    onProgress: (doneBytes) => ctx.progress?.({ task, doneBytes, ...total }),
  });
  ctx.progress?.({ task, doneBytes: layer.sizeBytes ?? 0, ...total, finished: true });
  const [toc] = record.tocs ?? [];
  if (record.lazy === true && toc !== undefined) await options.cache?.saveByToc(toc, record);
  else if (diffID !== undefined && layer.content.kind === 'tar') await options.cache?.save(diffID, record);
  return record;
}

/** A record of these stored bytes that knows the tables of contents which the layer's manifest names. */
async function cachedRecord(layer: ImageLayer, { cache, lazily }: ReadLayersOptions): Promise<LayerRecord | undefined> {
  const { diffID, digest, tocs = [] } = layer;
  // Another digest: the same content stored in another way, or a config that names the diffID of another layer. Only reading tells.
  const answers = (record: LayerRecord | undefined): record is LayerRecord =>
    record !== undefined &&
    (digest === undefined || digest === record.digest) &&
    tocs.every((toc) => record.tocs?.includes(toc.digest) === true);
  const whole = diffID === undefined ? undefined : await cache?.load(diffID);
  if (answers(whole)) return whole;
  const [toc] = tocs;
  if (lazily !== true || toc === undefined || tocs.length > 1) return undefined;
  const lazy = await cache?.loadByToc(toc.digest);
  return answers(lazy) ? lazy : undefined;
}

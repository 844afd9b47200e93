// The inventory of an image: layers read, catalogers run, packages placed.
import { catalogers, detectDistribution, distributionInterest, type Cataloger } from '@plombe/catalogers';
import { by, defaultLayerLimits, maskCredentials, type LayerLimits } from '@plombe/kit';
import {
  isSystemType,
  type Context,
  type Diagnostic,
  type Image,
  type Inventory,
  type InventorySubject,
  type LayerSummary,
} from '@plombe/model';
import { interestsKey } from '../cache/codec.ts';
import { openCacheFiles, type CacheFiles } from '../cache/files.ts';
import { inventoryName, loadInventory, saveInventory } from '../cache/inventory-cache.ts';
import { layerCacheIn, type LayerCache } from '../cache/layer-cache.ts';
import type { LayerRecord } from '../collect/record.ts';
import { MergedFiles } from '../merge/merge.ts';
import { catalogImage, type Cataloged } from './catalog.ts';
import { catalogersFor, settle, type DeclaredChoice } from './declared.ts';
import type { Exclusion } from './exclude.ts';
import { readLayers, type ReadLayersOptions } from './layers.ts';
import { maskedConfig } from './masked.ts';
import { assemblePackages } from './packages.ts';

export interface InventoryOptions {
  /** Folder of the layer cache; absent: none is used. */
  readonly cacheDirectory?: string;
  readonly cacheMaxBytes?: number;
  readonly limits?: LayerLimits;
  readonly catalogers?: readonly Cataloger[];
  /** Whether lock files and manifests are read; default: `auto`, in source trees. */
  readonly declared?: DeclaredChoice;
  readonly concurrency?: number;
  /** `auto`: layers with a table of contents that the manifest vouches for may be read by it. Default `full`: every byte is read and verified. */
  readonly verify?: 'auto' | 'full';
  /** Only what the distribution's package manager installed: the inventory is not complete, and says so. */
  readonly onlySystem?: boolean;
  /** Files that are not looked at: the inventory is not complete where there are any, and says so. */
  readonly exclusion?: Exclusion;
}

/** Reads the image and returns what is in it. Throws only where the source fails or the signal aborts. */
export async function buildInventory(image: Image, options: InventoryOptions, ctx: Context): Promise<Inventory> {
  if (options.onlySystem !== true) return readInventory(image, options, ctx);
  const system = (options.catalogers ?? catalogers).filter(({ owner }) => owner);
  return ofSystemOnly(await readInventory(image, { ...options, catalogers: system }, ctx));
}

/** Whoever asked for less than there is must not read a zero as more than it is. */
function ofSystemOnly(inventory: Inventory): Inventory {
  const message = "Only packages of the distribution were looked for (--packages system); applications' were not.";
  const note: Diagnostic = { code: 'package/only-system', level: 'warning', message };
  return { ...inventory, complete: false, diagnostics: [note, ...inventory.diagnostics] };
}

async function readInventory(image: Image, options: InventoryOptions, ctx: Context): Promise<Inventory> {
  const declared = options.declared ?? 'auto';
  const chosen = options.catalogers ?? (await catalogersFor(image, declared));
  const interests = [distributionInterest, ...chosen];
  const limits = options.limits ?? defaultLayerLimits;
  const reading = {
    interests,
    limits,
    lazily: options.verify === 'auto',
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
  };
  if (options.cacheDirectory === undefined) {
    return inventoryOf(image, await readLayers(image, reading, ctx), chosen, declared, options.exclusion);
  }
  const { cacheDirectory: directory, cacheMaxBytes: maxBytes } = options;
  const files = openCacheFiles({ directory, ...(maxBytes === undefined ? {} : { maxBytes }) }, ctx);
  const key = interestsKey(interests);
  const caching = { files, key, cache: layerCacheIn(files, key) };
  if (options.exclusion !== undefined) {
    // Layers are the same for whoever asks; the inventory is not.
    const cache = layerCacheIn(files, key);
    return inventoryOf(image, await readLayers(image, { ...reading, cache }, ctx), chosen, declared, options.exclusion);
  }
  const made = await cachedInventory(image, { chosen, declared, reading, ...caching }, ctx);
  await made.keep();
  return made.inventory;
}

interface CachedInventoryOptions {
  readonly chosen: readonly Cataloger[];
  readonly declared: DeclaredChoice;
  readonly reading: ReadLayersOptions;
  readonly files: CacheFiles;
  /** From `interestsKey`. */
  readonly key: string;
  readonly cache: LayerCache;
}

/** As `buildInventory`, with the inventory in hand before it is in the cache, where `keep` writes it. It never rejects. */
export async function cachedInventory(
  image: Image,
  { chosen, declared, reading, files, key, cache }: CachedInventoryOptions,
  ctx: Context,
): Promise<{ readonly inventory: Inventory; keep(): Promise<void> }> {
  const name = inventoryName(image, {
    catalogers: chosen,
    key,
    limits: reading.limits,
    lazily: reading.lazily ?? false,
  });
  const known = name === undefined ? undefined : await loadInventory(files, name);
  if (known !== undefined) {
    const keep = async (): Promise<void> => {
      await Promise.all(known.layers.map(async ({ diffID }) => diffID !== undefined && cache.touch(diffID)));
    };
    return { inventory: { ...headOf(image), ...known }, keep };
  }
  const inventory = inventoryOf(image, await readLayers(image, { ...reading, cache }, ctx), chosen, declared);
  const keeps = name !== undefined && inventory.complete;
  return { inventory, keep: async () => (keeps ? saveInventory(files, name, inventory) : undefined) };
}

/** Makes the inventory of records already read: pure, and the same for records from the cache. */
export function inventoryOf(
  image: Image,
  records: readonly LayerRecord[],
  chosen: readonly Cataloger[],
  declared: DeclaredChoice = 'auto',
  exclusion?: Exclusion,
): Inventory {
  const excluded = exclusion?.open();
  const isHidden = excluded === undefined ? undefined : (path: string): boolean => excluded.hides(path);
  const layers = image.layers.map((layer): LayerSummary => {
    const { index, mediaType, sizeBytes, createdBy } = layer;
    const record = records[index];
    const diffID = layer.diffID ?? record?.diffID;
    const digest = layer.digest ?? record?.digest;
    return {
      index,
      ...(diffID === undefined ? {} : { diffID }),
      ...(digest === undefined ? {} : { digest }),
      mediaType,
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
      ...(createdBy === undefined ? {} : { createdBy: maskCredentials(createdBy) }),
      complete: record?.complete ?? false,
    };
  });
  const files = new MergedFiles(distributionInterest.id);
  records.forEach((record, index) => files.apply(record, index));
  const { distribution, diagnostics: distributionNotes } = detectDistribution(files.view());
  const context = distribution === undefined ? {} : { distribution };
  const run = (cataloger: Cataloger): Cataloged & { readonly owner: boolean; readonly declares: boolean } => ({
    ...catalogImage(cataloger, records, context, isHidden),
    owner: cataloger.owner,
    declares: cataloger.declares === true,
  });
  const installed = chosen.filter(({ declares }) => declares !== true).map(run);
  const isRoot =
    distribution !== undefined ||
    installed.some(({ packages: own }) => own.some(({ found }) => isSystemType(found.type)));
  const declaring = settle(chosen, declared, isRoot, records);
  const results = [...installed, ...declaring.catalogers.map(run)];
  const systemNotes = unreadSystem(image);
  const packages = assemblePackages(results, { ...context, layers });
  const diagnostics: Diagnostic[] = [
    ...records.flatMap((record, layerIndex) => record.diagnostics.map((note) => ({ layerIndex, ...note }))),
    ...distributionNotes,
    ...systemNotes,
    ...declaring.left,
    ...(excluded?.diagnostics() ?? []),
    ...results.flatMap((result) => result.diagnostics),
  ];
  return {
    ...headOf(image),
    ...context,
    layers,
    packages,
    diagnostics: diagnostics.sort(
      by(
        (d) => d.layerIndex ?? -1,
        (d) => d.path ?? '',
        (d) => d.code,
        (d) => d.message,
      ),
    ),
    complete:
      systemNotes.length === 0 &&
      excluded?.any !== true &&
      layers.every((layer) => layer.complete) &&
      results.every((result) => result.complete),
  };
}

function headOf(image: Image): Pick<Inventory, 'subject' | 'config'> {
  return { subject: subjectOf(image), config: maskedConfig(image.config) };
}

/** Windows keeps its packages where no cataloger looks: what else is found in such an image is not the whole of it. */
function unreadSystem({ platform }: Image): Diagnostic[] {
  if (platform?.os !== 'windows') return [];
  const message =
    'The image is for windows, whose own packages Plombe does not read; only packages of applications are compared.';
  return [{ code: 'distribution/unknown', level: 'error', message }];
}

function subjectOf(image: Image): InventorySubject {
  const { subject, source, reference, digest, indexDigest, configDigest, platform } = image;
  return {
    name: subject,
    source,
    ...(reference === undefined ? {} : { reference }),
    ...(digest === undefined ? {} : { digest }),
    ...(indexDigest === undefined ? {} : { indexDigest }),
    ...(configDigest === undefined ? {} : { configDigest }),
    ...(platform === undefined ? {} : { platform }),
  };
}

// The cache of inventories: what the catalogers of these versions made of these layers, so that only an upgrade parses them again.
import { createHash } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import type { Cataloger } from '@plombe/catalogers';
import { chunkBytes, defaultLayerLimits, isObject, type LayerLimits } from '@plombe/kit';
import type { Image, Inventory } from '@plombe/model';
import { evidenceIn } from '../inventory/packages.ts';
import { pack, unseal } from './codec.ts';
import type { CacheFiles } from './files.ts';

/** Raise when merging, placing packages or their shape changes: older inventories are then made anew from the cached layers. */
const inventoryVersion = 7;
/** Ten thousand packages have some 10 MiB. */
const maxInflatedBytes = 256 * chunkBytes;

/** An inventory without what the image itself says. */
type CatalogedImage = Omit<Inventory, 'subject' | 'config'>;

interface Question {
  readonly catalogers: readonly Cataloger[];
  /** From `interestsKey`. */
  readonly key: string;
  readonly limits?: LayerLimits;
  /** Whether layers may have been read by their tables of contents only. */
  readonly lazily?: boolean;
}

/** Names the inventory of these layers by these catalogers; undefined where a layer has no digest that reading it would have verified. */
export function inventoryName(
  { layers, platform }: Image,
  { catalogers, key, limits, lazily = false }: Question,
): string | undefined {
  if (layers.length === 0 || layers.some(({ diffID, content }) => diffID === undefined || content.kind !== 'tar')) {
    return undefined;
  }
  const question = [
    inventoryVersion,
    key,
    catalogers.map(({ id, version }) => [id, version]),
    limits ?? defaultLayerLimits,
    platform?.os,
    layers.map(({ index, diffID, digest, mediaType, sizeBytes, createdBy }) => [
      index,
      diffID,
      digest,
      mediaType,
      sizeBytes,
      createdBy,
    ]),
    // What was read lazily is not believed where all is to be verified; and another table of contents is another layer to a lazy puller.
    ...(layers.some(({ tocs = [] }) => tocs.length > 0) ? [lazily, layers.map(({ tocs }) => tocs)] : []),
  ];
  return `${createHash('sha256').update(JSON.stringify(question)).digest('hex')}.inventory`;
}

/** Returns the inventory of that name; undefined where there is none. */
export async function loadInventory(files: CacheFiles, name: string): Promise<CatalogedImage | undefined> {
  return files.load(name, (bytes) => {
    const body = unseal(bytes);
    if (body === undefined) return undefined;
    try {
      const text = zstdDecompressSync(body, { maxOutputLength: maxInflatedBytes }).toString('utf8');
      const value = JSON.parse(text) as unknown;
      if (!isStored(value)) return undefined;
      const evidenceAt = evidenceIn(value.layers);
      const packages = value.packages.map((found) => ({ ...found, evidence: found.evidence.map(evidenceAt) }));
      return { ...value, packages };
    } catch {
      return undefined;
    }
  });
}

/** Keeps an inventory that is complete. Of evidence only path and layer are written: the rest is the layer's. */
export async function saveInventory(files: CacheFiles, name: string, inventory: Inventory): Promise<void> {
  await files.save(name, pack(textOf(inventory)));
}

/** JSON package by package: the whole text beside the inventory would cost the memory of another. */
function* textOf(inventory: Inventory): Generator<Uint8Array> {
  const { distribution, layers, packages, diagnostics, complete } = inventory;
  yield Buffer.from(`${JSON.stringify({ distribution, layers, diagnostics, complete }).slice(0, -1)},"packages":[`);
  for (const [index, found] of packages.entries()) {
    const evidence = found.evidence.map(({ path, layerIndex }) => ({ path, layerIndex }));
    yield Buffer.from(`${index === 0 ? '' : ','}${JSON.stringify({ ...found, evidence })}`);
  }
  yield Buffer.from(']}');
}

function isStored(value: unknown): value is CatalogedImage {
  // The seal proves that this program wrote it; only the outline is checked.
  return isObject(value) && Array.isArray(value['packages']) && Array.isArray(value['layers']);
}

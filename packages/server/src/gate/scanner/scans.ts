// Inventories of stored images: layers are read while they are uploaded, so that at the manifest little is left to do.
import type { Context, Digest, Inventory } from '@plombe/model';
import { buildInventory, type InventoryOptions } from '@plombe/engine';
import { isPlombeError } from '@plombe/kit';
import { maxConfigBytes, openRegistryImage, requireImage, type ImageReference, type RegistryClient } from '@plombe/oci';
import type { GrowingBlob } from '../../registry/ports.ts';
import { openScannerPool, type PoolOptions, type ReadLayer, type ScannerPool } from './pool.ts';

/** Where records are kept, and who makes them. */
export interface ScansOptions {
  readonly cache: Required<Pick<InventoryOptions, 'cacheDirectory'>> & Pick<InventoryOptions, 'cacheMaxBytes'>;
  /** Absent: in this process, and nothing ahead. */
  readonly pool?: PoolOptions;
  /** The file of a stored blob; undefined where it is in none. */
  blobPath?(digest: Digest): string | undefined;
  /** Makes the files of blobs that lie elsewhere. False: all were there. */
  fetchBlobs?(repository: string, digests: readonly Digest[]): Promise<boolean>;
  /** The files of `fetchBlobs` are needed no more. */
  releaseBlobs?(digests: readonly Digest[]): void;
}

export interface Scans {
  observe(blob: GrowingBlob): void;
  /** Makes the inventory of one image manifest. Throws `registry/…`, `source/…`, `archive/limit`. */
  inventory(reference: ImageReference & { readonly digest: Digest }, client: RegistryClient): Promise<Inventory>;
  /** Layers and images that scanners are at work on. */
  waiting(): number;
  close(): void;
}

/** A layer that came whole within this time is read at its manifest as fast. */
const worthMs = 25;

/** Opens the scans of one gate. */
export function openScans(options: ScansOptions, ctx: Context): Scans {
  const pool = options.pool === undefined ? undefined : openScannerPool(options.pool, ctx);
  /** Layers that are being read and kept, by the digest they turned out to have. */
  const reading = new Map<Digest, Promise<ReadLayer | undefined>>();

  function observe(blob: GrowingBlob): void {
    if (pool === undefined) return;
    let over = false;
    const timer = setTimeout(() => {
      if (!over) follow(pool, blob);
    }, worthMs);
    void blob.done
      .catch(() => undefined)
      .finally(() => {
        over = true;
        clearTimeout(timer);
      });
  }

  function follow(scanners: ScannerPool, blob: GrowingBlob): void {
    const task = scanners.layer(blob.path);
    void blob.done
      .catch(() => undefined)
      .then((digest) => {
        task.ended(digest !== undefined);
        if (digest === undefined) return;
        reading.set(digest, task.read);
        void task.read
          .then((layer) => layer?.kept)
          .then(() => reading.get(digest) === task.read && reading.delete(digest));
      });
  }

  /** Waits for layers that are being read. Returns the scanner that has them at hand before they are kept, where it is one. */
  async function scannerOf(digests: readonly Digest[]): Promise<number | undefined> {
    const layers = await Promise.all(digests.map(async (digest) => reading.get(digest)));
    const scanner = layers.findLast((layer) => layer !== undefined)?.scanner;
    const others = layers.filter((layer) => layer !== undefined && layer.scanner !== scanner);
    for (const layer of others) layer?.keep();
    await Promise.all(others.map(async (layer) => layer?.kept));
    return scanner;
  }

  async function inventory(
    reference: ImageReference & { readonly digest: Digest },
    client: RegistryClient,
  ): Promise<Inventory> {
    const { signal } = ctx;
    const { bytes, document } = await client.fetchManifest(reference, { signal });
    const subject = `${reference.repository}@${reference.digest}`;
    const paths =
      document.kind === 'index'
        ? []
        : document.layers.map(({ digest }) => ({ digest, path: options.blobPath?.(digest) ?? '' }));
    if (pool === undefined || document.kind === 'index' || paths.some(({ path }) => path === '')) {
      return buildInventory(await openRegistryImage(reference, { client }, ctx), options.cache, ctx);
    }
    requireImage(document, subject);
    const config = await client.fetchBlob(reference, document.config, maxConfigBytes, { signal });
    const scanner = await scannerOf(document.layers.map((layer) => layer.digest));
    const { registry, repository, digest } = reference;
    const { mediaType } = document;
    const task = { registry, repository, digest, mediaType, manifest: bytes, config, layers: paths };
    try {
      return await pool.inventory(task, scanner);
    } catch (thrown) {
      // Layers whose records are kept need not be here; the others are fetched.
      const layers = document.layers.map((layer) => layer.digest);
      if (isPlombeError(thrown, 'archive/limit') || !(await options.fetchBlobs?.(repository, layers))) throw thrown;
      try {
        return await pool.inventory(task);
      } finally {
        options.releaseBlobs?.(layers);
      }
    }
  }

  return { observe, inventory, waiting: () => pool?.waiting() ?? 0, close: () => pool?.close() };
}

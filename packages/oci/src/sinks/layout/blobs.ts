// Writes blobs under the digest of their bytes, streaming.
import { createHash } from 'node:crypto';
import { open, rename, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { Descriptor, Digest, OpenOptions } from '@plombe/model';
import { chunkBytes } from '@plombe/kit';
import { digestOf } from '../../manifest/verify.ts';
import type { LayoutLayer } from './image.ts';

const layerTypes = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const;

/** Writes a JSON document as a blob and returns its descriptor. */
export async function writeDocument(directory: string, mediaType: string, document: object): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(document));
  const digest = digestOf(bytes);
  await writeFile(blobPath(directory, digest), bytes);
  return { mediaType, digest, sizeBytes: bytes.length };
}

/** Compresses a layer into the layout; answers its descriptor and the digest of the uncompressed tar. */
export async function writeLayer(
  directory: string,
  layer: LayoutLayer,
  { signal }: OpenOptions,
): Promise<{ readonly descriptor: Descriptor; readonly diffID: Digest }> {
  const compression = layer.compression ?? 'gzip';
  const partial = `${directory}/blobs/sha256/.partial`;
  const inner = createHash('sha256');
  const outer = createHash('sha256');
  let sizeBytes = 0;
  const file = await open(partial, 'w');
  try {
    const hashed = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of layer.tar) {
        inner.update(chunk);
        yield Buffer.from(chunk);
      }
    };
    const write = async (source: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const chunk of source) {
        outer.update(chunk);
        sizeBytes += chunk.length;
        await file.writeFile(chunk);
      }
    };
    if (compression === 'none') await pipeline(hashed, write, { signal });
    else {
      const encoder =
        compression === 'gzip' ? createGzip({ chunkSize: chunkBytes }) : createZstdCompress({ chunkSize: chunkBytes });
      await pipeline(hashed, encoder, write, { signal });
    }
  } finally {
    await file.close();
  }
  const digest = `sha256:${outer.digest('hex')}` as Digest;
  await rename(partial, blobPath(directory, digest));
  const diffID = `sha256:${inner.digest('hex')}` as Digest;
  return { descriptor: { mediaType: layerTypes[compression], digest, sizeBytes }, diffID };
}

function blobPath(directory: string, digest: Digest): string {
  return `${directory}/blobs/sha256/${digest.slice('sha256:'.length)}`;
}

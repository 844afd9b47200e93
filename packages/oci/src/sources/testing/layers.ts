// What tests compare of layers: the digests of their bytes.
import { createHash } from 'node:crypto';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Image, ImageLayer } from '@plombe/model';

/** Returns the stored bytes of a layer. */
export async function layerBytes(layer: ImageLayer): Promise<Buffer> {
  if (layer.content.kind !== 'tar') throw new Error(`the layer is ${layer.content.kind}`);
  const chunks: Buffer[] = [];
  const { signal } = new AbortController();
  for await (const chunk of layer.content.open({ signal })) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Returns the uncompressed tar of a layer. */
export async function layerTar(layer: ImageLayer): Promise<Buffer> {
  const bytes = await layerBytes(layer);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes);
  return bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd2fb528 ? zstdDecompressSync(bytes) : bytes;
}

/** Returns the sha256 digests of the uncompressed layers as they are, not as declared. */
export async function actualDiffIDs(image: Image): Promise<string[]> {
  const digests: string[] = [];
  for (const layer of image.layers)
    digests.push(
      `sha256:${createHash('sha256')
        .update(await layerTar(layer))
        .digest('hex')}`,
    );
  return digests;
}

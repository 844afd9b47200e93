// Writes images as an OCI image layout (image specification 1.1), the same bytes for the same input.
import { mkdir, writeFile } from 'node:fs/promises';
import type { Descriptor, Digest, OpenOptions, Platform } from '@plombe/model';
import { ociConfig, ociIndex, ociManifest } from '../../manifest/media-types.ts';
import { writeDocument, writeLayer } from './blobs.ts';
import type { LayoutImage } from './image.ts';

/** Writes a layout into a directory, which is made where it is absent. Returns the manifests' descriptors in the order of the images. */
export async function writeLayout(
  directory: string,
  images: readonly LayoutImage[],
  options: OpenOptions,
): Promise<readonly Descriptor[]> {
  await mkdir(`${directory}/blobs/sha256`, { recursive: true });
  const written: Descriptor[] = [];
  const byName = new Map<string, object[]>();
  const listed: object[] = [];
  for (const image of images) {
    const descriptor = await writeImage(directory, image, options);
    written.push(descriptor);
    const entry = { ...descriptorJson(descriptor), platform: platformJson(image.platform) };
    if (image.name === undefined) listed.push(entry);
    else byName.set(image.name, [...(byName.get(image.name) ?? []), entry]);
  }
  for (const [name, entries] of byName) {
    const [first = {}] = entries;
    const annotations = { 'org.opencontainers.image.ref.name': name };
    if (entries.length === 1) listed.push({ ...first, annotations });
    else {
      const index = { schemaVersion: 2, mediaType: ociIndex, manifests: entries };
      listed.push({ ...descriptorJson(await writeDocument(directory, ociIndex, index)), annotations });
    }
  }
  const index = { schemaVersion: 2, mediaType: ociIndex, manifests: listed };
  await writeFile(`${directory}/index.json`, JSON.stringify(index));
  await writeFile(`${directory}/oci-layout`, JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return written;
}

async function writeImage(directory: string, image: LayoutImage, options: OpenOptions): Promise<Descriptor> {
  const created = image.createdAt ?? '1970-01-01T00:00:00Z';
  const layers: Descriptor[] = [];
  const diffIDs: Digest[] = [];
  for (const layer of image.layers) {
    const { descriptor, diffID } = await writeLayer(directory, layer, options);
    layers.push(descriptor);
    diffIDs.push(diffID);
  }
  const config = await writeDocument(directory, ociConfig, {
    created,
    ...platformJson(image.platform),
    config: image.config ?? {},
    rootfs: { type: 'layers', diff_ids: diffIDs },
    history: image.layers.map(({ createdBy }) => ({
      created,
      ...(createdBy === undefined ? {} : { created_by: createdBy }),
    })),
  });
  return writeDocument(directory, ociManifest, {
    schemaVersion: 2,
    mediaType: ociManifest,
    config: descriptorJson(config),
    layers: layers.map(descriptorJson),
  });
}

function descriptorJson({ mediaType, digest, sizeBytes }: Descriptor): object {
  return { mediaType, digest, size: sizeBytes };
}

function platformJson({ os, architecture, variant, osVersion }: Platform): object {
  return {
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
    ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
  };
}

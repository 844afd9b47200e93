// Images of literals for the gate's tests, pushed with the same client that everybody uses.
import { gzipSync } from 'node:zlib';
import { writeTar, type TarEntry } from '@plombe/formats/testing';
import type { Digest } from '@plombe/model';
import { digestOf, type RegistryClient } from '@plombe/oci';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const configType = 'application/vnd.oci.image.config.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';
const signal = new AbortController().signal;

/** A manifest with the blobs it names. */
export interface MadeManifest {
  readonly bytes: Buffer;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly blobs: readonly Uint8Array[];
}

/** Returns an image with this version of lodash; `salt` makes it another one. */
export function imageWith(lodash: string, salt = '', extra: object = {}, user = '1000'): MadeManifest {
  const files: TarEntry[] = [
    { path: 'app/node_modules/lodash/package.json', content: JSON.stringify({ name: 'lodash', version: lodash }) },
    { path: 'app/salt', content: salt },
  ];
  const tar = writeTar(files);
  const layer = gzipSync(tar);
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { User: user },
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    }),
  );
  return manifestOf({
    config: { mediaType: configType, bytes: config },
    layers: [{ mediaType: layerType, bytes: layer }],
    extra,
  });
}

interface Part {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Returns a manifest of these blobs; `extra` are further members. */
export function manifestOf(parts: {
  readonly config: Part;
  readonly layers: readonly Part[];
  readonly extra?: object;
}): MadeManifest {
  const describe = ({ mediaType, bytes }: Part): object => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
  const { config, layers, extra } = parts;
  const document = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: describe(config),
    layers: layers.map(describe),
    ...extra,
  };
  const bytes = Buffer.from(JSON.stringify(document));
  return {
    bytes,
    digest: digestOf(bytes),
    mediaType: manifestType,
    blobs: [config.bytes, ...layers.map((layer) => layer.bytes)],
  };
}

/** Returns an index of these manifests. */
export function indexOf(
  children: readonly (MadeManifest & { readonly platform?: object })[],
  extra: object = {},
): MadeManifest {
  const manifests = children.map(({ digest, bytes, mediaType, platform = { os: 'linux', architecture: 'amd64' } }) => ({
    mediaType,
    digest,
    size: bytes.length,
    platform,
  }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests, ...extra }));
  return { bytes, digest: digestOf(bytes), mediaType: indexType, blobs: [] };
}

/** What a subject member names. */
export function subjectOf({ mediaType, digest, bytes }: MadeManifest): object {
  return { mediaType, digest, size: bytes.length };
}

/** Pushes blobs and manifest; without a tag by digest. Throws `registry/…` as the client does. */
export async function push(
  client: RegistryClient,
  host: string,
  repository: string,
  made: MadeManifest,
  tag?: string,
): Promise<Digest> {
  const place = { registry: host, repository };
  for (const bytes of made.blobs) {
    const content = { digest: digestOf(bytes), sizeBytes: bytes.length, open: () => [bytes] };
    await client.writer.pushBlob(place, content, { signal });
  }
  return client.writer.pushManifest({ ...place, ...(tag === undefined ? {} : { tag }) }, made, { signal });
}

// Writing to the store as the identity `plombe`: what the gate attests, and what it promotes. Nothing of it is judged.
import type { Digest } from '@plombe/model';
import { concatBytes, PlombeError } from '@plombe/kit';
import {
  digestOf,
  parseManifest,
  type FetchedManifest,
  type ImageReference,
  type ManifestContent,
  type RegistryWriter,
} from '@plombe/oci';
import type { ManifestState, RegistryStore } from '@plombe/store';

/** Id of the gate's own identity; no account can have it. */
export const ownIdentity = 'plombe';

/** Told of a manifest before it can be seen. */
export type Announce = (repository: string, manifest: ManifestContent, digest: Digest) => void;

/** Returns a writer that stores visible manifests. */
export function storeWriter(
  store: RegistryStore,
  fetchManifest: (reference: ImageReference) => Promise<FetchedManifest>,
  announce: Announce,
): RegistryWriter {
  const put = (repository: string, tags: readonly string[], manifest: ManifestContent): Promise<Digest> => {
    announce(repository, manifest, digestOf(manifest.bytes));
    return putManifest(store, { repository, tags, ...manifest, state: 'visible' });
  };
  return {
    pushBlob: async ({ repository }, content, { mountFrom }) => {
      const { digest, sizeBytes } = content;
      if (store.blobSize(repository, digest) !== undefined) {
        store.touchBlob(repository, digest);
        return 'exists';
      }
      if (mountFrom !== undefined && (await store.linkBlob(repository, digest, sizeBytes))) return 'mounted';
      const pieces: Uint8Array[] = [];
      for await (const piece of content.open()) pieces.push(piece);
      const bytes = concatBytes(pieces);
      await store.blobs.put(digest, bytes);
      await store.linkBlob(repository, digest, bytes.length);
      return 'uploaded';
    },
    pushManifest: ({ repository, tag }, manifest) => put(repository, tag === undefined ? [] : [tag], manifest),
    pushReferrer: async ({ repository }, manifest) => ({
      digest: await put(repository, [], manifest),
      listedBy: 'registry',
    }),
    updateTag: async (reference, change) => {
      const { repository, tag } = reference;
      const known = store.tagged(repository, tag, 'all');
      const current = known === undefined ? undefined : await fetchManifest(reference);
      const wanted = await change(current);
      if (wanted !== undefined) await put(repository, [tag], wanted);
    },
  };
}

/** A manifest that the gate stores by itself. */
export interface OwnManifest extends ManifestContent {
  readonly repository: string;
  readonly tags: readonly string[];
  readonly state: ManifestState;
}

/** Stores it with its links. Throws `registry/not-found` where a blob or child is not in the repository, `registry/conflict` for a tag that may not move. */
export async function putManifest(store: RegistryStore, manifest: OwnManifest): Promise<Digest> {
  const { repository, bytes, mediaType, state, tags } = manifest;
  const digest = digestOf(bytes);
  const document = parseManifest(bytes, { subject: `${repository}@${digest}`, contentType: mediaType });
  const isImage = document.kind === 'manifest';
  const artifactType = document.artifactType ?? (isImage ? document.config.mediaType : undefined);
  const result = await store.putManifest({
    repository,
    digest,
    bytes,
    mediaType,
    state,
    tags,
    annotations: document.annotations,
    pushedBy: ownIdentity,
    blobs: isImage ? [document.config, ...document.layers].map((blob) => blob.digest) : [],
    optionalBlobs: [],
    children: isImage ? [] : document.manifests.map((child) => child.digest),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(isImage && document.subject !== undefined ? { subject: document.subject.digest } : {}),
  });
  if (result.kind === 'stored') return digest;
  if (result.kind === 'immutable')
    throw new PlombeError('registry/conflict', `The tag ${repository}:${result.tag} may not be moved.`);
  const missing = [...result.blobs, ...result.children].join(', ');
  throw new PlombeError('registry/not-found', `${repository} lacks ${missing}, so ${digest} was not stored.`);
}

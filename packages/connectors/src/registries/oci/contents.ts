// What is in a registry that has the distribution specification alone: tags, manifests by digest, their children and what refers to them.
import type { Descriptor, Digest } from '@plombe/model';
import { parseDigest } from '@plombe/model';
import { by, isPlombeError } from '@plombe/kit';

import {
  manifestAccept,
  type FetchedManifest,
  type ImageReference,
  type OpenTransport,
  type RegistryClient,
} from '@plombe/oci';
import type { CallOptions, ConnectedArtifact } from '../connector.ts';

/** Manifests asked for at the same time; a client has six connections. */
const parallel = 4;
const maxReferrers = 1000;

/** A manifest; without a document where it is none that can be read (docker schema 1, a type of the future). */
type Found = Pick<FetchedManifest, 'digest'> & Partial<FetchedManifest> & { readonly mediaType: string };

/**
 * Yields each manifest once: those with tags by the name of their first, then children of indexes and what refers to any of them. A tag that
 * goes away meanwhile is left out; a manifest that cannot be read has neither size nor type of artifact. Throws `registry/…`.
 */
export async function* readArtifacts(
  client: RegistryClient,
  transport: OpenTransport,
  place: ImageReference,
  { signal, isInCatalog }: CallOptions & { readonly isInCatalog: boolean },
): AsyncGenerator<ConnectedArtifact, void> {
  const tagsOf = new Map<Digest, string[]>();
  const known = new Map<Digest, Found>();
  await inParallel(await tagsIn(client, place, signal, isInCatalog), async (tag) => {
    const found = await fetchTag(client, transport, { ...place, tag }, signal);
    if (found === undefined) return;
    known.set(found.digest, found);
    tagsOf.set(found.digest, [...(tagsOf.get(found.digest) ?? []), tag]);
  });
  const queue = [...known.values()].toSorted(by(({ digest }) => tagsOf.get(digest)?.toSorted()[0] ?? ''));
  // The queue grows while it is walked: children and referrers have referrers of their own.
  for (const manifest of queue) {
    const { document, digest } = manifest;
    const listed = await client.listReferrers(place, digest, { signal, maxEntries: maxReferrers });
    const children = document?.kind === 'index' ? document.manifests : [];
    for (const descriptor of [...children, ...listed.descriptors]) {
      if (known.has(descriptor.digest)) continue;
      const found = await fetchDigest(client, place, descriptor, signal);
      if (found === undefined) continue;
      known.set(found.digest, found);
      queue.push(found);
    }
    const referrers = listed.descriptors.map((entry) => ({
      digest: entry.digest,
      type: known.get(entry.digest)?.document?.artifactType ?? entry.artifactType ?? entry.mediaType,
    }));
    yield artifactOf(place.repository, manifest, tagsOf.get(digest)?.toSorted() ?? [], referrers);
  }
}

/** docker's registry has repositories in its catalog of which only blobs are left, and says of their tags that there is no such repository. */
async function tagsIn(
  client: RegistryClient,
  place: ImageReference,
  signal: AbortSignal,
  isInCatalog: boolean,
): Promise<readonly string[]> {
  try {
    return await client.listTags(place, { signal });
  } catch (thrown) {
    if (isInCatalog && isPlombeError(thrown, 'registry/not-found')) return [];
    throw thrown;
  }
}

function artifactOf(
  repository: string,
  { document, digest, bytes, mediaType }: Found,
  tags: readonly string[],
  referrers: NonNullable<ConnectedArtifact['referrers']>,
): ConnectedArtifact {
  const common = { repository, digest, mediaType, tags, state: 'free' as const };
  if (document === undefined || bytes === undefined) return common;
  const parts = document.kind === 'index' ? document.manifests : [document.config, ...document.layers];
  const artifactType = document.artifactType ?? (document.kind === 'manifest' ? document.config.mediaType : undefined);
  return {
    ...common,
    sizeBytes: parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, bytes.length),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(referrers.length === 0 ? {} : { referrers }),
  };
}

async function fetchTag(
  client: RegistryClient,
  transport: OpenTransport,
  reference: ImageReference & { readonly tag: string },
  signal: AbortSignal,
): Promise<Found | undefined> {
  const { registry, repository, tag } = reference;
  return orUnreadable(client, reference, signal, async () => {
    const path = `/v2/${repository}/manifests/${tag}`;
    // Without them docker's registry converts or hides what it has.
    const accept = `${manifestAccept}, application/vnd.docker.distribution.manifest.v1+prettyjws`;
    const head = await transport.get({ registry, repository, path, signal, method: 'HEAD', accept });
    await head.discard();
    const digest = parseDigest(String(head.headers['docker-content-digest'] ?? ''));
    return digest === undefined ? undefined : { digest, mediaType: head.headers['content-type'] ?? '' };
  });
}

function fetchDigest(
  client: RegistryClient,
  place: ImageReference,
  { digest, mediaType }: Descriptor,
  signal: AbortSignal,
): Promise<Found | undefined> {
  return orUnreadable(client, { ...place, digest }, signal, async () => ({ digest, mediaType }));
}

/** Undefined where it is gone; what `unreadable` gives where it is no manifest that can be read. */
async function orUnreadable(
  client: RegistryClient,
  reference: ImageReference,
  signal: AbortSignal,
  unreadable: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
  try {
    const fetched = await client.fetchManifest(reference, { signal });
    return { ...fetched, mediaType: fetched.document.mediaType };
  } catch (thrown) {
    if (isPlombeError(thrown, 'registry/not-found')) return undefined;
    if (isPlombeError(thrown, 'registry/manifest-invalid')) return unreadable();
    throw thrown;
  }
}

async function inParallel<T>(entries: readonly T[], work: (entry: T) => Promise<void>): Promise<void> {
  const rest = entries.values();
  const worker = async (): Promise<void> => {
    for (const entry of rest) await work(entry);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

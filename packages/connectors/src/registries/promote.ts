// Promotion within one registry: blobs are mounted, manifests stored under their digests with all that refers to them, and tags come last.
import type { Descriptor, Digest } from '@plombe/model';
import { PlombeError, isPlombeError } from '@plombe/kit';
import type { FetchedManifest, ImageReference, RegistryClient } from '@plombe/oci';
import type { CallOptions, Promotion } from './connector.ts';

/** An index has some 30 manifests, each with a handful of referrers; a chain of referrers is two long (a signature of an SBOM). */
const limits = { manifests: 5000, depth: 6, referrersEach: 1000 } as const;

/** Layers that a registry need not hold (image specification, "Non-Distributable Layers"). */
const foreignLayer = /\.foreign\.diff\.tar|\.nondistributable\./;

/** Tags under which cosign before 2.6 keeps signatures, attestations and SBOMs of a digest. */
const cosignSuffixes = ['sig', 'att', 'sbom'] as const;

/**
 * Copies an image or index to another repository of the same registry. Nothing has a tag there before everything is there. A blob that the registry
 * does not mount is read and uploaded. Throws `registry/…`; what was stored before stays, without a tag, and the promotion can be repeated.
 */
export async function promoteImage(
  client: RegistryClient,
  registry: string,
  promotion: Promotion,
  options: CallOptions,
): Promise<void> {
  const { from, to } = promotion;
  const copy = copier(
    client,
    { registry, repository: from.repository },
    { registry, repository: to.repository },
    options,
  );
  const root = await copy.manifest(from.digest, 0);
  await copy.referrers();
  const manifest = { bytes: root.bytes, mediaType: root.document.mediaType };
  for (const tag of to.tags) {
    await client.writer.pushManifest({ registry, repository: to.repository, tag }, manifest, options);
  }
}

interface Copier {
  /** Copies a manifest by digest, its blobs and children first. */
  manifest(digest: Digest, depth: number): Promise<FetchedManifest>;
  /** Copies what refers to the manifests copied so far, and to that in turn. */
  referrers(): Promise<void>;
}

function copier(client: RegistryClient, source: ImageReference, target: ImageReference, options: CallOptions): Copier {
  const blobs = new Set<Digest>();
  const manifests = new Map<Digest, number>();

  async function blob(descriptor: Descriptor): Promise<void> {
    if (blobs.has(descriptor.digest) || foreignLayer.test(descriptor.mediaType)) return;
    const content = {
      digest: descriptor.digest,
      sizeBytes: descriptor.sizeBytes,
      open: () => client.openBlob(source, descriptor, options),
    };
    await client.writer.pushBlob(target, content, { ...options, mountFrom: source.repository });
    blobs.add(descriptor.digest);
  }

  async function parts(fetched: FetchedManifest, depth: number): Promise<void> {
    const { document, digest } = fetched;
    if (manifests.size >= limits.manifests || depth > limits.depth) {
      throw new PlombeError(
        'registry/manifest-invalid',
        `${source.registry}/${source.repository} has more than ${limits.manifests} manifests or ${limits.depth} levels to promote.`,
      );
    }
    manifests.set(digest, depth);
    if (document.kind === 'index') for (const child of document.manifests) await manifest(child.digest, depth + 1);
    else for (const descriptor of [document.config, ...document.layers]) await blob(descriptor);
  }

  async function manifest(digest: Digest, depth: number): Promise<FetchedManifest> {
    const fetched = await client.fetchManifest({ ...source, digest }, options);
    if (manifests.has(digest)) return fetched;
    await parts(fetched, depth);
    const { bytes, document } = fetched;
    await client.writer.pushManifest(target, { bytes, mediaType: document.mediaType }, options);
    return fetched;
  }

  async function referrer(subject: Digest, descriptor: Descriptor, depth: number): Promise<void> {
    if (manifests.has(descriptor.digest)) return;
    const fetched = await client.fetchManifest({ ...source, digest: descriptor.digest }, options);
    const { document, bytes } = fetched;
    // A list of referrers is only a hint: what does not name the subject itself is none.
    if (document.kind === 'manifest' && document.subject?.digest !== subject) return;
    await parts(fetched, depth);
    const { annotations, mediaType } = document;
    const artifactType = document.artifactType ?? (document.kind === 'manifest' ? document.config.mediaType : '');
    await client.writer.pushReferrer(target, { bytes, mediaType }, { subject, artifactType, annotations }, options);
  }

  async function byTag(digest: Digest): Promise<void> {
    for (const suffix of cosignSuffixes) {
      const tag = `${digest.replace(':', '-')}.${suffix}`;
      try {
        const fetched = await client.fetchManifest({ ...source, tag }, options);
        await parts(fetched, 1);
        const { bytes, document } = fetched;
        await client.writer.pushManifest({ ...target, tag }, { bytes, mediaType: document.mediaType }, options);
      } catch (error) {
        if (!isPlombeError(error, 'registry/not-found')) throw error;
      }
    }
  }

  async function referrers(): Promise<void> {
    // A Map is walked in the order of its entries, those added on the way included: referrers of referrers come too.
    for (const [digest, depth] of manifests) {
      const listed = await client.listReferrers(source, digest, { ...options, maxEntries: limits.referrersEach });
      if (!listed.complete) {
        const place = `${source.registry}/${source.repository}@${digest}`;
        throw new PlombeError('registry/invalid-answer', `Not all that refers to ${place} could be listed.`);
      }
      for (const descriptor of listed.descriptors) await referrer(digest, descriptor, depth + 1);
      if (depth === 0) await byTag(digest);
    }
  }

  return { manifest, referrers };
}

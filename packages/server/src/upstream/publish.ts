// A manifest that may be seen goes to the registry behind this one: its blobs first, with whatever refers to it, and only then itself.
import { digestAlgorithm, type Digest } from '@plombe/model';
import { inert, isPlombeError, PlombeError } from '@plombe/kit';
import { parseManifest, referrersTag, type HttpResponse, type IndexDocument, type ManifestDocument } from '@plombe/oci';
import type { RegistryStore } from '@plombe/store';
import { Refused } from '../registry/refused.ts';
import { unavailable } from './answers.ts';
import type { SpooledBlobs } from './blobs.ts';
import type { Known } from './known.ts';
import type { Link, Links } from './link.ts';

export interface PublishParts {
  /** The store of this server, without what is behind it. */
  readonly store: RegistryStore;
  readonly blobs: SpooledBlobs;
  readonly known: Known;
  readonly links: Links;
  readonly signal: AbortSignal;
}

/** A manifest on its way. */
export interface Outgoing {
  readonly repository: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly tags: readonly string[];
}

export interface Publisher {
  /** Sees to it that the repository there has a blob. Throws `registry/…`. */
  ensureBlob(link: Link, repository: string, digest: Digest): Promise<void>;
  /** Stores a manifest there. Throws `Refused` and `registry/…`. */
  publish(link: Link, manifest: Outgoing): Promise<void>;
  /** Publishes a stored manifest with its tags, after the statements about it that were held back. */
  release(link: Link, repository: string, digest: Digest): Promise<void>;
}

/** Layers with these types need not be in a registry. */
const notDistributed = /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/;
/** More statements than that about one image are no release's. */
const maxHeldBack = 1000;

/** Creates it. */
export function createPublisher({ store, blobs, known, links, signal }: PublishParts): Publisher {
  async function ensureBlob(link: Link, repository: string, digest: Digest): Promise<void> {
    if (known.blob(repository, digest) !== undefined) return;
    const found = await blobs.stat(digest);
    // Without a copy here it may be there all the same.
    const sizeBytes = found?.sizeBytes ?? store.blobSize(repository, digest);
    if (sizeBytes === undefined) throw vanished(repository, digest);
    const other = known.holders(digest).find((holder) => links.of(holder.repository) === link);
    const open = (): AsyncIterable<Uint8Array> => {
      if (found !== undefined) return blobs.open(digest) as AsyncIterable<Uint8Array>;
      throw new PlombeError('registry/not-found', `There is no copy of ${digest} here.`);
    };
    const content = { digest, sizeBytes, open };
    await link.plainCall(() =>
      link.client.writer.pushBlob(link.place(repository), content, {
        signal,
        ...(other === undefined ? {} : { mountFrom: link.place(other.repository).repository }),
      }),
    );
    known.addBlob(repository, digest, sizeBytes);
  }

  /** Whatever was collected there meanwhile is sent again from the copy here; what nobody has any more is forgotten, so that clients send it again. */
  async function renewBlobs(link: Link, repository: string, digests: readonly Digest[]): Promise<void> {
    for (const digest of digests) known.removeBlob(repository, digest);
    let lost: unknown;
    for (const digest of digests) {
      try {
        await ensureBlob(link, repository, digest);
      } catch (error) {
        const isLost = error instanceof Refused || isPlombeError(error, 'registry/not-found');
        if (!isLost) throw error;
        lost ??= error instanceof Refused ? error : vanished(repository, digest);
      }
    }
    if (lost !== undefined) throw lost as Error;
  }

  function contentOf(repository: string, document: IndexDocument | ManifestDocument): readonly Digest[] {
    if (document.kind === 'index') return [];
    const layers = document.layers.filter(
      ({ mediaType, digest }) => !notDistributed.test(mediaType) || store.blobSize(repository, digest) !== undefined,
    );
    return [...new Set([document.config, ...layers].map(({ digest }) => digest))];
  }

  function put(link: Link, manifest: Outgoing, target: string, expect: readonly number[]): Promise<HttpResponse> {
    const { registry, repository } = link.place(manifest.repository);
    return link.plainCall(() =>
      link.transport.get({
        registry,
        repository,
        signal,
        method: 'PUT',
        path: `/v2/${repository}/manifests/${target}`,
        body: manifest.bytes,
        headers: { 'content-type': manifest.mediaType },
        access: { action: 'push' },
        expect,
      }),
    );
  }

  async function publish(link: Link, manifest: Outgoing): Promise<void> {
    const { repository, digest, bytes, mediaType, tags } = manifest;
    const document = parseManifest(bytes, { subject: `${repository}@${digest}`, contentType: mediaType });
    const content = contentOf(repository, document);
    for (const blob of content) await ensureBlob(link, repository, blob);
    if (document.kind === 'index') await publishChildren(link, repository, document);
    const [tag] = tags;
    // One request where one is enough; several tags, or a digest that a tag does not make, are named beside it.
    const isByTag = tags.length === 1 && tag !== undefined && digestAlgorithm(digest) === 'sha256';
    const query = tags.map((name) => `tag=${encodeURIComponent(name)}`).join('&');
    const target = isByTag ? tag : `${digest}${query === '' ? '' : `?${query}`}`;
    let response = await put(link, manifest, target, [400, 404]);
    if (response.status >= 400) {
      await response.discard();
      await renewBlobs(link, repository, content);
      response = await put(link, manifest, target, [400, 404]);
      if (response.status >= 400) {
        await response.discard();
        throw new Refused('MANIFEST_INVALID', 'plombe: the registry behind this one does not take the manifest.');
      }
    }
    await response.discard();
    if (!isByTag) {
      const named = String(response.headers['oci-tag'] ?? '').split(/,\s*/);
      for (const name of tags.filter((one) => !named.includes(one)))
        await (await put(link, manifest, name, [])).discard();
    }
    if (document.subject !== undefined && response.headers['oci-subject'] !== document.subject.digest)
      await listByTag(link, manifest, document);
    known.addManifest(repository, digest);
    for (const name of tags) known.setName(repository, name, digest, 0);
  }

  /** A registry that lists no referrers itself has the tag `sha256-<hex>` for it. */
  async function listByTag(
    link: Link,
    { repository, bytes, mediaType }: Outgoing,
    document: IndexDocument | ManifestDocument,
  ): Promise<void> {
    if (document.subject === undefined) return;
    const config = document.kind === 'manifest' ? document.config.mediaType : '';
    const { annotations, artifactType = config, subject } = document;
    const entry = { subject: subject.digest, artifactType, annotations };
    await link.plainCall(() =>
      link.client.writer.pushReferrer(link.place(repository), { bytes, mediaType }, entry, { signal }),
    );
  }

  /** An index that is let through names what was let through before. */
  async function publishChildren(link: Link, repository: string, { manifests }: IndexDocument): Promise<void> {
    for (const { digest } of manifests) {
      if (known.hasManifest(repository, digest)) continue;
      const child = store.manifest(repository, digest, 'all');
      if (child === undefined) continue;
      if (child.state === 'quarantined')
        throw new Refused(
          'DENIED',
          `plombe: ${digest}, which the index lists, is in quarantine; sign or fix it first.`,
        );
      await release(link, repository, digest);
    }
  }

  async function release(link: Link, repository: string, digest: Digest): Promise<void> {
    const record = store.manifest(repository, digest, 'all');
    const bytes = record === undefined ? undefined : await store.readBytes(digest);
    if (record === undefined || bytes === undefined) return;
    const { mediaType } = record;
    for (const blob of contentOf(repository, parseManifest(bytes, { subject: digest, contentType: mediaType }))) {
      // It may have been collected there while nothing named it.
      known.removeBlob(repository, blob);
    }
    for (const held of heldBack(repository, digest)) await release(link, repository, held);
    const tags = store.tagsOf(repository, digest);
    await publish(link, { repository, digest, bytes, mediaType, tags });
  }

  /** Statements about a digest that are here alone: by subject, and by cosign's tags. */
  function heldBack(repository: string, digest: Digest): readonly Digest[] {
    const bySubject = store.referrers(repository, digest, 'all', maxHeldBack).map((record) => record.digest);
    const tag = referrersTag(digest);
    const byTag = ['.sig', '.att', '.sbom', ''].flatMap(
      (end) => store.tagged(repository, `${tag}${end}`, 'all')?.digest ?? [],
    );
    return [...new Set([...bySubject, ...byTag])].filter(
      (one) => one !== digest && !known.hasManifest(repository, one),
    );
  }

  return { ensureBlob, publish, release };
}

function vanished(repository: string, digest: Digest): PlombeError | Refused {
  return unavailable(
    `plombe: the blob ${digest} of ${inert(repository)} is neither here nor in the registry behind this one any more; push the image again.`,
  );
}

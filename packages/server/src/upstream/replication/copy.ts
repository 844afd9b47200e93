// One copy: blobs by mount where the other registry has them, then statements, then the manifest under its tags.
import { digestAlgorithm, type Digest } from '@plombe/model';
import { PlombeError } from '@plombe/kit';
import { parseManifest, type IndexDocument, type ManifestDocument } from '@plombe/oci';
import type { ManifestRecord, RegistryStore } from '@plombe/store';
import type { Link } from '../link.ts';
import type { CopyQueue } from './queue.ts';
import type { ReplicationRule } from './rule.ts';

export interface CopyParts {
  readonly store: RegistryStore;
  readonly queue: CopyQueue;
  readonly signal: AbortSignal;
}

/** Layers with these types need not be in a registry. */
const notDistributed = /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/;
const maxDepth = 3;
const maxReferrers = 1000;

/** Returns the repository's name at the other registry. */
export function farName({ prefix }: Pick<ReplicationRule, 'prefix'>, repository: string): string {
  return prefix === '' ? repository : `${prefix}/${repository}`;
}

/** Lists the tags that name a manifest and can be seen. */
export function visibleTags(store: RegistryStore, repository: string, digest: Digest): readonly string[] {
  return store.tagsOf(repository, digest).filter((tag) => store.tagged(repository, tag, 'visible')?.digest === digest);
}

/** Copies a visible manifest with all it needs; repeated, it changes nothing. Throws `registry/…`. */
export async function copyManifest(
  rule: ReplicationRule,
  link: Link,
  repository: string,
  digest: Digest,
  parts: CopyParts,
  depth = 0,
): Promise<void> {
  const { store, signal } = parts;
  const record = store.manifest(repository, digest, 'visible');
  const bytes = record === undefined ? undefined : await store.readBytes(digest);
  if (record === undefined || bytes === undefined)
    throw new PlombeError('registry/not-found', `${repository}@${digest} is not visible here.`);
  const document = parseManifest(bytes, { subject: `${repository}@${digest}`, contentType: record.mediaType });
  await copyContent(rule, link, repository, document, parts, depth);
  if (rule.referrers && depth < maxDepth) {
    for (const referrer of store.referrers(repository, digest, 'visible', maxReferrers))
      await copyManifest(rule, link, repository, referrer.digest, parts, depth + 1);
  }
  const place = { registry: link.registry, repository: farName(rule, repository) };
  const manifest = { bytes, mediaType: record.mediaType };
  const { writer } = link.client;
  const isPlain = digestAlgorithm(digest) === 'sha256';
  if (!isPlain) await putByDigest(link, place.repository, digest, manifest, signal);
  else if (document.subject !== undefined) {
    const entry = entryOf(record, document.subject.digest);
    await link.plainCall(() => writer.pushReferrer(place, manifest, entry, { signal }));
  } else await link.plainCall(() => writer.pushManifest(place, manifest, { signal }));
  for (const tag of visibleTags(store, repository, digest))
    await link.plainCall(() => writer.pushManifest({ ...place, tag }, manifest, { signal }));
}

function entryOf({ annotations, artifactType = '' }: ManifestRecord, subject: Digest) {
  return { subject, annotations, artifactType };
}

async function copyContent(
  rule: ReplicationRule,
  link: Link,
  repository: string,
  document: IndexDocument | ManifestDocument,
  parts: CopyParts,
  depth: number,
): Promise<void> {
  const { store } = parts;
  if (document.kind === 'index') {
    for (const child of document.manifests) {
      if (depth < maxDepth && store.manifest(repository, child.digest, 'visible') !== undefined)
        await copyManifest(rule, link, repository, child.digest, parts, depth + 1);
    }
    return;
  }
  const layers = document.layers.filter(({ mediaType }) => !notDistributed.test(mediaType));
  const wanted = new Map([document.config, ...layers].map((blob) => [blob.digest, blob.sizeBytes]));
  for (const [digest, sizeBytes] of wanted) await copyBlob(rule, link, repository, { digest, sizeBytes }, parts);
}

async function copyBlob(
  rule: ReplicationRule,
  link: Link,
  repository: string,
  blob: { readonly digest: Digest; readonly sizeBytes: number },
  { store, queue, signal }: CopyParts,
): Promise<void> {
  const name = farName(rule, repository);
  const holder = queue.holder(rule.name, blob.digest);
  const content = { ...blob, open: () => store.blobs.open(blob.digest) as AsyncIterable<Uint8Array> };
  const mount = holder === undefined || holder === name ? {} : { mountFrom: holder };
  await link.plainCall(() =>
    link.client.writer.pushBlob({ registry: link.registry, repository: name }, content, { signal, ...mount }),
  );
  if (holder === undefined) queue.setHolder(rule.name, blob.digest, name);
}

async function putByDigest(
  link: Link,
  repository: string,
  digest: Digest,
  { bytes, mediaType }: { readonly bytes: Uint8Array; readonly mediaType: string },
  signal: AbortSignal,
): Promise<void> {
  const response = await link.plainCall(() =>
    link.transport.get({
      registry: link.registry,
      repository,
      signal,
      method: 'PUT',
      path: `/v2/${repository}/manifests/${digest}`,
      body: bytes,
      headers: { 'content-type': mediaType },
      access: { action: 'push' },
    }),
  );
  await response.discard();
}

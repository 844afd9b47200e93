// The registry as the gate sees it: oci's client over the store, with what is in quarantine and what is about to be stored.
import type { Descriptor, Digest } from '@plombe/model';
import { inert, PlombeError } from '@plombe/kit';
import {
  parseManifest,
  referrersTag,
  verifyDigest,
  type FetchedManifest,
  type ImageReference,
  type RegistryClient,
  type Referrers,
  type ReferrersOptions,
} from '@plombe/oci';
import type { ManifestRecord, RegistryStore } from '@plombe/store';
import { storeWriter, type Announce } from './store-writer.ts';

/** A manifest that is judged before it is stored. */
export interface PendingManifest {
  readonly repository: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Page of tags that is read at once. */
const tagsAtOnce = 1000;

/** What a client is made with. */
export interface StoreClientOptions {
  /** Seen as if it were stored. */
  readonly pending?: PendingManifest;
  /** Told of what the client itself writes. */
  readonly announce?: Announce;
}

/** Returns a client that sees every state. Its writer writes as `plombe`. */
export function storeClient(
  store: RegistryStore,
  { pending, announce = () => {} }: StoreClientOptions = {},
): RegistryClient {
  const found = (reference: ImageReference, what: string): PlombeError =>
    new PlombeError('registry/not-found', `${inert(reference.repository)} has no ${inert(what)}.`);

  async function fetchManifest(reference: ImageReference): Promise<FetchedManifest> {
    const { repository, tag = 'latest' } = reference;
    const record = reference.digest === undefined ? store.tagged(repository, tag, 'all') : undefined;
    const digest = reference.digest ?? record?.digest;
    if (digest === undefined) throw found(reference, `tag ${tag}`);
    const subject = `${repository}@${digest}`;
    if (pending !== undefined && pending.repository === repository && pending.digest === digest) {
      return {
        document: parseManifest(pending.bytes, { subject, contentType: pending.mediaType }),
        digest,
        bytes: pending.bytes,
      };
    }
    const known = record ?? store.manifest(repository, digest, 'all');
    const bytes = known === undefined ? undefined : await store.readBytes(digest);
    if (known === undefined || bytes === undefined) throw found(reference, `manifest ${digest}`);
    verifyDigest(bytes, digest, subject);
    return { document: parseManifest(bytes, { subject, contentType: known.mediaType }), digest, bytes };
  }

  async function fetchBlob(
    { repository }: ImageReference,
    descriptor: Descriptor,
    maxBytes: number,
  ): Promise<Uint8Array> {
    const { digest, sizeBytes } = descriptor;
    const subject = `${repository}@${digest}`;
    if (sizeBytes > maxBytes)
      throw new PlombeError('registry/manifest-invalid', `${subject} is larger than the limit of ${maxBytes} bytes.`);
    const known = store.blobSize(repository, digest);
    if (known === undefined || known > maxBytes)
      throw new PlombeError('registry/not-found', `${subject} is not there, or larger than ${maxBytes} bytes.`);
    const bytes = await store.blobs.read(digest);
    if (bytes === undefined) throw new PlombeError('registry/not-found', `${subject} is not there.`);
    verifyDigest(bytes, digest, subject);
    return bytes;
  }

  async function listReferrers(
    { registry, repository }: ImageReference,
    digest: Digest,
    { maxEntries }: ReferrersOptions,
  ): Promise<Referrers> {
    const records = store.referrers(repository, digest, 'all', maxEntries + 1);
    const all = new Map(records.map((record) => [record.digest, descriptorOf(record)]));
    for (const entry of await listedByTag({ registry, repository, tag: referrersTag(digest) }))
      all.set(entry.digest, all.get(entry.digest) ?? entry);
    const descriptors = [...all.values()];
    return { descriptors: descriptors.slice(0, maxEntries), complete: descriptors.length <= maxEntries };
  }

  /** Entries that a copy of another registry brought along under the fallback tag. */
  async function listedByTag(reference: ImageReference & { readonly tag: string }): Promise<readonly Descriptor[]> {
    if (store.tagged(reference.repository, reference.tag, 'all') === undefined) return [];
    const { document } = await fetchManifest(reference);
    return document.kind === 'index' ? document.manifests : [];
  }

  return {
    fetchManifest,
    fetchBlob,
    listReferrers,
    openBlob: ({ repository }, { digest }, { offset = 0 }) => openBlob(store, repository, digest, offset),
    listTags: async ({ repository }) => {
      const tags: string[] = [];
      for (let page: readonly string[]; ;) {
        const last = tags.at(-1);
        page = store.tags(repository, 'all', { limit: tagsAtOnce, ...(last === undefined ? {} : { last }) });
        tags.push(...page);
        if (page.length < tagsAtOnce) return tags;
      }
    },
    listRepositories: async () => store.repositories({ limit: tagsAtOnce }),
    ping: async () => {},
    writer: storeWriter(store, fetchManifest, announce),
    close: () => {},
  };
}

/** A blob that is not linked in the repository is not there, whoever else has it. */
async function* openBlob(
  store: RegistryStore,
  repository: string,
  digest: Digest,
  start: number,
): AsyncGenerator<Uint8Array> {
  const sizeBytes = store.blobSize(repository, digest);
  if (sizeBytes === undefined) throw new PlombeError('registry/not-found', `${repository}@${digest} is not there.`);
  if (start >= sizeBytes) return;
  yield* store.blobs.open(digest, { start, end: sizeBytes - 1 });
}

function descriptorOf({ mediaType, digest, sizeBytes, artifactType, annotations }: ManifestRecord): Descriptor {
  return { mediaType, digest, sizeBytes, annotations, ...(artifactType === undefined ? {} : { artifactType }) };
}

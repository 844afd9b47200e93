// The registry client: manifests, blobs, tags and referrers of any registry that follows the distribution specification 1.1.
import type { Context, Descriptor, Digest } from '@plombe/model';
import { parseDigest } from '@plombe/model';
import { PlombeError, inert } from '@plombe/kit';
import type { EntraOptions } from '../acr/source.ts';
import type { Credential } from '../auth/credential.ts';
import { manifestAccept } from '../manifest/media-types.ts';
import { parseManifest, type IndexDocument, type ManifestDocument } from '../manifest/manifest.ts';
import { digestOf, verifyDigest } from '../manifest/verify.ts';
import type { HttpResponse, NetworkOptions } from '../network/client.ts';
import type { RetryOptions } from '../network/retry.ts';
import { formatReference, type ImageReference } from '../reference/reference.ts';
import { openBlob, readBlob, readBlobRange } from './blob.ts';
import { readManifest } from './document.ts';
import { openTransport } from './open.ts';
import { readPages } from './pages.ts';
import { createWriter, type RegistryWriter } from './push.ts';
import { listReferrers, type Referrers, type ReferrersOptions } from './referrers.ts';

/** Everything a client may use; nothing is read from the environment. docs/registries.md tells what is sent where. */
export interface RegistryOptions extends NetworkOptions {
  /** True for every registry, or the registries (as in a reference) that are asked over plain http. */
  readonly plainHttp?: boolean | readonly string[];
  /** Credentials by registry; they come before every other source. */
  readonly credentials?: Readonly<Record<string, Credential>>;
  /** Files in the format of docker's `config.json` (podman's `auth.json` too), asked in order. */
  readonly authFiles?: readonly string[];
  /** Registry → hosts whose token service may get its credentials besides the registry itself. */
  readonly realmAllow?: Readonly<Record<string, readonly string[]>>;
  /** Entra identities for Azure Container Registry; absent: not used. */
  readonly entra?: EntraOptions;
  readonly retry?: Partial<RetryOptions>;
}

export interface CallOptions {
  readonly signal: AbortSignal;
}

/** A manifest or index with the bytes its digest was computed from. */
export interface FetchedManifest {
  readonly document: IndexDocument | ManifestDocument;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export interface BlobOptions extends CallOptions {
  /** First byte wanted; 0 where absent. */
  readonly offset?: number;
}

export interface RangeOptions extends CallOptions {
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface RegistryClient {
  /** Checks that the registry answers and takes the credentials (`GET /v2/`). */
  ping(registry: string, options: CallOptions): Promise<void>;
  /** Fetches by digest where the reference has one, else by tag; the digest is verified on the raw bytes. */
  fetchManifest(reference: ImageReference, options: CallOptions): Promise<FetchedManifest>;
  /** Fetches a small blob (a config), verified. Throws `registry/manifest-invalid` where it says to be over `maxBytes`. */
  fetchBlob(
    reference: ImageReference,
    descriptor: Descriptor,
    maxBytes: number,
    options: CallOptions,
  ): Promise<Uint8Array>;
  /** Streams a blob; resumes where a connection breaks. The digest is the reader's to verify. */
  openBlob(reference: ImageReference, descriptor: Descriptor, options: BlobOptions): AsyncIterable<Uint8Array>;
  /** Reads exactly these bytes of a blob, or throws `registry/invalid-answer`. Absent: only whole blobs are had. */
  readRange?(reference: ImageReference, descriptor: Descriptor, options: RangeOptions): Promise<Uint8Array>;
  /** Lists the tags in the registry's order, at most 200,000. */
  listTags(reference: ImageReference, options: CallOptions): Promise<readonly string[]>;
  /** Lists the repositories (`_catalog`), where the registry offers that. */
  listRepositories(registry: string, options: CallOptions): Promise<readonly string[]>;
  /** Lists what refers to a digest, by the referrers API and its fallback tag; empty where there is neither. */
  listReferrers(reference: ImageReference, digest: Digest, options: ReferrersOptions): Promise<Referrers>;
  /** What only pushing needs; it alone asks for tokens that may write. */
  readonly writer: RegistryWriter;
  close(): void;
}

/** Creates a registry client; `close` gives back its connections. It does not use `ctx.fetch`: see `createHttpClient`. */
export function createRegistryClient(options: RegistryOptions, ctx: Context): RegistryClient {
  const transport = openTransport(options, ctx);

  async function fetchManifest(reference: ImageReference, { signal }: CallOptions): Promise<FetchedManifest> {
    const { registry, repository, digest, tag } = reference;
    const subject = formatReference(reference);
    const path = `/v2/${repository}/manifests/${digest ?? tag ?? 'latest'}`;
    const { bytes, response } = await transport.retry(signal, async () => {
      const answer = await transport.getOnce({ registry, repository, path, accept: manifestAccept, signal });
      return { response: answer, bytes: await readManifest(answer, subject) };
    });
    if (digest !== undefined) verifyDigest(bytes, digest, subject);
    else checkDeclared(response, bytes, subject);
    const contentType = response.headers['content-type'];
    const document = parseManifest(bytes, { subject, ...(contentType === undefined ? {} : { contentType }) });
    return { document, bytes, digest: digest ?? digestOf(bytes) };
  }

  return {
    fetchManifest,
    writer: createWriter(transport),
    listReferrers: (reference, digest, listing) => listReferrers(transport, fetchManifest, reference, digest, listing),
    ping: async (registry, { signal }) => {
      await (await transport.get({ registry, path: '/v2/', signal })).discard();
    },
    fetchBlob: async ({ registry, repository }, descriptor, maxBytes, { signal }) => {
      const subject = `${registry}/${repository}@${descriptor.digest}`;
      if (descriptor.sizeBytes > maxBytes) {
        throw new PlombeError('registry/manifest-invalid', `${subject} is larger than the limit of ${maxBytes} bytes.`);
      }
      const bytes = await readBlob(transport, { registry, repository, descriptor, signal });
      verifyDigest(bytes, descriptor.digest, subject);
      return bytes;
    },
    openBlob: ({ registry, repository }, descriptor, { signal, offset }) =>
      openBlob(transport, { registry, repository, descriptor, signal, ...(offset === undefined ? {} : { offset }) }),
    readRange: ({ registry, repository }, descriptor, { signal, offset, sizeBytes }) =>
      readBlobRange(transport, { registry, repository, descriptor, signal, offset }, sizeBytes),
    listTags: ({ registry, repository }, { signal }) =>
      readPages(transport, {
        registry,
        repository,
        path: `/v2/${repository}/tags/list?n=1000`,
        member: 'tags',
        signal,
      }),
    listRepositories: (registry, { signal }) =>
      readPages(transport, { registry, path: '/v2/_catalog?n=1000', member: 'repositories', signal }),
    close: () => transport.close(),
  };
}

/** A tag has no digest of its own to verify; what the registry says the digest is must at least be that of its bytes. */
function checkDeclared(response: HttpResponse, bytes: Uint8Array, subject: string): void {
  const text = response.headers['docker-content-digest'];
  if (typeof text !== 'string') return;
  const declared = parseDigest(text);
  if (declared !== undefined) return verifyDigest(bytes, declared, subject);
  const shown = inert(text.slice(0, 100));
  throw new PlombeError('registry/invalid-answer', `${subject} came with "${shown}", which is no digest.`);
}

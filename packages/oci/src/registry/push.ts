// Writing to a registry: blobs by mount, in one piece or in chunks, and manifests by tag or digest (distribution specification 1.1, "Push").
import { setTimeout as sleep } from 'node:timers/promises';
import type { Descriptor, Digest } from '@plombe/model';
import { parseDigest } from '@plombe/model';
import { PlombeError, concatBytes, isPlombeError, mebibyte } from '@plombe/kit';
import { digestOf } from '../manifest/verify.ts';
import type { ImageReference } from '../reference/reference.ts';
import { listReferrer, referrersTag, type ReferrerEntry } from './referrers-tag.ts';
import type { RegistryRequest, Transport, UploadAddress } from './transport.ts';
import { updateTag, type TagChange } from './update.ts';
import type { CallOptions } from './client.ts';

/** The bytes of a blob; read again from the start where an upload is tried again. */
export interface BlobContent extends Pick<Descriptor, 'digest' | 'sizeBytes'> {
  open(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface PushBlobOptions extends CallOptions {
  /** Repository of the same registry that has the blob: it is mounted from there where the registry agrees. */
  readonly mountFrom?: string;
}

/** A manifest as it is to be stored: its bytes are what the digest stands for. */
export interface ManifestContent {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** The writing half of a registry client; it asks for `push` only here. */
export interface RegistryWriter {
  /** Stores a blob under its digest unless it is there already. Throws `registry/forbidden`, `registry/invalid-answer` … */
  pushBlob(
    reference: ImageReference,
    content: BlobContent,
    options: PushBlobOptions,
  ): Promise<'exists' | 'mounted' | 'uploaded'>;
  /** Stores a manifest by the reference's tag, or by its own digest where there is none. Returns the digest. */
  pushManifest(reference: ImageReference, manifest: ManifestContent, options: CallOptions): Promise<Digest>;
  /**
   * Stores a manifest that names `subject`, by its digest, so that it is listed as a referrer: by the registry itself, which then answers
   * `OCI-Subject`, else by the tag `sha256-<hex>`. Returns the digest and which of the two holds.
   */
  pushReferrer(
    reference: ImageReference,
    manifest: ManifestContent,
    entry: ReferrerEntry,
    options: CallOptions,
  ): Promise<{ readonly digest: Digest; readonly listedBy: 'registry' | 'tag' }>;
  /** Changes what a tag holds without losing what others write there at the same time: see `updateTag`. */
  updateTag(
    reference: ImageReference & { readonly tag: string },
    change: TagChange,
    options: CallOptions,
  ): Promise<void>;
}

/** Up to here a blob is sent in one request: registries and the proxies before them take it, and trying again costs little. */
const maxMonolithicBytes = 16 * mebibyte;
/** Well under the limits of proxies (100 MiB and more), and few requests for a layer. */
const chunkSizeBytes = 8 * mebibyte;
/** A registry may ask for larger chunks (`OCI-Chunk-Min-Length`); object stores behind them need 5 MiB. */
const maxChunkBytes = 64 * mebibyte;

/** Creates the writer over a transport. */
export function createWriter(transport: Transport): RegistryWriter {
  async function pushBlob(
    { registry, repository }: ImageReference,
    content: BlobContent,
    { signal, mountFrom }: PushBlobOptions,
  ): Promise<'exists' | 'mounted' | 'uploaded'> {
    const base = { registry, repository, signal };
    const path = `/v2/${repository}/blobs/${content.digest}`;
    const access = { action: 'push' } as const;
    const found = await transport.get({ ...base, method: 'HEAD', path, access, expect: [404] });
    await found.discard();
    if (found.status !== 404) return 'exists';
    return transport.retry(signal, () => upload(transport, base, content, mountFrom));
  }

  async function putManifest(
    { registry, repository }: ImageReference,
    target: string,
    { bytes, mediaType }: ManifestContent,
    { signal }: CallOptions,
  ): Promise<{ readonly digest: Digest; readonly subject: string | undefined }> {
    const response = await settled(signal, () =>
      transport.get({
        registry,
        repository,
        signal,
        method: 'PUT',
        path: `/v2/${repository}/manifests/${target}`,
        body: bytes,
        headers: { 'content-type': mediaType },
        access: { action: 'push' },
      }),
    );
    await response.discard();
    const digest = digestOf(bytes);
    const declared = response.headers['docker-content-digest'];
    if (typeof declared === 'string' && parseDigest(declared)?.startsWith('sha256:') === true && declared !== digest) {
      throw new PlombeError(
        'registry/invalid-answer',
        `${registry} stored a manifest of ${repository} under another digest than ${digest}.`,
      );
    }
    const subject = response.headers['oci-subject'];
    return { digest, subject: typeof subject === 'string' ? subject : undefined };
  }

  return {
    pushBlob,
    pushManifest: async (reference, manifest, options) => {
      const target = reference.tag ?? digestOf(manifest.bytes);
      return (await putManifest(reference, target, manifest, options)).digest;
    },
    updateTag: (reference, change, options) => updateTag(transport, reference, change, options),
    pushReferrer: async (reference, manifest, entry, options) => {
      const { digest, subject } = await putManifest(reference, digestOf(manifest.bytes), manifest, options);
      if (subject === entry.subject) return { digest, listedBy: 'registry' };
      const { registry, repository } = reference;
      const tag = referrersTag(entry.subject);
      await updateTag(transport, { registry, repository, tag }, listReferrer(manifest, digest, entry), options);
      return { digest, listedBy: 'tag' };
    },
  };
}

/**
 * Tries twice again where a manifest is refused: docker's registry rewrites the link of a blob in place, so while someone else pushes the
 * same (empty) blob it says DIGEST_INVALID for an instant.
 */
async function settled<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let left = 2; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || !isPlombeError(error, 'registry/invalid-answer')) throw error;
      await sleep(100, undefined, { signal });
    }
  }
}

type UploadBase = Pick<RegistryRequest, 'registry' | 'signal'> & { readonly repository: string };

async function upload(
  transport: Transport,
  base: UploadBase,
  content: BlobContent,
  mountFrom: string | undefined,
): Promise<'mounted' | 'uploaded'> {
  const mount = mountFrom === undefined ? '' : `?mount=${content.digest}&from=${encodeURIComponent(mountFrom)}`;
  const start: RegistryRequest = {
    ...base,
    method: 'POST',
    path: `/v2/${base.repository}/blobs/uploads/${mount}`,
    access: { action: 'push', ...(mountFrom === undefined ? {} : { from: mountFrom }) },
    headers: { 'content-length': '0' },
  };
  const opened = await begin(transport, start, mountFrom);
  await opened.response.discard();
  if (opened.response.status === 201) return 'mounted';
  if (opened.response.status !== 202) {
    throw new PlombeError(
      'registry/invalid-answer',
      `${base.registry} answered the start of an upload with status ${opened.response.status}.`,
    );
  }
  const asked = Number(opened.response.headers['oci-chunk-min-length'] ?? 0);
  const size = Math.min(maxChunkBytes, Math.max(chunkSizeBytes, Number.isFinite(asked) ? asked : 0));
  const address = transport.uploadAddress(opened.response, opened.request);
  if (content.sizeBytes <= maxMonolithicBytes) {
    const pieces: Uint8Array[] = [];
    for await (const piece of exactly(content)) pieces.push(piece);
    await finish(transport, base, address, content.digest, concatBytes(pieces));
  } else {
    await sendChunks(transport, base, address, content, size);
  }
  return 'uploaded';
}

/** A caller who may not read the other repository still may upload: a mount that is refused is begun again without one. */
async function begin(
  transport: Transport,
  request: RegistryRequest,
  mountFrom: string | undefined,
): Promise<{ response: Awaited<ReturnType<Transport['getOnce']>>; request: RegistryRequest }> {
  try {
    return { response: await transport.getOnce(request), request };
  } catch (error) {
    const refused =
      isPlombeError(error, 'registry/forbidden') ||
      isPlombeError(error, 'registry/unauthorized') ||
      isPlombeError(error, 'registry/not-found');
    if (mountFrom === undefined || !refused) throw error;
    const path = `/v2/${request.repository ?? ''}/blobs/uploads/`;
    const plain: RegistryRequest = { ...request, path, access: { action: 'push' } };
    return { response: await transport.getOnce(plain), request: plain };
  }
}

async function sendChunks(
  transport: Transport,
  base: UploadBase,
  first: UploadAddress,
  content: BlobContent,
  size: number,
): Promise<void> {
  let address = first;
  let at = 0;
  const send = async (bytes: Uint8Array): Promise<void> => {
    const request: RegistryRequest = {
      ...base,
      method: 'PATCH',
      path: address,
      body: bytes,
      pool: 'blobs',
      access: { action: 'push' },
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `${at}-${at + bytes.length - 1}`,
      },
    };
    const response = await transport.getOnce(request);
    await response.discard();
    address = transport.uploadAddress(response, request);
    at += bytes.length;
  };
  let pending: Uint8Array[] = [];
  let length = 0;
  for await (const piece of exactly(content)) {
    pending.push(piece);
    length += piece.length;
    if (length < size) continue;
    await send(concatBytes(pending));
    pending = [];
    length = 0;
  }
  await finish(transport, base, address, content.digest, concatBytes(pending));
}

/** Closes the upload with the last bytes; the registry compares the digest. */
async function finish(
  transport: Transport,
  base: UploadBase,
  { url, scope }: UploadAddress,
  digest: Digest,
  body: Uint8Array,
): Promise<void> {
  const last = new URL(url);
  // Appended as text: what the registry put into the query is signed there as it is written.
  last.search += `${last.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
  const response = await transport.getOnce({
    ...base,
    method: 'PUT',
    path: { url: last, scope },
    body,
    pool: 'blobs',
    access: { action: 'push' },
    headers: { 'content-type': 'application/octet-stream' },
  });
  await response.discard();
}

/** Yields the content and refuses one that is longer or shorter than it says. */
async function* exactly(content: BlobContent): AsyncGenerator<Uint8Array, void> {
  let left = content.sizeBytes;
  for await (const piece of content.open()) {
    left -= piece.length;
    if (left < 0) break;
    yield piece;
  }
  if (left === 0) return;
  throw new PlombeError(
    'archive/digest-mismatch',
    `${content.digest} does not have the ${content.sizeBytes} bytes it should.`,
  );
}

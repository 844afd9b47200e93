// The referrers tag schema: the index under `sha256-<hex>` that lists referrers where a registry does not (distribution specification 1.1).
import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '@plombe/model';
import { PlombeError, listField, isObject, isPlombeError, textField, type JsonObject } from '@plombe/kit';
import { parseDocument } from '../manifest/json.ts';
import { maxManifestBytes, parseManifest } from '../manifest/manifest.ts';
import { ociIndex } from '../manifest/media-types.ts';
import { readDocument } from '../network/client.ts';
import type { ImageReference } from '../reference/reference.ts';
import type { CallOptions } from './client.ts';
import type { ManifestContent } from './push.ts';
import type { Transport } from './transport.ts';

/** What a descriptor in the list of referrers repeats of the manifest it stands for. */
export interface ReferrerEntry {
  readonly subject: Digest;
  readonly artifactType: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Returns the tag under which referrers of a digest are listed (and the base of cosign's own tags). */
export function referrersTag(digest: Digest): string {
  return digest.replace(':', '-').slice(0, 128);
}

/** Writers that meet take turns; each loses at most as often as there are others. */
const maxAttempts = 40;
/** Longest read-modify-write of another client that has to be outwaited before an entry counts as kept. */
const settleMs = 150;

interface TagState {
  readonly manifests: readonly JsonObject[];
  readonly rest: JsonObject;
  readonly etag: string | undefined;
  readonly present: boolean;
}

/** One writer of this process at a time per list: they would only undo one another's work. */
const turns = new Map<string, Promise<unknown>>();

/**
 * Adds one entry to the list and keeps every other. The list is written on condition that it is still the one read (`If-Match`) where the
 * registry gives an ETag; many ignore the condition, so the list is read again, now and a moment later, and the entry added anew
 * where another writer's list replaced it. Throws `registry/conflict` where that never ends and `registry/manifest-invalid` where the tag is no index.
 */
export function addReferrerToTag(
  transport: Transport,
  { registry, repository }: ImageReference,
  manifest: ManifestContent,
  entry: ReferrerEntry & { readonly digest: Digest },
  options: CallOptions,
): Promise<void> {
  const key = `${registry}/${repository}:${referrersTag(entry.subject)}`;
  const run = async (): Promise<void> => {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      options.signal.throwIfAborted();
      if (attempt > 0) await sleep(20 + ((attempt * 37) % 80), undefined, { signal: options.signal });
      const state = await readTag(transport, registry, repository, entry.subject, options);
      if (
        !holds(state, entry.digest) &&
        !(await writeTag(transport, registry, repository, manifest, entry, state, options))
      )
        continue;
      if (!holds(await readTag(transport, registry, repository, entry.subject, options), entry.digest)) continue;
      await sleep(settleMs, undefined, { signal: options.signal });
      if (holds(await readTag(transport, registry, repository, entry.subject, options), entry.digest)) return;
    }
    throw new PlombeError(
      'registry/conflict',
      `The list of referrers ${key} is replaced by other writers again and again; ${entry.digest} is not in it.`,
    );
  };
  const before = turns.get(key) ?? Promise.resolve();
  const turn = before.then(run, run);
  const kept = turn.catch(() => undefined).finally(() => turns.get(key) === kept && turns.delete(key));
  turns.set(key, kept);
  return turn;
}

function holds(state: TagState, digest: Digest): boolean {
  return state.manifests.some((descriptor) => textField(descriptor, 'digest') === digest);
}

/** Reads the list as it is written, so that what others put into it stays; an absent tag is an empty list. */
async function readTag(
  transport: Transport,
  registry: string,
  repository: string,
  subject: Digest,
  { signal }: CallOptions,
): Promise<TagState> {
  const name = `${registry}/${repository}:${referrersTag(subject)}`;
  try {
    const path = `/v2/${repository}/manifests/${referrersTag(subject)}`;
    // With the token that may write: the answer must not come from a cache for readers.
    const access = { action: 'push' } as const;
    const response = await transport.get({ registry, repository, path, accept: ociIndex, signal, access });
    const bytes = await readDocument(response, name, maxManifestBytes);
    const document = parseManifest(bytes, { subject: name });
    if (document.kind !== 'index') {
      throw new PlombeError('registry/manifest-invalid', `${name} is no index, so no referrer can be listed there.`);
    }
    const rest = parseDocument(bytes, name, maxManifestBytes);
    const etag = response.headers.etag;
    return { manifests: listField(rest, 'manifests').filter(isObject), rest, etag, present: true };
  } catch (error) {
    if (!isPlombeError(error, 'registry/not-found')) throw error;
    return { manifests: [], rest: { schemaVersion: 2, mediaType: ociIndex }, etag: undefined, present: false };
  }
}

/** Writes the list with the entry; false where the registry says that it changed meanwhile. */
async function writeTag(
  transport: Transport,
  registry: string,
  repository: string,
  manifest: ManifestContent,
  entry: ReferrerEntry & { readonly digest: Digest },
  state: TagState,
  { signal }: CallOptions,
): Promise<boolean> {
  const descriptor = {
    mediaType: manifest.mediaType,
    digest: entry.digest,
    size: manifest.bytes.length,
    artifactType: entry.artifactType,
    ...(Object.keys(entry.annotations).length === 0 ? {} : { annotations: entry.annotations }),
  };
  const body = Buffer.from(JSON.stringify({ ...state.rest, manifests: [...state.manifests, descriptor] }));
  if (body.length > maxManifestBytes) {
    const message = `The list of referrers of ${entry.subject} is full: it would be larger than ${maxManifestBytes} bytes.`;
    throw new PlombeError('registry/conflict', message);
  }
  const mediaType = textField(state.rest, 'mediaType') ?? ociIndex;
  const response = await transport.get({
    registry,
    repository,
    signal,
    method: 'PUT',
    path: `/v2/${repository}/manifests/${referrersTag(entry.subject)}`,
    body,
    access: { action: 'push' },
    headers: {
      'content-type': mediaType,
      ...(state.etag === undefined ? {} : { 'if-match': state.etag }),
      ...(state.present ? {} : { 'if-none-match': '*' }),
    },
    expect: [409, 412],
  });
  await response.discard();
  return response.status < 300;
}

// Changing what a tag holds without losing what others put there: read, change, write on condition, read again.
import { setTimeout as sleep } from 'node:timers/promises';
import { PlombeError, isPlombeError } from '@plombe/kit';
import { maxManifestBytes, parseManifest, type IndexDocument, type ManifestDocument } from '../manifest/manifest.ts';
import { manifestAccept } from '../manifest/media-types.ts';
import { readDocument } from '../network/client.ts';
import type { ImageReference } from '../reference/reference.ts';
import type { CallOptions } from './client.ts';
import type { ManifestContent } from './push.ts';
import type { Transport } from './transport.ts';

/** What a tag holds now; absent where there is none. */
export interface TagContent {
  readonly bytes: Uint8Array;
  readonly document: IndexDocument | ManifestDocument;
}

/** Answers the manifest to write instead, or undefined where the wanted entry is in it already. */
export type TagChange = (current: TagContent | undefined) => Promise<ManifestContent | undefined>;

/** Writers that meet take turns; each loses at most as often as there are others. */
const maxAttempts = 40;
/**
 * A client that read before our write may write after our check. What is waited for outlasts such a read-modify-write: 150 ms, and four times
 * what our own took where the registry is slow, at most two seconds.
 */
const settle = { leastMs: 150, rounds: 4, mostMs: 2000 } as const;

/** One writer of this process at a time per tag: they would only undo one another's work. */
const turns = new Map<string, Promise<unknown>>();

/**
 * Applies a change that adds an entry. The manifest is written on condition that the tag is still as it was read (`If-Match`) where the
 * registry gives an ETag; many ignore the condition, so the tag is read again, now and a moment later, and the change made anew
 * where another writer replaced it. Throws `registry/conflict` where that never ends, or where the manifest grows over 4 MiB.
 */
export function updateTag(
  transport: Transport,
  reference: ImageReference & { readonly tag: string },
  change: TagChange,
  options: CallOptions,
): Promise<void> {
  const name = `${reference.registry}/${reference.repository}:${reference.tag}`;
  const run = async (): Promise<void> => {
    let settled = false;
    let roundMs = 0;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      options.signal.throwIfAborted();
      const startedMs = performance.now();
      const { current, etag } = await readTag(transport, reference, name, options);
      const wanted = await change(current);
      if (wanted === undefined) {
        if (settled || attempt === 0) return;
        settled = true;
        const waitMs = Math.min(settle.mostMs, Math.max(settle.leastMs, settle.rounds * roundMs));
        await sleep(waitMs, undefined, { signal: options.signal });
        continue;
      }
      settled = false;
      await writeTag(transport, reference, wanted, { etag, present: current !== undefined }, options);
      roundMs = performance.now() - startedMs;
    }
    throw new PlombeError('registry/conflict', `${name} is replaced by other writers again and again.`);
  };
  const turn = (turns.get(name) ?? Promise.resolve()).then(run, run);
  const kept = turn.catch(() => undefined).finally(() => turns.get(name) === kept && turns.delete(name));
  turns.set(name, kept);
  return turn;
}

async function readTag(
  transport: Transport,
  { registry, repository, tag }: ImageReference & { readonly tag: string },
  subject: string,
  { signal }: CallOptions,
): Promise<{ readonly current?: TagContent; readonly etag?: string }> {
  try {
    const path = `/v2/${repository}/manifests/${tag}`;
    // With the token that may write: the answer must not come from a cache for readers.
    const access = { action: 'push' } as const;
    const response = await transport.get({ registry, repository, path, accept: manifestAccept, signal, access });
    const bytes = await readDocument(response, subject, maxManifestBytes);
    const { etag } = response.headers;
    return { current: { bytes, document: parseManifest(bytes, { subject }) }, ...(etag === undefined ? {} : { etag }) };
  } catch (error) {
    if (!isPlombeError(error, 'registry/not-found')) throw error;
    return {};
  }
}

/** A registry that holds to the condition refuses with 412 where the tag changed meanwhile; the next round sees that. */
async function writeTag(
  transport: Transport,
  { registry, repository, tag }: ImageReference & { readonly tag: string },
  { bytes, mediaType }: ManifestContent,
  before: { readonly etag: string | undefined; readonly present: boolean },
  { signal }: CallOptions,
): Promise<void> {
  if (bytes.length > maxManifestBytes) {
    const message = `${registry}/${repository}:${tag} is full: it would be larger than ${maxManifestBytes} bytes.`;
    throw new PlombeError('registry/conflict', message);
  }
  const response = await transport.get({
    registry,
    repository,
    signal,
    method: 'PUT',
    path: `/v2/${repository}/manifests/${tag}`,
    body: bytes,
    access: { action: 'push' },
    headers: {
      'content-type': mediaType,
      ...(before.etag === undefined ? {} : { 'if-match': before.etag }),
      ...(before.present ? {} : { 'if-none-match': '*' }),
    },
    expect: [409, 412],
  });
  await response.discard();
}

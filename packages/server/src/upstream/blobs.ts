// Blobs that lie here, in the registry behind this one, or in both: what is here is a spool that can be fetched again.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { digestAlgorithm, type Digest } from '@plombe/model';
import { concatBytes, PlombeError, toHex } from '@plombe/kit';
import type { BlobStore, ByteRange } from '@plombe/store';
import type { GrowingBlob } from '../registry/ports.ts';
import type { Known, KnownBlob } from './known.ts';
import type { Links } from './link.ts';

export interface SpoolParts {
  readonly local: BlobStore;
  readonly known: Known;
  readonly links: Links;
  readonly signal: AbortSignal;
  random(sizeBytes: number): Uint8Array;
  /** Told of blobs that are fetched, as of uploads. */
  observe(blob: GrowingBlob): void;
}

/** Blobs here and there. */
export interface SpooledBlobs extends BlobStore {
  /** Throws `registry/…`, `archive/digest-mismatch`, `store/full`. */
  fetch(repository: string, digests: readonly Digest[]): Promise<boolean>;
}

/** Layers of one image that are fetched at once. */
const fetchesAtOnce = 4;

/** Creates the store. Without `local`: rows and files are not changed in one transaction, for the file is only a copy. */
export function spoolBlobs(parts: SpoolParts): SpooledBlobs {
  const { local, known, links, signal } = parts;
  const fetching = new Map<Digest, Promise<boolean>>();
  const isHere = (digest: Digest): boolean => local.local?.exists(digest) === true;

  function far(digest: Digest, offset: number): AsyncIterable<Uint8Array> {
    const holder = known.holders(digest).find(({ repository }) => links.of(repository) !== undefined);
    const link = holder === undefined ? undefined : links.of(holder.repository);
    if (holder === undefined || link === undefined)
      throw new PlombeError(
        'registry/not-found',
        `The blob ${digest} is not here, and no registry is known to have it.`,
      );
    const descriptor = { mediaType: 'application/octet-stream', digest, sizeBytes: holder.sizeBytes };
    return link.client.openBlob(link.place(holder.repository), descriptor, { signal, offset });
  }

  async function fetchOne({ repository, sizeBytes }: KnownBlob, digest: Digest): Promise<boolean> {
    const link = links.of(repository);
    if (link === undefined) return false;
    const staged = local.stage(toHex(parts.random(16)), digestAlgorithm(digest));
    const done = Promise.withResolvers<Digest | undefined>();
    try {
      await staged.prepare();
      parts.observe({ repository, path: staged.path, done: done.promise, size: () => staged.size() });
      const descriptor = { mediaType: 'application/octet-stream', digest, sizeBytes };
      await link.plainCall(() => staged.append(link.client.openBlob(link.place(repository), descriptor, { signal })));
      const { kind } = await staged.commit(digest);
      if (kind === 'stored') done.resolve(digest);
      else throw new PlombeError('archive/digest-mismatch', `${link.registry} sends other bytes for ${digest}.`);
      return true;
    } catch (error) {
      await staged.discard();
      throw error;
    } finally {
      done.resolve(undefined);
    }
  }

  function fetchOnce(repository: string, digest: Digest): Promise<boolean> {
    if (isHere(digest)) return Promise.resolve(false);
    const running = fetching.get(digest);
    if (running !== undefined) return running;
    const holder = known.blob(repository, digest) ?? known.holders(digest)[0];
    if (holder === undefined) return Promise.resolve(false);
    const task = fetchOne(holder, digest).finally(() => fetching.delete(digest));
    fetching.set(digest, task);
    return task;
  }

  return {
    stat: async (digest) => (await local.stat(digest)) ?? known.holders(digest)[0],
    open: (digest, range) => {
      if (isHere(digest) || known.holders(digest).length === 0) return local.open(digest, range);
      return Readable.from(bounded(far(digest, range?.start ?? 0), range), { objectMode: false });
    },
    send: async (digest, range, out) => {
      if (isHere(digest) || known.holders(digest).length === 0) return local.send(digest, range, out);
      const isWhole = range.start === 0 && range.end + 1 === known.holders(digest)[0]?.sizeBytes;
      const source = bounded(far(digest, range.start), range);
      await write(isWhole ? verified(source, digest) : source, out);
    },
    read: async (digest) => {
      const found = await local.read(digest);
      if (found !== undefined || known.holders(digest).length === 0) return found;
      const pieces: Uint8Array[] = [];
      for await (const piece of verified(far(digest, 0), digest)) pieces.push(piece);
      const bytes = concatBytes(pieces);
      await local.put(digest, bytes);
      return bytes;
    },
    put: (digest, bytes) => local.put(digest, bytes),
    stage: (id, algorithm) => local.stage(id, algorithm),
    resume: (id) => local.resume(id),
    delete: (digest) => local.delete(digest),
    list: () => local.list(),
    removeStale: (beforeMs) => local.removeStale(beforeMs),
    fetch: async (repository, digests) => {
      const left = [...digests];
      let hasFetched = false;
      await Promise.all(
        Array.from({ length: fetchesAtOnce }, async () => {
          for (let next = left.shift(); next !== undefined; next = left.shift())
            if (await fetchOnce(repository, next)) hasFetched = true;
        }),
      );
      return hasFetched;
    },
  };
}

async function* bounded(source: AsyncIterable<Uint8Array>, range: ByteRange | undefined): AsyncGenerator<Uint8Array> {
  let left = range === undefined ? Infinity : range.end - range.start + 1;
  if (left <= 0) return;
  for await (const piece of source) {
    yield piece.length > left ? piece.subarray(0, left) : piece;
    left -= piece.length;
    if (left <= 0) return;
  }
}

/** Holds the last piece back until the digest is right: nobody gets another blob whole (T27). */
async function* verified(source: AsyncIterable<Uint8Array>, digest: Digest): AsyncGenerator<Uint8Array> {
  const algorithm = digestAlgorithm(digest);
  const hash = createHash(algorithm);
  let held: Uint8Array | undefined;
  for await (const piece of source) {
    hash.update(piece);
    if (held !== undefined) yield held;
    held = piece;
  }
  if (`${algorithm}:${hash.digest('hex')}` !== digest)
    throw new PlombeError('archive/digest-mismatch', `The registry behind this one sends other bytes for ${digest}.`);
  if (held !== undefined) yield held;
}

async function write(source: AsyncIterable<Uint8Array>, out: Writable): Promise<void> {
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  out.once('close', onClose);
  try {
    for await (const piece of source) {
      if (out.destroyed) throw new Error('The connection was closed.');
      if (!out.write(piece)) await once(out, 'drain', { signal: gone.signal });
    }
  } finally {
    out.off('close', onClose);
  }
}

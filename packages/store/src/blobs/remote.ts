// Blobs in an object store: blobs/<algorithm>/<hex> below its prefix; uploads are files here until they are verified, and go there as a whole.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseDigest, type Digest } from '@plombe/model';
import type { BlobStore, ByteRange, ListedBlob } from './blob-store.ts';
import { makeStateFolder } from './failure.ts';
import { fetchedBlobs } from './fetched.ts';
import type { ObjectStore } from './object-store.ts';
import { sendParts } from './parts.ts';
import { openUploads } from './uploads.ts';

/** How blobs are kept elsewhere. */
export interface RemoteBlobsOptions {
  /** The server's folder: uploads are in `uploads` below it, and the index of the layout, without blobs, in `layout`. */
  readonly folder: string;
  /** True: clients are sent to the store itself for blobs. */
  readonly redirects: boolean;
}

/** An address is good for so long; a download that began goes on. */
const linkMs = 600_000;

/** Returns blobs over the object store. */
export function openRemoteBlobs(objects: ObjectStore, { folder, redirects }: RemoteBlobsOptions): BlobStore {
  makeStateFolder(join(folder, 'layout'));
  const uploads = openUploads(join(folder, 'uploads'), {
    keepsFile: false,
    place: async (from, digest, sizeBytes) => {
      // Equal names are equal bytes; whoever links the blob looks again whether it is there.
      if ((await objects.stat(nameOf(digest)))?.sizeBytes !== sizeBytes) {
        await sendParts(objects, nameOf(digest), from, sizeBytes);
      }
      await rm(from, { force: true });
    },
  });

  async function* bytesOf(digest: Digest, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const source = await objects.get(nameOf(digest), range);
    if (source === undefined) throw Object.assign(new Error(`There is no blob ${digest}.`), { code: 'ENOENT' });
    yield* source as AsyncIterable<Uint8Array>;
  }

  const open: BlobStore['open'] = (digest, range) => Readable.from(bytesOf(digest, range), { objectMode: false });
  const fetched = fetchedBlobs({ open }, folder);

  return {
    stat: async (digest) => {
      const found = await objects.stat(nameOf(digest));
      return found === undefined ? undefined : { sizeBytes: found.sizeBytes };
    },
    open,
    send: (digest, range, out) => send(bytesOf(digest, range), range, out),
    read: async (digest) => {
      const source = await objects.get(nameOf(digest));
      return source === undefined ? undefined : Buffer.concat(await source.toArray());
    },
    put: (digest, bytes) => objects.put(nameOf(digest), bytes),
    ...uploads,
    delete: (digest) => objects.delete(nameOf(digest)),
    list: () => listBlobs(objects),
    removeStale: async (beforeMs, keeps) => {
      await objects.removeUnfinished(beforeMs);
      await fetched.removeStale(beforeMs);
      return uploads.removeStale(beforeMs, keeps);
    },
    fetch: fetched.fetch,
    release: fetched.release,
    ...(redirects ? { redirect: (digest) => objects.link(nameOf(digest), linkMs) } : {}),
  };
}

function nameOf(digest: Digest): string {
  return `blobs/${digest.replace(':', '/')}`;
}

async function send(source: AsyncIterable<Uint8Array>, { start, end }: ByteRange, out: Writable): Promise<void> {
  const wanted = end - start + 1;
  // Of an empty blob there is no part to ask for.
  if (wanted <= 0) return;
  let sent = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      sent += chunk.length;
      yield chunk;
    }
  }
  await pipeline(counted(), out, { end: false });
  if (sent !== wanted) throw new Error('The blob is shorter than it should be.');
}

async function* listBlobs(objects: ObjectStore): AsyncGenerator<ListedBlob> {
  for await (const { name, sizeBytes, modifiedAtMs } of objects.list('blobs/')) {
    const digest = parseDigest(name.slice('blobs/'.length).replace('/', ':'));
    if (digest !== undefined && nameOf(digest) === name) yield { digest, sizeBytes, modifiedAtMs };
  }
}

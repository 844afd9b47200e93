// Uploads that go on to the registry behind this one while they come: the bytes are read from the file that grows here.
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { concatBytes, kibibyte, mebibyte, messageOf } from '@plombe/kit';
import type { Context, Digest } from '@plombe/model';
import type { RegistryRequest, UploadAddress } from '@plombe/oci';
import type { GrowingBlob } from '../registry/ports.ts';
import type { Known } from './known.ts';
import type { Link, Links } from './link.ts';

export interface Tee {
  /** Follows an upload. */
  observe(blob: GrowingBlob): void;
  /** Resolves when an upload that ended with this digest is there, or was given up: then it is to be sent from here. */
  settled(repository: string, digest: Digest): Promise<void>;
}

interface Following {
  readonly repository: string;
  digest?: Digest;
  readonly over: Promise<void>;
}

/** Stores behind registries need 5 MiB for a part; 32 uploads hold at most 160 MiB. */
const chunkBytes = 5 * mebibyte;
const readBytes = 512 * kibibyte;
/** How often it is looked for more bytes, longer where none come. */
const poll = { leastMs: 5, mostMs: 500 } as const;

/** Creates it. What fails on the way costs nothing but sending the blob again: the copy here is whole. */
export function createTee(links: Links, known: Known, ctx: Context): Tee {
  const running = new Set<Following>();

  async function follow(blob: GrowingBlob, link: Link): Promise<void> {
    const upload = createUpload(link, blob.repository, ctx.signal);
    try {
      const digest = await forward(blob, upload);
      if (digest === undefined) return await upload.cancel();
      await link.plainCall(() => upload.finish(digest));
      known.addBlob(blob.repository, digest, upload.size());
    } catch (error) {
      ctx.log.info('upstream.upload-broke', { repository: blob.repository, cause: messageOf(error) });
      await upload.cancel();
    }
  }

  return {
    observe: (blob) => {
      const link = links.of(blob.repository);
      if (link === undefined || link.isCache) return;
      const over = follow(blob, link).finally(() => running.delete(entry));
      const entry: Following = { repository: blob.repository, over };
      running.add(entry);
      void blob.done.then(
        (digest) => {
          if (digest !== undefined) entry.digest = digest;
        },
        () => undefined,
      );
    },
    settled: async (repository, digest) => {
      // The upload's end is told in the same turn.
      await new Promise((resolve) => setImmediate(resolve));
      const same = [...running].filter((one) => one.repository === repository && one.digest === digest);
      await Promise.all(same.map(({ over }) => over));
    },
  };
}

/** Reads the file to its end; resolves with the digest, or undefined where the upload was given up. */
async function forward(blob: GrowingBlob, upload: FarUpload): Promise<Digest | undefined> {
  const state: { end?: { readonly digest: Digest | undefined } } = {};
  const ended = blob.done.then(
    (digest) => void (state.end = { digest }),
    () => void (state.end = { digest: undefined }),
  );
  const file = await open(blob.path, 'r');
  try {
    for (let at = 0, waitMs: number = poll.leastMs; ;) {
      // Before the read: what is written after it is still to come.
      const { end } = state;
      if (end !== undefined && end.digest === undefined) return undefined;
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(readBytes), 0, readBytes, at);
      at += bytesRead;
      if (bytesRead > 0) {
        waitMs = poll.leastMs;
        await upload.add(buffer.subarray(0, bytesRead));
      } else if (end !== undefined) return end.digest;
      else {
        await Promise.race([ended, sleep(waitMs, undefined, { ref: false })]);
        waitMs = Math.min(poll.mostMs, waitMs * 2);
      }
    }
  } finally {
    await file.close();
  }
}

interface FarUpload {
  size(): number;
  /** Keeps bytes, and sends them once they make a chunk. */
  add(bytes: Uint8Array): Promise<void>;
  finish(digest: Digest): Promise<void>;
  /** Throws nothing. */
  cancel(): Promise<void>;
}

/** The address of the upload there never leaves this function. */
function createUpload(link: Link, local: string, signal: AbortSignal): FarUpload {
  const { transport } = link;
  const { registry, repository } = link.place(local);
  const base = { registry, repository, signal, access: { action: 'push' } } as const;
  let address: UploadAddress | undefined;
  let pending: Uint8Array[] = [];
  let held = 0;
  let sent = 0;

  const take = (): Uint8Array => {
    const bytes = concatBytes(pending);
    pending = [];
    held = 0;
    return bytes;
  };
  const begin = async (): Promise<UploadAddress> => {
    const request: RegistryRequest = {
      ...base,
      method: 'POST',
      path: `/v2/${repository}/blobs/uploads/`,
      headers: { 'content-length': '0' },
    };
    const response = await transport.get(request);
    await response.discard();
    return transport.uploadAddress(response, request);
  };
  const flush = async (): Promise<void> => {
    const from = (address ??= await begin());
    const bytes = take();
    const request: RegistryRequest = {
      ...base,
      method: 'PATCH',
      path: from,
      body: bytes,
      pool: 'blobs',
      headers: { 'content-type': 'application/octet-stream', 'content-range': `${sent}-${sent + bytes.length - 1}` },
    };
    const response = await transport.getOnce(request);
    await response.discard();
    address = transport.uploadAddress(response, request);
    sent += bytes.length;
  };

  return {
    size: () => sent + held,
    add: async (bytes) => {
      pending.push(bytes);
      held += bytes.length;
      if (held >= chunkBytes) await link.plainCall(flush);
    },
    finish: async (digest) => {
      const { url, scope } = (address ??= await begin());
      const last = new URL(url);
      // Appended as text: what the registry put into the query is signed there as it is written.
      last.search += `${last.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
      const length = held;
      const response = await transport.getOnce({
        ...base,
        method: 'PUT',
        path: { url: last, scope },
        body: take(),
        pool: 'blobs',
        headers: { 'content-type': 'application/octet-stream' },
      });
      await response.discard();
      sent += length;
      address = undefined;
    },
    cancel: async () => {
      const open = address;
      address = undefined;
      if (open === undefined || link.restMs() > 0) return;
      try {
        const response = await transport.getOnce({ ...base, method: 'DELETE', path: open, expect: [404, 405] });
        await response.discard();
      } catch {
        // The registry forgets uploads by itself.
      }
    },
  };
}

// Uploads that go on to the registry behind this one while they come: the bytes are read from the file that grows here.
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { mebibyte, messageOf } from '@plombe/kit';
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

/** Stores behind registries need 5 MiB for a part. */
const chunkBytes = 5 * mebibyte;
/** Chunks in memory at a time, of all uploads: 40 MiB. */
const chunksAtOnce = 8;
/** How often it is looked for more bytes, longer where none come. */
const poll = { leastMs: 5, mostMs: 500 } as const;

/** Creates it. What fails on the way costs nothing but sending the blob again: the copy here is whole. */
export function createTee(links: Links, known: Known, ctx: Context): Tee {
  const running = new Set<Following>();
  const inTurn = createTurns(chunksAtOnce);

  async function follow(blob: GrowingBlob, link: Link): Promise<void> {
    const upload = createUpload(link, blob.repository, ctx.signal);
    try {
      const digest = await forward(blob, upload, inTurn);
      if (digest === undefined) return await upload.cancel();
      known.addBlob(blob.repository, digest, upload.sentBytes());
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

type Turns = <T>(work: () => Promise<T>) => Promise<T>;

function createTurns(limit: number): Turns {
  const waiting: (() => void)[] = [];
  let working = 0;
  return async (work) => {
    if (working >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else working += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) working -= 1;
      else next();
    }
  };
}

/** Sends the file to its end; resolves with the digest, or undefined where the upload was given up. A slow client holds no turn. */
async function forward(blob: GrowingBlob, upload: FarUpload, inTurn: Turns): Promise<Digest | undefined> {
  const state: { end?: { readonly digest: Digest | undefined } } = {};
  const ended = blob.done.then(
    (digest) => void (state.end = { digest }),
    () => void (state.end = { digest: undefined }),
  );
  // At once: the file gets another name at the end.
  const file = await open(blob.path, 'r');
  try {
    for (let waitMs: number = poll.leastMs; ;) {
      const { end } = state;
      const left = blob.size() - upload.sentBytes();
      if (end !== undefined && end.digest === undefined) return undefined;
      if (end?.digest !== undefined && left <= chunkBytes) {
        const { digest } = end;
        await inTurn(async () => upload.finish(digest, await readPart(file, upload.sentBytes(), left)));
        return digest;
      }
      if (left >= chunkBytes) {
        waitMs = poll.leastMs;
        await inTurn(async () => upload.send(await readPart(file, upload.sentBytes(), chunkBytes)));
      } else {
        await Promise.race([ended, sleep(waitMs, undefined, { ref: false })]);
        waitMs = Math.min(poll.mostMs, waitMs * 2);
      }
    }
  } finally {
    await file.close();
  }
}

async function readPart(file: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, length - at, start + at);
    if (bytesRead === 0) throw new Error('The upload is shorter than it was.');
    at += bytesRead;
  }
  return bytes;
}

interface FarUpload {
  sentBytes(): number;
  send(bytes: Uint8Array): Promise<void>;
  /** Sends the last bytes. */
  finish(digest: Digest, bytes: Uint8Array): Promise<void>;
  /** Throws nothing. */
  cancel(): Promise<void>;
}

/** The address of the upload there never leaves this function. */
function createUpload(link: Link, local: string, signal: AbortSignal): FarUpload {
  const { transport } = link;
  const { registry, repository } = link.place(local);
  const base = { registry, repository, signal, access: { action: 'push' } } as const;
  let address: UploadAddress | undefined;
  let sent = 0;

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
  const patch = async (bytes: Uint8Array): Promise<void> => {
    const request: RegistryRequest = {
      ...base,
      method: 'PATCH',
      path: (address ??= await begin()),
      body: bytes,
      pool: 'blobs',
      headers: { 'content-type': 'application/octet-stream', 'content-range': `${sent}-${sent + bytes.length - 1}` },
    };
    const response = await transport.getOnce(request);
    await response.discard();
    address = transport.uploadAddress(response, request);
    sent += bytes.length;
  };
  const close = async (digest: Digest, bytes: Uint8Array): Promise<void> => {
    const { url, scope } = (address ??= await begin());
    const last = new URL(url);
    // Appended as text: what the registry put into the query is signed there as it is written.
    last.search += `${last.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
    const response = await transport.getOnce({
      ...base,
      method: 'PUT',
      path: { url: last, scope },
      body: bytes,
      pool: 'blobs',
      headers: { 'content-type': 'application/octet-stream' },
    });
    await response.discard();
    sent += bytes.length;
    address = undefined;
  };

  return {
    sentBytes: () => sent,
    send: (bytes) => link.plainCall(() => patch(bytes)),
    finish: (digest, bytes) => link.plainCall(() => close(digest, bytes)),
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

// The cache of layer records: content-addressed files that many processes read and write at once without a lock.
import { createHash } from 'node:crypto';
import { open, readdir, readFile, rename, rm, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { gibibyte, makeFolder, messageOf, toHex } from '@plombe/kit';
import type { Context, Digest } from '@plombe/model';
import type { LayerRecord } from '../collect/record.ts';
import { decodeRecord, packRecord, sealedBytes, sealOf } from './codec.ts';

export interface LayerCacheOptions {
  readonly directory: string;
  /** Name of the question asked, from `interestsKey`. */
  readonly key: string;
  /** All files together; the least recently used go first. 2 GiB hold some 20,000 layers. */
  readonly maxBytes?: number;
}

/** Answers undefined for what is not there; never throws: an unusable cache costs time, not the scan. */
export interface LayerCache {
  load(diffID: Digest): Promise<LayerRecord | undefined>;
  save(diffID: Digest, record: LayerRecord): Promise<void>;
}

/** A temporary file older than this is left over from a killed process. */
const staleAfterMs = 3_600_000;
/** The folder is looked through again after this share of its size was written: it has thousands of files. */
const pruneShare = 32;

/**
 * Opens the cache. A file is written under a temporary name and renamed, so a reader sees all of it or nothing, also after
 * kill -9; its seal is checked on each read.
 */
export function openLayerCache(options: LayerCacheOptions, ctx: Context): LayerCache {
  const folder = join(options.directory, 'layers');
  const maxBytes = options.maxBytes ?? 2 * gibibyte;
  let usable = true;
  // The first save looks at the whole folder; it may be another process that filled it.
  let written = maxBytes;
  const giveUp = (thrown: unknown): void => {
    if (usable) ctx.log.warn('cache.unusable', { directory: options.directory, cause: messageOf(thrown) });
    usable = false;
  };
  const pathOf = (diffID: Digest): string => {
    const hex = diffID.slice(diffID.indexOf(':') + 1);
    return join(folder, hex.slice(0, 2), `${hex}.${options.key}`);
  };
  return {
    async load(diffID) {
      if (!usable) return undefined;
      const path = pathOf(diffID);
      try {
        const record = decodeRecord(await readFile(path));
        if (record === undefined || record.diffID !== diffID) {
          await rm(path, { force: true });
          return undefined;
        }
        const now = ctx.clock.nowMs() / 1000;
        await utimes(path, now, now).catch(() => undefined);
        return record;
      } catch (thrown) {
        if (codeOf(thrown) !== 'ENOENT') giveUp(thrown);
        return undefined;
      }
    },
    async save(diffID, record) {
      if (!usable || !record.complete || record.diffID !== diffID) return;
      const path = pathOf(diffID);
      const temporary = `${path}.${toHex(ctx.random(8))}.tmp`;
      try {
        makeFolder(join(path, '..'));
        written += await writeRecord(temporary, record);
        await rename(temporary, path);
        if (written < maxBytes / pruneShare) return;
        written = 0;
        await prune(folder, maxBytes, ctx.clock.nowMs());
      } catch (thrown) {
        await rm(temporary, { force: true }).catch(() => undefined);
        giveUp(thrown);
      }
    },
  };
}

/** Writes body first, seal last: what a killed writer leaves has none. Returns the bytes written. */
async function writeRecord(path: string, record: LayerRecord): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let at = sealedBytes;
    for await (const chunk of packRecord(record)) {
      hash.update(chunk);
      at += (await file.write(chunk, 0, chunk.length, at)).bytesWritten;
    }
    const seal = sealOf(hash.digest());
    await file.write(seal, 0, seal.length, 0);
    return at;
  } finally {
    await file.close();
  }
}

/** Removes the least recently used files until the rest fits, and what killed processes left behind. (T25) */
async function prune(folder: string, maxBytes: number, nowMs: number): Promise<void> {
  const files: { path: string; sizeBytes: number; usedAtMs: number }[] = [];
  for (const prefix of await readdir(folder)) {
    for (const name of await readdir(join(folder, prefix)).catch(() => [])) {
      const path = join(folder, prefix, name);
      const info = await stat(path).catch(() => undefined);
      if (info === undefined) continue;
      if (name.endsWith('.tmp') && nowMs - info.mtimeMs > staleAfterMs) await remove(path);
      else files.push({ path, sizeBytes: info.size, usedAtMs: info.mtimeMs });
    }
  }
  let total = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (total <= maxBytes) return;
  files.sort((a, b) => a.usedAtMs - b.usedAtMs);
  for (const file of files) {
    if (total <= maxBytes) return;
    await remove(file.path);
    total -= file.sizeBytes;
  }
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
}

function codeOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
}

// Sealed files that many processes read and write at once without a lock, kept under a size.
import { createHash } from 'node:crypto';
import { open, readdir, readFile, rename, rm, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gibibyte, makeFolder, messageOf, toHex } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { sealedBytes, sealOf } from './codec.ts';

export interface CacheOptions {
  readonly directory: string;
  /** All files together; the least recently used go first. 2 GiB hold some 20,000 layers. */
  readonly maxBytes?: number;
}

/** Never throws: an unusable cache costs time, not the scan. A name is `<hex>.<what it is>`. */
export interface CacheFiles {
  /** Returns what `decode` makes of the file; one of which it makes nothing is torn or altered, and removed. */
  load<Value>(name: string, decode: (bytes: Buffer) => Value | undefined): Promise<Value | undefined>;
  /** Counts as a use of the file, if it is there. */
  touch(name: string): Promise<void>;
  /** Writes the seal and the packed body under a temporary name, and renames it. */
  save(name: string, body: AsyncIterable<Uint8Array>): Promise<void>;
}

/** A temporary file older than this is left over from a killed process. */
const staleAfterMs = 3_600_000;
/** The folder is looked through again after this share of its size was written: it has thousands of files. */
const pruneShare = 32;

/**
 * Opens the cache. A file is written under a temporary name and renamed, so a reader sees all of it or nothing, also after
 * kill -9; its seal is checked on each read.
 */
export function openCacheFiles(options: CacheOptions, ctx: Context): CacheFiles {
  const folder = join(options.directory, 'layers');
  const maxBytes = options.maxBytes ?? 2 * gibibyte;
  let usable = true;
  // The first save looks at the whole folder; it may be another process that filled it.
  let written = maxBytes;
  const giveUp = (thrown: unknown): void => {
    if (usable) ctx.log.warn('cache.unusable', { directory: options.directory, cause: messageOf(thrown) });
    usable = false;
  };
  const pathOf = (name: string): string => join(folder, name.slice(0, 2), name);
  const touch = async (name: string): Promise<void> => {
    const now = ctx.clock.nowMs() / 1000;
    await utimes(pathOf(name), now, now).catch(() => undefined);
  };
  return {
    touch,
    async load(name, decode) {
      if (!usable) return undefined;
      const path = pathOf(name);
      try {
        const value = decode(await readFile(path));
        if (value === undefined) {
          await rm(path, { force: true });
          return undefined;
        }
        await touch(name);
        return value;
      } catch (thrown) {
        if (codeOf(thrown) !== 'ENOENT') giveUp(thrown);
        return undefined;
      }
    },
    async save(name, body) {
      if (!usable) return;
      const path = pathOf(name);
      const temporary = `${path}.${toHex(ctx.random(8))}.tmp`;
      try {
        makeFolder(dirname(path));
        written += await writeSealed(temporary, body);
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
async function writeSealed(path: string, body: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let at = sealedBytes;
    for await (const chunk of body) {
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

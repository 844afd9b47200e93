// Where a database's files are: shards named by content, so that a new manifest is the only thing that is swapped.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { kibibyte, PlombeError, toHex } from '@plombe/kit';
import { isStamped } from './stamp.ts';
import { maxManifestBytes, parseManifest, type DatabaseManifest, type ShardRecord } from './manifest.ts';

export const manifestName = 'manifest.json';
/** The manifest of the generation before; its shards are kept too. */
export const previousName = 'previous.json';

/** Reads the manifest in a folder. Throws `database/missing` where there is none, `database/damaged` where it cannot be read. */
export function readManifest(directory: string, name: string = manifestName): DatabaseManifest {
  const path = join(directory, name);
  let text: string;
  try {
    if (statSync(path).size > maxManifestBytes) throw new PlombeError('database/damaged', `${path} is too large.`);
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof PlombeError) throw cause;
    if (isAbsent(cause)) throw new PlombeError('database/missing', `There is no database in ${directory}.`, { cause });
    throw new PlombeError('database/damaged', `${path} cannot be read.`, { cause });
  }
  return parseManifest(text, path);
}

/** Reads the manifest, or answers undefined where there is none. */
export function readManifestIfAny(directory: string): DatabaseManifest | undefined {
  try {
    return readManifest(directory);
  } catch (error) {
    if (error instanceof PlombeError && error.code === 'database/missing') return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** One buffer for all: a scan opens ten shards, and a buffer each would be 10 MiB. */
const hashBuffer = Buffer.allocUnsafe(256 * kibibyte);

/** Returns the lower-case hex SHA-256 of a file, read in pieces, and its size. */
export function hashFile(path: string): { readonly sha256: string; readonly bytes: number } {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  let bytes = 0;
  try {
    for (;;) {
      const read = readSync(file, hashBuffer, 0, hashBuffer.length, null);
      if (read === 0) break;
      hash.update(hashBuffer.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(file);
  }
  return { sha256: toHex(hash.digest()), bytes };
}

/**
 * Says what is wrong with the file of a shard; undefined where size and digest are those of its record. With `unlessStamped` the digest of a file
 * that did not change since it was compared is not compared again.
 */
export function findDamage(
  directory: string,
  shard: ShardRecord,
  { unlessStamped = false }: { readonly unlessStamped?: boolean } = {},
): string | undefined {
  const path = join(directory, shard.file);
  try {
    const { size } = statSync(path);
    if (size !== shard.bytes) return `has ${size} bytes instead of ${shard.bytes}`;
    if (unlessStamped && isStamped(path)) return undefined;
    return hashFile(path).sha256 === shard.sha256 ? undefined : 'does not have the digest that the manifest names';
  } catch (error) {
    return isAbsent(error) ? 'is absent' : 'cannot be read';
  }
}

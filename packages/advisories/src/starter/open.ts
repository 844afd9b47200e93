// Opens the starter database: each shard is unpacked into the cache when it is first needed, and checked there every time.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@plombe/kit';
import { createDatabase, type AdvisoryDatabase, type OpenDatabaseOptions } from '../database/database.ts';
import { hashFile, readManifest } from '../database/location.ts';
import type { ShardRecord } from '../database/manifest.ts';
import type { ShardFile } from '../database/open.ts';
import { packedName, unpackShard } from './format.ts';

export interface StarterOptions extends OpenDatabaseOptions {
  /** Folder of the starter: beside the bundle, or `starter` in this package. */
  readonly starter: string;
  /** Folder for unpacked shards; any number of processes may share it. Where it cannot be written the temporary folder is used. */
  readonly cache: string;
}

/** Opens the starter. Throws `database/missing` where the folder has none, and `database/damaged`. */
export function openStarter({ starter, cache, ...options }: StarterOptions): AdvisoryDatabase {
  const folders = [cache, join(tmpdir(), 'plombe-starter')];
  return createDatabase(readManifest(starter), (shard) => unpack(starter, folders, shard), options, {
    kind: 'starter',
    path: starter,
  });
}

function unpack(starter: string, folders: readonly string[], shard: ShardRecord): ShardFile {
  for (const folder of folders) {
    const path = join(folder, `${shard.sha256}.sqlite`);
    if (isWhole(path, shard)) return { path };
  }
  let bytes: Uint8Array;
  try {
    bytes = unpackShard(readFileSync(join(starter, packedName(shard))), shard);
  } catch (error) {
    return { damaged: messageOf(error) };
  }
  if (createHash('sha256').update(bytes).digest('hex') !== shard.sha256)
    return { damaged: 'has another digest than its record' };
  for (const folder of folders) {
    const path = join(folder, `${shard.sha256}.sqlite`);
    if (place(path, folder, bytes)) return { path };
  }
  return { damaged: 'cannot be unpacked: neither the cache nor the temporary folder can be written' };
}

function isWhole(path: string, shard: ShardRecord): boolean {
  try {
    return existsSync(path) && hashFile(path).sha256 === shard.sha256;
  } catch {
    return false;
  }
}

/** Writes under a name of this process, then renames: two processes that unpack at once both succeed with the same bytes. */
function place(path: string, folder: string, bytes: Uint8Array): boolean {
  const unfinished = `${path}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(unfinished, bytes);
    renameSync(unfinished, path);
    return true;
  } catch {
    remove(unfinished);
    return false;
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The folder cannot be written: there is nothing to remove.
  }
}

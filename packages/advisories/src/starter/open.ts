// Opens the starter database: each shard is unpacked into the cache when it is first needed, and checked there whenever it changed.
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kibibyte, makeFolder, messageOf } from '@plombe/kit';
import { createDatabase, type AdvisoryDatabase, type OpenDatabaseOptions } from '../database/database.ts';
import { hashFile, readManifest } from '../database/location.ts';
import type { ShardRecord } from '../database/manifest.ts';
import { isStamped, stamp } from '../database/stamp.ts';
import type { ShardFile } from '../database/open.ts';
import { packedName, unpackShard } from './format.ts';

export interface StarterOptions extends OpenDatabaseOptions {
  /** Folder of the starter: beside the bundle, or `starter` in this package. */
  readonly starter: string;
  /** Folder for unpacked shards; any number of processes may share it. Where it cannot be written, a temporary one is used. */
  readonly cache: string;
}

/** Opens the starter. Throws `database/missing` where the folder has none, and `database/damaged`. */
export function openStarter({ starter, cache, ...options }: StarterOptions): AdvisoryDatabase {
  const own = new OwnFolder();
  const locate = (shard: ShardRecord): ShardFile => unpack(starter, cache, own, shard);
  const database = createDatabase(readManifest(starter), locate, options, { kind: 'starter', path: starter });
  return {
    ...database,
    close() {
      database.close();
      own.remove();
    },
  };
}

/** A folder of this process alone, made when it is needed: a shared one could be changed between check and use. */
class OwnFolder {
  #path: string | undefined;

  path(): string {
    this.#path ??= mkdtempSync(join(tmpdir(), 'plombe-starter-'));
    return this.#path;
  }

  remove(): void {
    if (this.#path !== undefined) rmSync(this.#path, { recursive: true, force: true });
    this.#path = undefined;
  }
}

function unpack(starter: string, cache: string, own: OwnFolder, shard: ShardRecord): ShardFile {
  const name = `${shard.sha256}.sqlite`;
  const path = join(cache, name);
  if (isWhole(path, shard)) return { path };
  const packed = join(starter, packedName(shard));
  if (place(packed, shard, path, cache) === undefined) return { path };
  const fallback = join(own.path(), name);
  const damaged = place(packed, shard, fallback, own.path());
  return damaged === undefined ? { path: fallback } : { damaged };
}

function isWhole(path: string, shard: ShardRecord): boolean {
  try {
    if (!existsSync(path)) return false;
    if (isStamped(path)) return true;
    const whole = hashFile(path).sha256 === shard.sha256;
    if (whole) stamp(path);
    return whole;
  } catch {
    return false;
  }
}

/**
 * Unpacks under a name of this process, then renames: two processes that do it at once both succeed with the same bytes. Returns what is wrong
 * with the shard or the folder, if anything.
 */
function place(packed: string, shard: ShardRecord, path: string, folder: string): string | undefined {
  const unfinished = `${path}.${process.pid}`;
  try {
    makeFolder(folder);
    const sha256 = restore(packed, shard, unfinished);
    if (sha256 !== shard.sha256) throw new Error('has another digest than its record');
    renameSync(unfinished, path);
    stamp(path);
    return undefined;
  } catch (error) {
    remove(unfinished);
    return messageOf(error);
  }
}

/** Packed bytes read at once. */
const pieceBytes = 64 * kibibyte;

/** Writes the shard to the file chunk by chunk, as some have 11 MB. Returns its digest. */
function restore(packed: string, shard: ShardRecord, unfinished: string): string {
  const from = openSync(packed, 'r');
  try {
    const to = openSync(unfinished, 'w');
    try {
      const hash = createHash('sha256');
      for (const chunk of unpackShard(piecesOf(from), shard)) {
        hash.update(chunk);
        for (let at = 0; at < chunk.length;) at += writeSync(to, chunk, at);
      }
      return hash.digest('hex');
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

function* piecesOf(file: number): Generator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(pieceBytes);
  for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) yield buffer.subarray(0, read);
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The folder cannot be written: there is nothing to remove.
  }
}

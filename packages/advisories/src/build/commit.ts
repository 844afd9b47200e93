// Puts staged shards in place and swaps the manifest: one rename, before which the old database is whole and after which the new one is.
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeFolder, toHex } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { hashFile, manifestName, previousName, readManifest } from '../database/location.ts';
import { stamp, stampSuffix } from '../database/stamp.ts';
import { renderManifest, type DatabaseManifest } from '../database/manifest.ts';

const stagingPrefix = '.staging-';

/** An hour: no build takes that long, so what is older belongs to one that was killed (T25). */
const leftoverMs = 3_600_000;

/** Makes a folder for a build's unfinished files, beside the shards so that renaming stays within one file system. */
export function openStaging(directory: string, random: Context['random']): string {
  makeFolder(join(directory, 'shards'));
  const path = join(directory, `${stagingPrefix}${toHex(random(8))}`);
  mkdirSync(path);
  return path;
}

/** Moves a staged shard to its name by content and makes it durable. Returns what the manifest says of the file. */
export function placeShard(
  directory: string,
  id: string,
  path: string,
): { file: string; sha256: string; bytes: number } {
  syncPath(path);
  const { sha256, bytes } = hashFile(path);
  const file = `shards/${id}-${sha256.slice(0, 16)}.sqlite`;
  renameSync(path, join(directory, file));
  stamp(join(directory, file));
  return { file, sha256, bytes };
}

/** Makes the manifest the database's; the one before stays as `previous.json`. */
export function swapManifest(directory: string, manifest: DatabaseManifest, staging: string): void {
  syncPath(join(directory, 'shards'));
  const present = join(directory, manifestName);
  if (isReadable(directory, manifestName)) {
    const copy = join(staging, previousName);
    copyFileSync(present, copy);
    syncPath(copy);
    renameSync(copy, join(directory, previousName));
  }
  const next = join(staging, manifestName);
  writeFileSync(next, renderManifest(manifest));
  syncPath(next);
  renameSync(next, present);
  syncPath(directory);
}

function isReadable(directory: string, name: string): boolean {
  try {
    return readManifest(directory, name).shards.length > 0;
  } catch {
    return false;
  }
}

function syncPath(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Removes what no manifest names and what killed builds left, once it is an hour old: a build beside this one may still need it. */
export function removeLeftovers(directory: string, nowMs: number): void {
  const named = new Set<string>();
  for (const name of [manifestName, previousName]) {
    if (!isReadable(directory, name)) continue;
    for (const shard of readManifest(directory, name).shards) named.add(shard.file).add(`${shard.file}${stampSuffix}`);
  }
  const candidates = [
    ...readdirSync(join(directory, 'shards')).map((name) => `shards/${name}`),
    ...readdirSync(directory).filter((name) => name.startsWith(stagingPrefix)),
  ];
  for (const name of candidates) {
    const path = join(directory, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (named.has(name) || stat === undefined || nowMs - stat.mtimeMs < leftoverMs) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

// Builds the starter database from a directory of feeds: the shards whose terms allow it, compressed, with a NOTICE.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlombeError, sortedUnique } from '@plombe/kit';
import { buildShards, type ShardBuildOptions } from '../build/build.ts';
import { readFeedDirectory } from '../build/feed-directory.ts';
import { planShards, type FeedLists } from '../build/plan.ts';
import { hashFile, manifestName } from '../database/location.ts';
import { renderManifest, type DatabaseManifest, type ShardRecord } from '../database/manifest.ts';
import { packedName, packShard } from './format.ts';
import { starterLimits, termsOf, type StarterTerms } from './policy.ts';

export interface StarterBuildOptions extends Omit<ShardBuildOptions, 'to' | 'bodyLimits'> {
  readonly from: string;
  /** Folder of the starter; what is in it is replaced. */
  readonly to: string;
  /** Empty folder for the shards before they are compressed; the caller removes it. */
  readonly work: string;
  readonly lists: FeedLists;
}

/** 25 MiB in all: what a repository and a download of the program may grow by. */
export const maxStarterBytes = 25 * 1024 * 1024;

/** Returns the manifest and the bytes of all compressed shards. Throws `feed/malformed` where a feed was refused or all are too large. */
export async function buildStarter(
  options: StarterBuildOptions,
): Promise<{ manifest: DatabaseManifest; bytes: number }> {
  const { from, to, work, lists } = options;
  const plans = planShards(readFeedDirectory(from), lists).filter(({ id }) => termsOf(id) !== undefined);
  const built = await buildShards(plans, { ...options, to: work, bodyLimits: starterLimits });
  if (!built.complete) {
    throw new PlombeError(
      'feed/malformed',
      `The starter database lacks feeds: ${built.diagnostics.map(({ message }) => message).join(' ')}`,
    );
  }
  const shards = built.manifest.shards.map((shard) => ({ ...shard, licence: termsOf(shard.id)?.licence ?? '' }));
  const manifest: DatabaseManifest = { ...built.manifest, builtAt: newestDate(shards), shards };
  const bytes = writePacked(manifest, work, to);
  if (bytes > maxStarterBytes) {
    throw new PlombeError(
      'feed/malformed',
      `The starter database has ${bytes} bytes; the limit is ${maxStarterBytes}.`,
    );
  }
  return { manifest, bytes };
}

/** The date of the newest data instead of the clock's, so that the same feeds give the same starter. */
function newestDate(shards: readonly ShardRecord[]): string {
  const dates = shards.flatMap(({ dataDate, fetchedAt }) => dataDate ?? fetchedAt ?? []);
  const newest = Math.max(...dates.map((date) => Date.parse(date)));
  return new Date(newest).toISOString();
}

function writePacked(manifest: DatabaseManifest, work: string, to: string): number {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(to)) if (name.endsWith('.zst')) rmSync(join(to, name));
  let bytes = 0;
  const rows: string[] = [];
  for (const shard of manifest.shards) {
    const packed = packShard(readFileSync(join(work, shard.file)));
    const path = join(to, packedName(shard));
    writeFileSync(path, packed);
    bytes += packed.length;
    rows.push(noticeOf(shard, hashFile(path).sha256));
  }
  writeFileSync(join(to, manifestName), renderManifest(manifest));
  writeFileSync(join(to, 'NOTICE'), [noticeHead, ...rows].join('\n'));
  return bytes;
}

const noticeHead = `Plombe starter database

Each file beside this one is a database of its own under its own terms. All data were changed: normalised, reduced to
the fields that matching needs and stored as SQLite compressed with zstd. Nobody named here endorses Plombe.
Data marked derived or approximate are not the publisher's own.
`;

function noticeOf(shard: ShardRecord, packedSha256: string): string {
  const terms = termsOf(shard.id) as StarterTerms;
  const origins = sortedUnique(shard.documents.map(({ origin }) => origin)).slice(0, 4);
  return [
    packedName(shard),
    `  by       ${terms.attribution}`,
    `  licence  ${terms.licence}`,
    `  source   ${origins.join('\n           ')}`,
    `  date     ${shard.dataDate ?? 'not stated'}`,
    `  kind     ${shard.kind}${terms.prose ? '' : ', facts only'}`,
    `  records  ${shard.records}`,
    `  sha256   ${packedSha256}`,
    '',
  ].join('\n');
}

// Builds a database from a directory of feeds, as a mirror or another machine brought it; or from an archive of one.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '@plombe/kit';
import type { Diagnostic } from '@plombe/model';
import { readFeedDirectory, type DirectoryDocument } from './feed-directory.ts';
import { buildShards, type BuildResult, type ShardBuildOptions } from './build.ts';
import { planShards, unrecognised, type FeedLists } from './plan.ts';
import { unpackFeeds } from './unpack-feeds.ts';

export interface DirectoryBuildOptions extends ShardBuildOptions {
  /** The directory of feeds, or a tar archive of one; read unchanged. */
  readonly from: string;
  /** Ecosystems (`npm`, `Debian:12`), feeds or shards to build; all where absent. */
  readonly only?: readonly string[];
  readonly lists: FeedLists;
}

/** Builds every shard that the directory or archive has documents for. Throws `source/not-found`, `source/unreadable`, `feed/malformed`. */
export async function buildFromDirectory(options: DirectoryBuildOptions): Promise<BuildResult> {
  if (statSync(options.from, { throwIfNoEntry: false })?.isFile() !== true) {
    return buildOf(readFeedDirectory(options.from), options);
  }
  // Beside the database, where there must be room anyway: all feeds unpacked have more than many a temporary folder.
  const parent = dirname(options.to);
  makeFolder(parent);
  const folder = mkdtempSync(join(parent, '.plombe-feeds-'));
  try {
    await unpackFeeds(options.from, folder, options.ctx.signal);
    return await buildOf(documentsIn(folder, options.lists), options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `tar -cf feeds.tar feeds` puts the folder itself into the archive: where the feeds are known only below that, it is left away. */
function documentsIn(folder: string, lists: FeedLists): readonly DirectoryDocument[] {
  const documents = readFeedDirectory(folder);
  const [only, ...others] = readdirSync(folder);
  if (only === undefined || others.length > 0 || !statSync(join(folder, only)).isDirectory()) return documents;
  const inner = readFeedDirectory(join(folder, only));
  return unrecognised(inner, lists).length < unrecognised(documents, lists).length || hasManifest(join(folder, only))
    ? inner
    : documents;
}

function hasManifest(folder: string): boolean {
  return statSync(join(folder, 'MANIFEST.json'), { throwIfNoEntry: false }) !== undefined;
}

async function buildOf(documents: readonly DirectoryDocument[], options: DirectoryBuildOptions): Promise<BuildResult> {
  const result = await buildShards(planShards(documents, options.lists, options.only), options);
  const unread = unrecognised(documents, options.lists);
  return unread.length === 0 ? result : { ...result, diagnostics: [...result.diagnostics, notRead(unread)] };
}

/** Names in the message: enough to see what is meant. */
const maxNamed = 5;

/** A folder that is named otherwise than its feed would be passed over in silence. */
function notRead(names: readonly string[]): Diagnostic {
  const more = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '';
  const message = `No feed knows ${names.slice(0, maxNamed).join(', ')}${more}: not read.`;
  return { code: 'feed/unrecognised', level: 'warning', message };
}

// Builds a database from a directory of feeds, as a mirror or another machine brought it.
import type { Diagnostic } from '@plombe/model';
import { readFeedDirectory } from './feed-directory.ts';
import { buildShards, type BuildResult, type ShardBuildOptions } from './build.ts';
import { planShards, unrecognised, type FeedLists } from './plan.ts';

export interface DirectoryBuildOptions extends ShardBuildOptions {
  /** The directory of feeds; read unchanged. */
  readonly from: string;
  /** Ecosystems (`npm`, `Debian:12`), feeds or shards to build; all where absent. */
  readonly only?: readonly string[];
  readonly lists: FeedLists;
}

/** Builds every shard that the directory has documents for. Throws `source/not-found`, `source/unreadable`, `feed/malformed`. */
export async function buildFromDirectory(options: DirectoryBuildOptions): Promise<BuildResult> {
  const documents = readFeedDirectory(options.from);
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

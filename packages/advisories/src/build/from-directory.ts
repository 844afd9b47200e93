// Builds a database from a directory of feeds, as a mirror or another machine brought it.
import { readFeedDirectory } from './feed-directory.ts';
import { buildShards, type BuildResult, type ShardBuildOptions } from './build.ts';
import { planShards, type FeedLists } from './plan.ts';

export interface DirectoryBuildOptions extends ShardBuildOptions {
  /** The directory of feeds; read unchanged. */
  readonly from: string;
  /** Ecosystems (`npm`, `Debian:12`), feeds or shards to build; all where absent. */
  readonly only?: readonly string[];
  readonly lists: FeedLists;
}

/** Builds every shard that the directory has documents for. Throws `source/not-found`, `source/unreadable`, `feed/malformed`. */
export async function buildFromDirectory(options: DirectoryBuildOptions): Promise<BuildResult> {
  return buildShards(planShards(readFeedDirectory(options.from), options.lists, options.only), options);
}

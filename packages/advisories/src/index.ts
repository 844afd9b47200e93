// Advisories: feeds in, a database of shards, and what it knows of an inventory.
export type { AdvisoryFeed, FeedDocument, FeedItem, FeedRequest } from './feed.ts';
export { feeds } from './feeds.ts';
export { enrichments } from './enrichments.ts';
export { buildFromDirectory, type DirectoryBuildOptions } from './build/from-directory.ts';
export type { BuildResult, ShardBuildOptions, ShardOutcome } from './build/build.ts';
export { defaultChangeLimits, type ChangeLimits } from './build/judge.ts';
export type { FeedLists } from './build/plan.ts';
export { hasDatabase, openDatabase, type AdvisoryDatabase, type OpenDatabaseOptions } from './database/database.ts';
export { defaultMaxAgeDays } from './database/age.ts';
export { databaseStatus, verifyDatabase, type DatabaseStatus, type StatusOptions } from './database/status.ts';
export type { KnownVulnerability } from './match/about.ts';
export type { Explained, Explanation } from './match/explain.ts';
export type { MatchInput } from './match/targets.ts';
export { updateDatabase, type UpdateOptions } from './update/update.ts';
export { assess } from './assess/assess.ts';
export { openStarter, type StarterOptions } from './starter/open.ts';
export { buildStarter, type StarterBuildOptions } from './starter/build.ts';
export { knownEcosystem } from './normal/ecosystems.ts';

// An advisory database in use: match an inventory, explain one vulnerability, name the data that was used.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Clock, DatabaseSummary, MatchResult } from '@plombe/model';
import { aboutVulnerability, type KnownVulnerability } from '../match/about.ts';
import { explainVulnerability, type Explanation } from '../match/explain.ts';
import { matchInventory } from '../match/match.ts';
import type { MatchInput } from '../match/targets.ts';
import { defaultMaxAgeDays } from './age.ts';
import { readManifest } from './location.ts';
import type { DatabaseManifest } from './manifest.ts';
import { folderLocator, openShards, type ShardLocator } from './open.ts';

export interface OpenDatabaseOptions {
  readonly clock: Clock;
  /** Data older than this makes its shard stale; five days unless set. */
  readonly maxAgeDays?: number;
}

/** Reads only; any number of processes may use one folder while another builds a new generation in it. */
export interface AdvisoryDatabase {
  match(input: MatchInput): MatchResult;
  explain(vulnerability: string, input: MatchInput): Explanation;
  /** What is known of a vulnerability by any of its ids; undefined where nothing is. */
  about(vulnerability: string): KnownVulnerability | undefined;
  /** Names the data that a match used; the digest is over the digests of its shards. */
  summary(match: MatchResult): DatabaseSummary;
  close(): void;
}

/** Opens the database in a folder. Throws `database/missing` and `database/damaged`; a damaged shard only costs its ecosystem. */
export function openDatabase(directory: string, options: OpenDatabaseOptions): AdvisoryDatabase {
  return createDatabase(readManifest(directory), folderLocator(directory), options, { kind: 'built', path: directory });
}

/** True where the folder has a database with advisories, or a damaged one. A first update whose feeds all failed leaves none. */
export function hasDatabase(directory: string): boolean {
  if (!existsSync(`${directory}/manifest.json`)) return false;
  try {
    return readManifest(directory).shards.some(({ role }) => role === 'advisories');
  } catch {
    return true;
  }
}

/** Makes a database of a manifest and a way to get at its shards. */
export function createDatabase(
  manifest: DatabaseManifest,
  locate: ShardLocator,
  { clock, maxAgeDays = defaultMaxAgeDays }: OpenDatabaseOptions,
  origin: Pick<DatabaseSummary, 'kind' | 'path'>,
): AdvisoryDatabase {
  const shards = openShards(manifest, locate, { clock, maxAgeDays });
  return {
    match: (input) => matchInventory(input, shards, clock),
    explain: (vulnerability, input) => explainVulnerability(vulnerability, input, shards),
    about: (vulnerability) => aboutVulnerability(vulnerability, shards),
    summary: (match) => ({ ...origin, ...summaryOf(match) }),
    close: () => shards.close(),
  };
}

function summaryOf({ shards }: MatchResult): Pick<DatabaseSummary, 'digest' | 'oldestData'> {
  const hash = createHash('sha256');
  for (const { id, digest } of shards) if (digest !== undefined) hash.update(`${id} ${digest}\n`);
  const dates = shards
    .filter(({ role, packages }) => role !== 'facts' && packages !== 0)
    .flatMap(({ dataDate, fetchedAt }) => dataDate ?? fetchedAt ?? [])
    .sort((a, b) => Date.parse(a) - Date.parse(b));
  return { digest: `sha256:${hash.digest('hex')}`, ...(dates[0] === undefined ? {} : { oldestData: dates[0] }) };
}

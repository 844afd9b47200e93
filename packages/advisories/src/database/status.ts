// What `db status` and `db verify` tell of a database.
import type { Clock, ShardStatus } from '@plombe/model';
import { defaultMaxAgeDays, statusOf } from './age.ts';
import { findDamage, readManifest } from './location.ts';

export interface DatabaseStatus {
  readonly path: string;
  readonly builtAt: string;
  readonly tool: string;
  /** Sorted by id. */
  readonly shards: readonly ShardStatus[];
  /** Age of the oldest shard in days; absent where none has a date. */
  readonly oldestDays?: number;
  readonly bytes: number;
}

export interface StatusOptions {
  readonly clock: Clock;
  readonly maxAgeDays?: number;
}

/** Returns what the manifest says, without reading the shards. Throws `database/missing` and `database/damaged`. */
export function databaseStatus(directory: string, options: StatusOptions): DatabaseStatus {
  return inspect(directory, options, () => false);
}

/** As `databaseStatus`, with every shard read and its digest compared: a shard that differs is `damaged`. */
export function verifyDatabase(directory: string, options: StatusOptions): DatabaseStatus {
  return inspect(directory, options, (file) => findDamage(directory, file) !== undefined);
}

function inspect(
  directory: string,
  { clock, maxAgeDays = defaultMaxAgeDays }: StatusOptions,
  isDamaged: (shard: Parameters<typeof statusOf>[0]) => boolean,
): DatabaseStatus {
  const manifest = readManifest(directory);
  const shards = manifest.shards.map((shard) => statusOf(shard, clock, maxAgeDays, isDamaged(shard)));
  const ages = shards.flatMap((shard) => (shard.ageDays === undefined ? [] : [shard.ageDays]));
  return {
    path: directory,
    builtAt: manifest.builtAt,
    tool: manifest.tool,
    shards,
    ...(ages.length === 0 ? {} : { oldestDays: Math.max(...ages) }),
    bytes: manifest.shards.reduce((sum, shard) => sum + shard.bytes, 0),
  };
}

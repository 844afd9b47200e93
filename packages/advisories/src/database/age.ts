// How old a shard is and what state that puts it in.
import type { Clock, ShardStatus } from '@plombe/model';
import type { ShardRecord } from './manifest.ts';

/** Five days: most publishers issue daily, and the largest peer refuses older data at the same age. */
export const defaultMaxAgeDays = 5;

const dayMs = 86_400_000;

/**
 * Returns the age in days since upstream was last asked, else of a shard's data, else of its fetching; undefined where no date is
 * known. A feed that upstream has not changed for months is young once it was asked for. A date over one day in
 * the future has no age: the clock or the source is wrong, and neither may make data look young (T55).
 */
export function ageDays(
  shard: Pick<ShardRecord, 'dataDate' | 'fetchedAt' | 'checkedAt'>,
  clock: Clock,
): number | undefined {
  const text = shard.checkedAt ?? shard.dataDate ?? shard.fetchedAt;
  const at = text === undefined ? NaN : Date.parse(text);
  if (Number.isNaN(at)) return undefined;
  const days = (clock.nowMs() - at) / dayMs;
  if (days < -1) return undefined;
  return Math.max(0, Math.floor(days * 10) / 10);
}

/** Returns how reports name a shard. A shard without a known age is stale: nothing says that it is young. */
export function statusOf(shard: ShardRecord, clock: Clock, maxAgeDays: number, damaged: boolean): ShardStatus {
  const age = ageDays(shard, clock);
  return {
    id: shard.id,
    feed: shard.feed,
    source: shard.source,
    ...(shard.dataDate === undefined ? {} : { dataDate: shard.dataDate }),
    ...(shard.fetchedAt === undefined ? {} : { fetchedAt: shard.fetchedAt }),
    ...(shard.licence === undefined ? {} : { licence: shard.licence }),
    records: shard.records,
    digest: `sha256:${shard.sha256}`,
    ...(age === undefined ? {} : { ageDays: age }),
    kind: shard.kind,
    state: damaged ? 'damaged' : age === undefined || age > maxAgeDays ? 'stale' : 'ok',
    role: shard.role,
  };
}

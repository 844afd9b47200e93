// Decides whether a newly built shard may replace the one in use: data that shrank, grew or went back is refused (T55).
import type { Diagnostic } from '@plombe/model';
import type { ShardRecord } from '../database/manifest.ts';

export interface ChangeLimits {
  /** Share of the records that may go away from one build to the next. */
  readonly shrinkShare: number;
  /** Factor by which the records may grow. */
  readonly growthFactor: number;
  /** Share of a feed's records that may be unreadable. */
  readonly problemShare: number;
}

/**
 * 20 %: publishers withdraw a few per cent in their largest clean-ups. Tenfold: no feed has grown threefold between two days we know
 * of. 5 %: above it the format has changed rather than a record being wrong.
 */
export const defaultChangeLimits: ChangeLimits = { shrinkShare: 0.2, growthFactor: 10, problemShare: 0.05 };

type Counted = Pick<ShardRecord, 'id' | 'records' | 'problems' | 'dataDate' | 'covers'>;

/** Returns why the shard must not be used, or undefined. A shard without records, or mostly unreadable, is never used. */
export function refuse(next: Counted, present: Counted | undefined, limits: ChangeLimits): Diagnostic | undefined {
  if (next.records === 0) return alarm('feed/malformed', next.id, 'holds no valid record');
  if (next.problems > (next.records + next.problems) * limits.problemShare) {
    return alarm('feed/malformed', next.id, `has ${next.problems} invalid records beside ${next.records} valid ones`);
  }
  if (present === undefined) return undefined;
  // What is a statement of something else than before has another number of records.
  const isOfSame = next.covers.join('\n') === present.covers.join('\n');
  return isOfSame ? refuseChange(next, present, limits) : undefined;
}

function refuseChange(next: Counted, present: Counted, limits: ChangeLimits): Diagnostic | undefined {
  if (next.records < present.records * (1 - limits.shrinkShare)) {
    return alarm('feed/shrank', next.id, `went from ${present.records} to ${next.records} records`);
  }
  if (next.records > Math.max(present.records, 1) * limits.growthFactor) {
    return alarm('feed/grew', next.id, `went from ${present.records} to ${next.records} records`);
  }
  if (
    next.dataDate !== undefined &&
    present.dataDate !== undefined &&
    Date.parse(next.dataDate) < Date.parse(present.dataDate)
  ) {
    return alarm('feed/rolled-back', next.id, `went back from ${present.dataDate} to ${next.dataDate}`);
  }
  return undefined;
}

function alarm(code: string, id: string, what: string): Diagnostic {
  return { code, level: 'error', message: `Feed ${id} ${what}.`, path: id };
}

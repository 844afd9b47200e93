// How much repositories may hold.
import type { QuotaRule } from '@plombe/store';
import type { Registry } from './exchange.ts';
import { Refused } from './refused.ts';

/** Counting reads a row for each blob, so a count is believed for this long: by so much time's pushes a quota can be exceeded. */
const countedMs = 1000;

const counts = new WeakMap<QuotaRule, { readonly bytes: number; readonly atMs: number }>();

/** Refuses where a quota of the repository is used up, or `more` bytes do not fit. */
export function requireRoom({ rules, store, ctx }: Registry, repository: string, more = 0): void {
  for (const quota of rules.quotas) {
    if (!quota.matches(repository)) continue;
    const nowMs = ctx.clock.nowMs();
    let count = counts.get(quota);
    if (count === undefined || Math.abs(nowMs - count.atMs) > countedMs) {
      count = { bytes: store.usedBytes((name) => quota.matches(name)), atMs: nowMs };
      counts.set(quota, count);
    }
    if (count.bytes < quota.limitBytes && count.bytes + more <= quota.limitBytes) continue;
    throw new Refused(
      'DENIED',
      `plombe: the quota of ${quota.name} is ${quota.limitBytes} bytes, of which ${count.bytes} are used; delete tags, or ask for more.`,
    );
  }
}

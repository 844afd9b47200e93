// How much repositories may hold.
import type { Digest } from '@plombe/model';
import type { QuotaRule } from '@plombe/store';
import type { Registry } from './exchange.ts';
import { Refused } from './refused.ts';

/** Counting reads a row for each blob, so a count is believed for this long: by so much time's pushes a quota can be exceeded. */
const countedMs = 1000;

const counts = new WeakMap<QuotaRule, { readonly bytes: number; readonly atMs: number }>();

/** Repositories looked at for a blob that a quota may have counted already. */
const maxHolders = 100;

/** Returns the bytes as they come, and refuses where they are more than a quota holds altogether: an endless upload must not fill the disk. */
export function withinQuota(
  { rules }: Registry,
  repository: string,
  begunBytes: number,
  source: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const quotas = rules.quotas.filter((quota) => quota.matches(repository));
  const [smallest] = quotas.toSorted((a, b) => a.limitBytes - b.limitBytes);
  return smallest === undefined ? source : bounded(source, begunBytes, smallest);
}

async function* bounded(
  source: AsyncIterable<Uint8Array>,
  begunBytes: number,
  { name, limitBytes }: QuotaRule,
): AsyncGenerator<Uint8Array> {
  let sizeBytes = begunBytes;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) {
      throw new Refused('DENIED', `plombe: the quota of ${name} is ${limitBytes} bytes, and the blob has more.`);
    }
    yield chunk;
  }
}

/** Refuses where a quota of the repository is used up, or where the blob is new to it and does not fit. */
export function requireRoom(
  { rules, store, ctx }: Registry,
  repository: string,
  blob?: { readonly digest: Digest; readonly sizeBytes: number },
): void {
  for (const quota of rules.quotas) {
    if (!quota.matches(repository)) continue;
    const nowMs = ctx.clock.nowMs();
    let count = counts.get(quota);
    if (count === undefined || Math.abs(nowMs - count.atMs) > countedMs) {
      count = { bytes: store.usedBytes((name) => quota.matches(name)), atMs: nowMs };
      counts.set(quota, count);
    }
    const isCounted =
      blob !== undefined && store.repositoriesWithBlob(blob.digest, maxHolders).some((holder) => quota.matches(holder));
    if (isCounted) continue;
    if (count.bytes < quota.limitBytes && count.bytes + (blob?.sizeBytes ?? 0) <= quota.limitBytes) continue;
    throw new Refused(
      'DENIED',
      `plombe: the quota of ${quota.name} is ${quota.limitBytes} bytes, of which ${count.bytes} are used; delete tags, or ask for more.`,
    );
  }
}

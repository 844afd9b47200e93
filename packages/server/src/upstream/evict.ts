// The spool stays within its bound: copies of what lies in the registry behind this one go, the oldest first; what is in quarantine stays.
import { by } from '@plombe/kit';
import type { Clock, Digest } from '@plombe/model';
import type { BlobStore, Database } from '@plombe/store';
import type { Known } from './known.ts';

export interface EvictParts {
  readonly db: Database;
  readonly local: BlobStore;
  readonly known: Known;
  readonly limitBytes: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Manifests are small, and needed without the registry. What a manifest names that is not there yet may be collected there. */
const keptSql = `SELECT 1 FROM manifests WHERE digest = ?1
  UNION ALL SELECT 1 FROM manifest_links l JOIN manifests m ON m.id = l.manifest JOIN repositories r ON r.id = m.repository
  WHERE l.digest = ?1 AND (m.state = 'quarantined' OR NOT EXISTS (
    SELECT 1 FROM upstream_manifests u WHERE u.repository = r.name AND u.digest = m.digest)) LIMIT 1`;
const namedSql = 'SELECT 1 FROM manifest_links WHERE digest = ? LIMIT 1';
/** A manifest that will name it may be on its way into quarantine. */
const youngMs = 3_600_000;

/** Removes what is beyond the bound. Returns how many bytes went. */
export async function evict({ db, local, known, limitBytes, clock, signal }: EvictParts): Promise<number> {
  const found: { readonly digest: Digest; readonly sizeBytes: number; readonly modifiedAtMs: number }[] = [];
  let held = 0;
  for await (const blob of local.list()) {
    signal.throwIfAborted();
    held += blob.sizeBytes;
    found.push(blob);
  }
  let freed = 0;
  for (const { digest, sizeBytes, modifiedAtMs } of found.toSorted(by(({ modifiedAtMs }) => modifiedAtMs))) {
    if (held - freed <= limitBytes) break;
    if (known.holders(digest).length === 0 || db.get(keptSql, digest) !== undefined) continue;
    const isYoung = clock.nowMs() - modifiedAtMs < youngMs;
    if (isYoung && db.get(namedSql, digest) === undefined) continue;
    await local.delete(digest);
    freed += sizeBytes;
  }
  return freed;
}

// Garbage collection while serving: what no manifest names goes, once it is too old to belong to a push in flight.
import type { Clock, Digest } from '@plombe/model';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Database } from '../sqlite/database.ts';
import { beginRemoval, endRemoval } from './removals.ts';
import type { RegistryRules } from './rules.ts';

export interface CollectParts {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly rules: RegistryRules;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Counts only. */
  readonly dryRun?: boolean;
}

/** What was, or would be, removed. */
export interface Collected {
  /** Blobs taken out of repositories. */
  readonly links: number;
  readonly blobs: number;
  readonly blobBytes: number;
  readonly uploads: number;
}

const unusedLinks = `linked_at_ms < ? AND NOT EXISTS (
  SELECT 1 FROM manifest_links l WHERE l.repository = blobs.repository AND l.digest = blobs.digest AND l.kind = 'blob')`;

/**
 * Collects. Safe beside a server in this or another process: a blob is removed in the transaction that found that nothing links it, and linking looks
 * in its transaction whether the blob is there; a blob elsewhere is marked in that transaction, and nothing links it while it is marked. Links younger
 * than the grace are kept, and so are blobs written lately.
 */
export async function collectGarbage({
  db,
  blobs,
  rules,
  clock,
  signal,
  dryRun = false,
}: CollectParts): Promise<Collected> {
  const before = clock.nowMs() - rules.graceMs;
  const links = dryRun
    ? Number(db.get<{ n: number }>(`SELECT count(*) AS n FROM blobs WHERE ${unusedLinks}`, before)?.n ?? 0)
    : db.transaction(() => db.run(`DELETE FROM blobs WHERE ${unusedLinks}`, before));
  let count = 0;
  let bytes = 0;
  for await (const { digest, sizeBytes, modifiedAtMs } of blobs.list()) {
    signal.throwIfAborted();
    if (modifiedAtMs >= before || isUsed(db, digest, dryRun ? before : undefined)) continue;
    if (!dryRun && !(await removeUnused(db, blobs, digest, clock))) continue;
    count += 1;
    bytes += sizeBytes;
  }
  const uploads = dryRun ? 0 : await removeUploads(db, blobs, clock.nowMs() - rules.uploadsMs);
  return { links, blobs: count, blobBytes: bytes, uploads };
}

/** `before`: links that would be removed do not count. */
function isUsed(db: Database, digest: Digest, before?: number): boolean {
  if (db.get('SELECT 1 FROM manifests WHERE digest = ? LIMIT 1', digest) !== undefined) return true;
  return before === undefined
    ? db.get('SELECT 1 FROM blobs WHERE digest = ? LIMIT 1', digest) !== undefined
    : db.get(`SELECT 1 FROM blobs WHERE digest = ? AND NOT (${unusedLinks}) LIMIT 1`, digest, before) !== undefined;
}

async function removeUnused(db: Database, blobs: BlobStore, digest: Digest, clock: Clock): Promise<boolean> {
  const { local } = blobs;
  if (local !== undefined) {
    return db.transaction(() => {
      if (isUsed(db, digest)) return false;
      local.remove(digest);
      return true;
    });
  }
  if (!db.transaction(() => !isUsed(db, digest) && beginRemoval(db, digest, clock.nowMs()))) return false;
  await blobs.delete(digest);
  endRemoval(db, digest);
  return true;
}

async function removeUploads(db: Database, blobs: BlobStore, before: number): Promise<number> {
  const removed = await blobs.removeStale(before);
  const old = db.all<{ id: string }>('SELECT id FROM uploads WHERE begun_at_ms < ?', before);
  const empty: string[] = [];
  for (const { id } of old) if ((await blobs.resume(id)) === undefined) empty.push(id);
  db.transaction(() => {
    for (const id of [...removed, ...empty]) db.run('DELETE FROM uploads WHERE id = ?', id);
  });
  return removed.length;
}

/** Removes, before a server starts, what requests of an earlier one left unfinished and nobody can go on with. */
export async function removeLeftovers(db: Database, blobs: Pick<BlobStore, 'removeStale'>): Promise<void> {
  await blobs.removeStale(
    Number.POSITIVE_INFINITY,
    (id) => db.get('SELECT 1 FROM uploads WHERE id = ?', id) !== undefined,
  );
}

// Blobs elsewhere that are being removed: a row, because removing one and looking whether it is used cannot be one transaction there.
import type { Digest } from '@plombe/model';
import type { Database } from '../sqlite/database.ts';

/** No request to a store takes so long; a row that is older was left by a collection that was killed. */
const longestMs = 600_000;

/** True while somebody may be removing the blob: what is written under its digest now may vanish. Asked in the transaction that begins to use it. */
export function isBeingRemoved(db: Database, digest: Digest, nowMs: number): boolean {
  return db.get('SELECT 1 FROM removals WHERE digest = ? AND at_ms > ?', digest, nowMs - longestMs) !== undefined;
}

/** Marks the blob, in the transaction that found it unused. False where somebody else is removing it. */
export function beginRemoval(db: Database, digest: Digest, nowMs: number): boolean {
  return (
    db.run(
      `INSERT INTO removals (digest, at_ms) VALUES (?, ?)
       ON CONFLICT (digest) DO UPDATE SET at_ms = excluded.at_ms WHERE removals.at_ms <= ?`,
      digest,
      nowMs,
      nowMs - longestMs,
    ) > 0
  );
}

/** The blob is gone for sure. After a failure the mark stays, because the request may still be carried out. */
export function endRemoval(db: Database, digest: Digest): void {
  db.run('DELETE FROM removals WHERE digest = ?', digest);
}

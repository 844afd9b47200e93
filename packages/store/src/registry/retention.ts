// Retention: tags and manifests that go away by rules.
import type { Clock, Digest } from '@plombe/model';
import type { Database } from '../sqlite/database.ts';
import type { RegistryStore } from './registry-store.ts';
import type { RegistryRules, RetentionRule } from './rules.ts';

export interface RetentionParts {
  readonly db: Database;
  readonly store: RegistryStore;
  readonly rules: RegistryRules;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Counts only; what would become untagged by it is not counted as manifest. */
  readonly dryRun?: boolean;
}

/** What was, or would be, removed. */
export interface Retired {
  readonly tags: number;
  readonly manifests: number;
}

/** Applies the rules. Immutable tags stay, and so does everything that a tag, an index or a present subject holds. */
export async function applyRetention(parts: RetentionParts): Promise<Retired> {
  const { db, store, rules, clock, signal, dryRun = false } = parts;
  let tags = 0;
  let manifests = 0;
  for (const rule of rules.retention) {
    const names = db.all<{ id: number; name: string }>('SELECT id, name FROM repositories ORDER BY name');
    for (const { id, name } of names.filter((one) => rule.matches(one.name))) {
      signal.throwIfAborted();
      const expired = expiredTags(db, id, rule, clock.nowMs()).filter((tag) => !rules.isImmutable(name, tag));
      tags += expired.length;
      if (!dryRun) for (const tag of expired) await store.deleteTag(name, tag);
      if (rule.untaggedAfterMs === undefined) continue;
      const before = clock.nowMs() - rule.untaggedAfterMs;
      // Again and again: without its index a child is untagged too, and without its subject a signature.
      for (let found = untagged(db, id, before); found.length > 0; found = untagged(db, id, before)) {
        manifests += found.length;
        if (dryRun) break;
        for (const digest of found) await store.deleteManifest(name, digest);
      }
    }
  }
  return { tags, manifests };
}

/** Tags that match and that neither their number nor their age keeps. */
function expiredTags(db: Database, repository: number, rule: RetentionRule, nowMs: number): readonly string[] {
  const { keepLast, keepForMs } = rule;
  if (keepLast === undefined && keepForMs === undefined) return [];
  return db
    .all<{ name: string; updated_at_ms: number }>(
      `SELECT name, max(updated_at_ms) AS updated_at_ms FROM tags WHERE repository = ? GROUP BY name
       ORDER BY max(updated_at_ms) DESC, name DESC`,
      repository,
    )
    .filter(({ name }) => rule.matchesTag(name))
    .filter(
      ({ updated_at_ms: atMs }, place) =>
        !(keepLast !== undefined && place < keepLast) && !(keepForMs !== undefined && nowMs - atMs < keepForMs),
    )
    .map(({ name }) => name);
}

function untagged(db: Database, repository: number, before: number): readonly Digest[] {
  return db
    .all<{ digest: string }>(
      `SELECT m.digest FROM manifests m WHERE m.repository = ?1 AND m.pushed_at_ms < ?2
         AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest = m.id)
         AND NOT EXISTS (SELECT 1 FROM manifest_links l WHERE l.repository = ?1 AND l.digest = m.digest AND l.kind = 'child')
         AND NOT EXISTS (SELECT 1 FROM manifests s WHERE s.repository = ?1 AND s.digest = m.subject)`,
      repository,
      before,
    )
    .map(({ digest }) => digest as Digest);
}

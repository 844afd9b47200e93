// The queue of copies, durable in the server's database: what is to be copied, what was, and why something was not.
import type { Digest } from '@plombe/model';
import type { Database, Migration } from '@plombe/store';

/** Tables of the copies. */
export const replicationMigrations: readonly Migration[] = [
  {
    module: 'replication',
    version: 1,
    sql: `
CREATE TABLE replication_queue (
  rule TEXT NOT NULL,
  repository TEXT NOT NULL,
  digest TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_at_ms INTEGER NOT NULL,
  failure TEXT,
  PRIMARY KEY (rule, repository, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX replication_by_time ON replication_queue (next_at_ms);
CREATE TABLE replication_done (
  rule TEXT NOT NULL,
  repository TEXT NOT NULL,
  digest TEXT NOT NULL,
  tags TEXT NOT NULL,
  copied_at_ms INTEGER NOT NULL,
  PRIMARY KEY (rule, repository, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE replication_blobs (
  rule TEXT NOT NULL,
  digest TEXT NOT NULL,
  repository TEXT NOT NULL,
  PRIMARY KEY (rule, digest)
) STRICT, WITHOUT ROWID;
`,
  },
];

/** One manifest that is to be copied. */
export interface QueuedCopy {
  readonly rule: string;
  readonly repository: string;
  readonly digest: Digest;
  /** Times that it failed. */
  readonly attempts: number;
}

/** How far the copies of one rule are. */
export interface ReplicationStatus {
  readonly rule: string;
  readonly waiting: number;
  /** Of those, what failed at least once. */
  readonly failing: number;
  readonly copied: number;
  /** When something was copied last; absent: nothing yet. */
  readonly lastCopiedAt?: string;
  /** Why the one that waits longest failed. Inert. */
  readonly lastFailure?: string;
}

export interface CopyQueue {
  /** Due at once; one that waits already keeps its count. */
  add(rule: string, repository: string, digest: Digest, nowMs: number): void;
  /** The copies that are due, the oldest first. */
  due(nowMs: number, limit: number): readonly QueuedCopy[];
  failed(copy: QueuedCopy, nextAtMs: number, failure: string): void;
  done(copy: QueuedCopy, tags: readonly string[], nowMs: number): void;
  drop(copy: QueuedCopy): void;
  /** Queues visible manifests that were not copied with the tags they have. */
  reconcile(rule: string, matches: (repository: string) => boolean, referrers: boolean, nowMs: number): number;
  /** A repository there that has a blob. */
  holder(rule: string, digest: Digest): string | undefined;
  setHolder(rule: string, digest: Digest, repository: string): void;
}

/** Opens it over a database that has run `replicationMigrations`. */
export function openCopyQueue(db: Database): CopyQueue {
  const add = (rule: string, repository: string, digest: Digest, nowMs: number): void =>
    void db.run(
      `INSERT INTO replication_queue VALUES (?, ?, ?, 0, ?, NULL)
       ON CONFLICT (rule, repository, digest) DO UPDATE SET next_at_ms = excluded.next_at_ms`,
      rule,
      repository,
      digest,
      nowMs,
    );
  const drop = ({ rule, repository, digest }: QueuedCopy): void =>
    void db.run(
      'DELETE FROM replication_queue WHERE rule = ? AND repository = ? AND digest = ?',
      rule,
      repository,
      digest,
    );
  return {
    add,
    drop,
    due: (nowMs, limit) =>
      db.all<QueuedCopy & { readonly digest: Digest }>(
        'SELECT rule, repository, digest, attempts FROM replication_queue WHERE next_at_ms <= ? ORDER BY next_at_ms LIMIT ?',
        nowMs,
        limit,
      ),
    failed: ({ rule, repository, digest }, nextAtMs, failure) =>
      void db.run(
        `UPDATE replication_queue SET attempts = attempts + 1, next_at_ms = ?, failure = ?
         WHERE rule = ? AND repository = ? AND digest = ?`,
        nextAtMs,
        failure,
        rule,
        repository,
        digest,
      ),
    done: (copy, tags, nowMs) =>
      db.transaction(() => {
        drop(copy);
        db.run(
          'INSERT OR REPLACE INTO replication_done VALUES (?, ?, ?, ?, ?)',
          copy.rule,
          copy.repository,
          copy.digest,
          tags.join(' '),
          nowMs,
        );
      }),
    reconcile: (rule, matches, referrers, nowMs) => {
      let queued = 0;
      const rows = db.all<{ name: string; digest: Digest }>(
        `SELECT r.name, m.digest FROM manifests m JOIN repositories r ON r.id = m.repository
         WHERE m.state = 'visible' AND (m.subject IS NULL OR ?) AND NOT EXISTS (
           SELECT 1 FROM replication_done d WHERE d.rule = ? AND d.repository = r.name AND d.digest = m.digest AND d.tags = (
             SELECT coalesce(group_concat(name, ' '), '') FROM (
               SELECT name FROM tags t WHERE t.manifest = m.id AND t.state = 'visible' ORDER BY name)))
         ORDER BY m.id`,
        referrers ? 1 : 0,
        rule,
      );
      for (const { name, digest } of rows) {
        if (!matches(name)) continue;
        // What failed waits for its turn.
        const isNew = db.run(
          'INSERT OR IGNORE INTO replication_queue VALUES (?, ?, ?, 0, ?, NULL)',
          rule,
          name,
          digest,
          nowMs,
        );
        queued += isNew;
      }
      return queued;
    },
    holder: (rule, digest) =>
      db.get<{ repository: string }>(
        'SELECT repository FROM replication_blobs WHERE rule = ? AND digest = ?',
        rule,
        digest,
      )?.repository,
    setHolder: (rule, digest, repository) =>
      void db.run('INSERT OR REPLACE INTO replication_blobs VALUES (?, ?, ?)', rule, digest, repository),
  };
}

/** Reads how far the copies are, by rule, whether the server runs or not. */
export function replicationStatus(db: Database): readonly ReplicationStatus[] {
  return db
    .all<{
      rule: string;
      waiting: number;
      failing: number;
      copied: number;
      last: number | null;
      failure: string | null;
    }>(
      `SELECT rule,
         (SELECT count(*) FROM replication_queue q WHERE q.rule = n.rule) AS waiting,
         (SELECT count(*) FROM replication_queue q WHERE q.rule = n.rule AND q.attempts > 0) AS failing,
         (SELECT count(*) FROM replication_done d WHERE d.rule = n.rule) AS copied,
         (SELECT max(copied_at_ms) FROM replication_done d WHERE d.rule = n.rule) AS last,
         (SELECT failure FROM replication_queue q WHERE q.rule = n.rule AND failure IS NOT NULL ORDER BY attempts DESC LIMIT 1) AS failure
       FROM (SELECT rule FROM replication_queue UNION SELECT rule FROM replication_done) n ORDER BY rule`,
    )
    .map(({ rule, waiting, failing, copied, last, failure }) => ({
      rule,
      waiting,
      failing,
      copied,
      ...(last === null ? {} : { lastCopiedAt: new Date(last).toISOString() }),
      ...(failure === null ? {} : { lastFailure: failure }),
    }));
}

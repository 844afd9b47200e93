// Decisions as the gate remembers them: in the database for the next start, in memory for every pull.
import type { Digest } from '@plombe/model';
import type { Database, Migration } from '@plombe/store';
import type { VerdictReasons } from '../registry/ports.ts';

/** Tables of the gate. */
export const gateMigrations: readonly Migration[] = [
  {
    module: 'gate',
    version: 1,
    sql: `CREATE TABLE gate_decisions (
      repository TEXT NOT NULL,
      digest TEXT NOT NULL,
      epoch TEXT NOT NULL,
      decided_at INTEGER NOT NULL,
      valid_until INTEGER,
      kind TEXT NOT NULL,
      refusal TEXT,
      on_outage TEXT NOT NULL,
      about TEXT,
      PRIMARY KEY (repository, digest)
    ) STRICT;
    CREATE TABLE gate_attested (
      repository TEXT NOT NULL,
      digest TEXT NOT NULL,
      PRIMARY KEY (repository, digest)
    ) STRICT;`,
  },
  {
    module: 'gate',
    version: 2,
    sql: `CREATE TABLE gate_promotions (
      repository TEXT NOT NULL,
      digest TEXT NOT NULL,
      PRIMARY KEY (repository, digest)
    ) STRICT;`,
  },
];

/** What holds for pulls of a digest. */
export interface StoredDecision {
  /** `statement`: says something about an image, and is never refused. */
  readonly kind: 'image' | 'index' | 'statement';
  /** Policies and database that it was made with. */
  readonly epoch: string;
  readonly decidedAtMs: number;
  /** From then on it has to be made anew before anything is served. */
  readonly validUntilMs?: number;
  /** Why new pulls are refused; absent: they are not. Whether the digest runs already was part of the question. */
  readonly refusal?: VerdictReasons;
  /** Strictest of the policies that select the repository. */
  readonly onOutage: 'deny' | 'last-decision';
  /** Of a statement: the manifest that it is about. */
  readonly about?: Digest;
}

interface Row {
  readonly repository: string;
  readonly digest: Digest;
  readonly epoch: string;
  readonly decided_at: number;
  readonly valid_until: number | null;
  readonly kind: StoredDecision['kind'];
  readonly refusal: string | null;
  readonly on_outage: StoredDecision['onOutage'];
  readonly about: Digest | null;
}

/** The decisions of all repositories. */
export interface Decisions {
  get(repository: string, digest: Digest): StoredDecision | undefined;
  set(repository: string, digest: Digest, decision: StoredDecision): void;
  delete(repository: string, digest: Digest): void;
  all(): Iterable<readonly [repository: string, digest: Digest, decision: StoredDecision]>;
  /** Whether the scan of a digest was attested in a repository. */
  isAttested(repository: string, digest: Digest): boolean;
  setAttested(repository: string, digest: Digest): void;
  /** Accepted images and indexes whose scan is not attested; images first. */
  unattested(): readonly { readonly repository: string; readonly digest: Digest }[];
  /** What is to be promoted and was not yet. */
  promotions(): readonly { readonly repository: string; readonly digest: Digest }[];
  setPromotion(repository: string, digest: Digest, state: 'due' | 'done'): void;
}

/** Opens what is stored and keeps it in memory: some 400 bytes a digest. */
export function openDecisions(database: Database): Decisions {
  const known = new Map<string, Map<Digest, StoredDecision>>();
  const put = (repository: string, digest: Digest, decision: StoredDecision): void => {
    const digests = known.get(repository) ?? new Map<Digest, StoredDecision>();
    known.set(repository, digests.set(digest, decision));
  };
  for (const row of database.iterate<Row>('SELECT * FROM gate_decisions'))
    put(row.repository, row.digest, decisionOf(row));
  return {
    get: (repository, digest) => known.get(repository)?.get(digest),
    set: (repository, digest, decision) => {
      const { kind, epoch, decidedAtMs, validUntilMs, refusal, onOutage, about } = decision;
      database.run(
        'INSERT OR REPLACE INTO gate_decisions (repository, digest, epoch, decided_at, valid_until, kind, refusal, on_outage, about) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        repository,
        digest,
        epoch,
        decidedAtMs,
        validUntilMs ?? null,
        kind,
        refusal === undefined ? null : JSON.stringify(refusal),
        onOutage,
        about ?? null,
      );
      put(repository, digest, decision);
    },
    delete: (repository, digest) => {
      database.run('DELETE FROM gate_decisions WHERE repository = ? AND digest = ?', repository, digest);
      database.run('DELETE FROM gate_attested WHERE repository = ? AND digest = ?', repository, digest);
      known.get(repository)?.delete(digest);
    },
    *all() {
      for (const [repository, digests] of known)
        for (const [digest, decision] of digests) yield [repository, digest, decision];
    },
    isAttested: (repository, digest) =>
      database.get('SELECT 1 FROM gate_attested WHERE repository = ? AND digest = ?', repository, digest) !== undefined,
    setAttested: (repository, digest) =>
      void database.run('INSERT OR IGNORE INTO gate_attested (repository, digest) VALUES (?, ?)', repository, digest),
    unattested: () => [
      ...database.iterate<{ readonly repository: string; readonly digest: Digest }>(
        `SELECT repository, digest FROM gate_decisions AS decided
         WHERE kind IN ('image', 'index') AND refusal IS NULL
           AND NOT EXISTS (SELECT 1 FROM gate_attested AS done WHERE done.repository = decided.repository AND done.digest = decided.digest)
         ORDER BY kind, repository, digest`,
      ),
    ],
    promotions: () => [
      ...database.iterate<{ readonly repository: string; readonly digest: Digest }>(
        'SELECT repository, digest FROM gate_promotions ORDER BY rowid',
      ),
    ],
    setPromotion: (repository, digest, state) => {
      const sql =
        state === 'due'
          ? 'INSERT OR IGNORE INTO gate_promotions (repository, digest) VALUES (?, ?)'
          : 'DELETE FROM gate_promotions WHERE repository = ? AND digest = ?';
      database.run(sql, repository, digest);
    },
  };
}

function decisionOf(row: Row): StoredDecision {
  const { epoch, decided_at: decidedAtMs, valid_until: validUntilMs, kind, refusal, on_outage: onOutage, about } = row;
  return {
    kind,
    epoch,
    decidedAtMs,
    onOutage,
    ...(validUntilMs === null ? {} : { validUntilMs }),
    ...(about === null ? {} : { about }),
    ...(refusal === null ? {} : { refusal: JSON.parse(refusal) as VerdictReasons }),
  };
}

// What is known to lie in the registries behind this one, and what is on its way there.
import type { Digest } from '@plombe/model';
import type { Database, Migration } from '@plombe/store';

/** Tables of this module; repositories have the names they have here. */
export const upstreamMigrations: readonly Migration[] = [
  {
    module: 'upstream',
    version: 1,
    sql: `
CREATE TABLE upstream_blobs (
  repository TEXT NOT NULL,
  digest TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  PRIMARY KEY (repository, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX upstream_blobs_by_digest ON upstream_blobs (digest);
CREATE TABLE upstream_manifests (
  repository TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (repository, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE upstream_names (
  repository TEXT NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  checked_at_ms INTEGER NOT NULL,
  PRIMARY KEY (repository, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE upstream_outbox (
  repository TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (repository, digest)
) STRICT, WITHOUT ROWID;
`,
  },
];

/** What a tag or digest was found to name, and when. */
export interface KnownName {
  readonly digest: Digest;
  readonly checkedAtMs: number;
}

/** Where a blob lies. */
export interface KnownBlob {
  readonly repository: string;
  readonly sizeBytes: number;
}

export interface Known {
  blob(repository: string, digest: Digest): KnownBlob | undefined;
  /** Repositories that have a blob, at most 100. */
  holders(digest: Digest): readonly KnownBlob[];
  addBlob(repository: string, digest: Digest, sizeBytes: number): void;
  removeBlob(repository: string, digest: Digest): void;
  hasManifest(repository: string, digest: Digest): boolean;
  addManifest(repository: string, digest: Digest): void;
  /** Forgets the manifest and what named it. */
  removeManifest(repository: string, digest: Digest): void;
  name(repository: string, name: string): KnownName | undefined;
  setName(repository: string, name: string, digest: Digest, nowMs: number): void;
  removeName(repository: string, name: string): void;
  /** Released here, and not there yet. */
  outbox(): readonly { readonly repository: string; readonly digest: Digest }[];
  addToOutbox(repository: string, digest: Digest): void;
  removeFromOutbox(repository: string, digest: Digest): void;
}

/** Opens it over a database that has run `upstreamMigrations`. */
export function openKnown(db: Database): Known {
  return {
    blob: (repository, digest) => {
      const row = db.get<{ size_bytes: number }>(
        'SELECT size_bytes FROM upstream_blobs WHERE repository = ? AND digest = ?',
        repository,
        digest,
      );
      return row === undefined ? undefined : { repository, sizeBytes: row.size_bytes };
    },
    holders: (digest) =>
      db
        .all<{
          repository: string;
          size_bytes: number;
        }>('SELECT repository, size_bytes FROM upstream_blobs WHERE digest = ? LIMIT 100', digest)
        .map(({ repository, size_bytes: sizeBytes }) => ({ repository, sizeBytes })),
    addBlob: (repository, digest, sizeBytes) =>
      void db.run('INSERT OR REPLACE INTO upstream_blobs VALUES (?, ?, ?)', repository, digest, sizeBytes),
    removeBlob: (repository, digest) =>
      void db.run('DELETE FROM upstream_blobs WHERE repository = ? AND digest = ?', repository, digest),
    hasManifest: (repository, digest) =>
      db.get('SELECT 1 FROM upstream_manifests WHERE repository = ? AND digest = ?', repository, digest) !== undefined,
    addManifest: (repository, digest) =>
      void db.run('INSERT OR IGNORE INTO upstream_manifests VALUES (?, ?)', repository, digest),
    removeManifest: (repository, digest) => {
      db.run('DELETE FROM upstream_manifests WHERE repository = ? AND digest = ?', repository, digest);
      db.run('DELETE FROM upstream_names WHERE repository = ? AND digest = ?', repository, digest);
      db.run('DELETE FROM upstream_outbox WHERE repository = ? AND digest = ?', repository, digest);
    },
    name: (repository, name) => {
      const row = db.get<{ digest: Digest; checked_at_ms: number }>(
        'SELECT digest, checked_at_ms FROM upstream_names WHERE repository = ? AND name = ?',
        repository,
        name,
      );
      return row === undefined ? undefined : { digest: row.digest, checkedAtMs: row.checked_at_ms };
    },
    setName: (repository, name, digest, nowMs) =>
      void db.run('INSERT OR REPLACE INTO upstream_names VALUES (?, ?, ?, ?)', repository, name, digest, nowMs),
    removeName: (repository, name) =>
      void db.run('DELETE FROM upstream_names WHERE repository = ? AND name = ?', repository, name),
    outbox: () => db.all('SELECT repository, digest FROM upstream_outbox ORDER BY repository, digest LIMIT 1000'),
    addToOutbox: (repository, digest) =>
      void db.run('INSERT OR IGNORE INTO upstream_outbox VALUES (?, ?)', repository, digest),
    removeFromOutbox: (repository, digest) =>
      void db.run('DELETE FROM upstream_outbox WHERE repository = ? AND digest = ?', repository, digest),
  };
}

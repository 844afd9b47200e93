// The registry's tables.
import type { Migration } from '../sqlite/database.ts';

/**
 * `tags` may hold a name twice: where the visible manifest is, and where a newer push waits in quarantine. `manifest_links` has the repository again so
 * that "who names this blob here" is one look into an index.
 */
export const registryMigrations: readonly Migration[] = [
  {
    module: 'registry',
    version: 1,
    sql: `
CREATE TABLE repositories (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE manifests (
  id INTEGER PRIMARY KEY,
  repository INTEGER NOT NULL REFERENCES repositories (id),
  digest TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('visible', 'quarantined')),
  media_type TEXT NOT NULL,
  artifact_type TEXT,
  subject TEXT,
  annotations TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  pushed_at_ms INTEGER NOT NULL,
  pushed_by TEXT NOT NULL,
  UNIQUE (repository, digest)
) STRICT;
CREATE INDEX manifests_by_subject ON manifests (repository, subject, digest) WHERE subject IS NOT NULL;
CREATE INDEX manifests_by_digest ON manifests (digest);
CREATE INDEX manifests_in_quarantine ON manifests (pushed_at_ms) WHERE state = 'quarantined';
CREATE TABLE tags (
  repository INTEGER NOT NULL REFERENCES repositories (id),
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('visible', 'quarantined')),
  manifest INTEGER NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (repository, name, state)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_by_manifest ON tags (manifest);
CREATE TABLE manifest_links (
  manifest INTEGER NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
  repository INTEGER NOT NULL,
  digest TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('blob', 'child')),
  PRIMARY KEY (manifest, digest, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX manifest_links_by_digest ON manifest_links (repository, digest, kind);
CREATE TABLE blobs (
  repository INTEGER NOT NULL REFERENCES repositories (id),
  digest TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  linked_at_ms INTEGER NOT NULL,
  PRIMARY KEY (repository, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_by_digest ON blobs (digest);
CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  repository TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
  },
  {
    module: 'registry',
    version: 2,
    // `removals`: blobs elsewhere that a collection is removing just now. `blob_place`: where the blobs are; no row, in the folder.
    sql: `
CREATE TABLE removals (
  digest TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE blob_place (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  place TEXT NOT NULL,
  address TEXT NOT NULL
) STRICT;
`,
  },
  {
    module: 'registry',
    version: 3,
    // An upload that no byte came for has no file whose age could be told.
    sql: 'ALTER TABLE uploads ADD COLUMN begun_at_ms INTEGER NOT NULL DEFAULT 0;',
  },
];

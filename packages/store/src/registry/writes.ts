// What changes the registry's rows: each function is one transaction's work and says which manifests look different afterwards.
import type { Digest } from '@plombe/model';
import type { Database } from '../sqlite/database.ts';
import type { ManifestState, NewManifest } from './registry-store.ts';
import { annotationText } from './rows.ts';
import type { RegistryRules } from './rules.ts';

/** Digests of the repository whose state or tags changed. */
type Changed = readonly Digest[];

interface Row {
  readonly id: number;
  readonly state: ManifestState;
}

/** Returns the repository's row id, which is made where there is none. */
export function repositoryId(db: Database, name: string): number {
  return (
    findRepository(db, name) ??
    Number(db.get<{ id: number }>('INSERT INTO repositories (name) VALUES (?) RETURNING id', name)?.id)
  );
}

/** Returns the repository's row id. */
export function findRepository(db: Database, name: string): number | undefined {
  return db.get<{ id: number }>('SELECT id FROM repositories WHERE name = ?', name)?.id;
}

/** Returns the first of the tags that a rule holds at another digest. */
export function heldTag(db: Database, manifest: NewManifest, rules: RegistryRules): string | undefined {
  return manifest.tags.find((tag) => {
    if (!rules.isImmutable(manifest.repository, tag)) return false;
    const held = db.get<{ digest: string }>(
      `SELECT m.digest FROM repositories r JOIN tags t ON t.repository = r.id JOIN manifests m ON m.id = t.manifest
       WHERE r.name = ? AND t.name = ? AND m.digest <> ? LIMIT 1`,
      manifest.repository,
      tag,
      manifest.digest,
    );
    return held !== undefined;
  });
}

/** Writes manifest, links and tags. */
export function insertManifest(db: Database, manifest: NewManifest, nowMs: number): Changed {
  const repository = repositoryId(db, manifest.repository);
  const changed = new Set<Digest>([manifest.digest]);
  const before = findManifest(db, repository, manifest.digest);
  const row = db.get<{ id: number }>(
    `INSERT INTO manifests (repository, digest, state, media_type, artifact_type, subject, annotations, size_bytes, pushed_at_ms, pushed_by)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (repository, digest) DO UPDATE SET state = excluded.state, media_type = excluded.media_type,
       pushed_at_ms = excluded.pushed_at_ms, pushed_by = excluded.pushed_by
     RETURNING id`,
    repository,
    manifest.digest,
    manifest.state,
    manifest.mediaType,
    manifest.artifactType ?? null,
    manifest.subject ?? null,
    annotationText(manifest.annotations),
    manifest.bytes.length,
    nowMs,
    manifest.pushedBy,
  );
  const id = Number(row?.id);
  if (before === undefined) {
    const link = (digest: Digest, kind: 'blob' | 'child'): void => {
      db.run('INSERT OR IGNORE INTO manifest_links VALUES (?, ?, ?, ?)', id, repository, digest, kind);
    };
    for (const digest of [...manifest.blobs, ...manifest.optionalBlobs]) link(digest, 'blob');
    for (const digest of manifest.children) link(digest, 'child');
  } else if (before.state !== manifest.state) {
    if (manifest.releasedTags !== undefined) {
      const released = JSON.stringify(manifest.releasedTags);
      db.run(
        "DELETE FROM tags WHERE manifest = ? AND state = 'quarantined' AND name NOT IN (SELECT value FROM json_each(?))",
        id,
        released,
      );
    }
    moveTags(db, repository, id, manifest.state, changed);
  }
  for (const tag of manifest.tags) setTag(db, { repository, tag, id, state: manifest.state, nowMs }, changed);
  return [...changed];
}

/** Changes a manifest's state; its tags follow. Undefined where there is none. */
export function changeState(
  db: Database,
  repository: string,
  digest: Digest,
  state: ManifestState,
): Changed | undefined {
  const place = findRepository(db, repository);
  const row = place === undefined ? undefined : findManifest(db, place, digest);
  if (place === undefined || row === undefined) return undefined;
  if (row.state === state) return [];
  const changed = new Set<Digest>([digest]);
  db.run('UPDATE manifests SET state = ? WHERE id = ?', state, row.id);
  moveTags(db, place, row.id, state, changed);
  return [...changed];
}

/** Removes a manifest and its tags. */
export function removeManifest(db: Database, repository: string, digest: Digest): boolean {
  const place = findRepository(db, repository);
  return place !== undefined && db.run('DELETE FROM manifests WHERE repository = ? AND digest = ?', place, digest) > 0;
}

/** Removes a tag in every state. Returns whom it named. */
export function removeTag(db: Database, repository: string, tag: string): Changed {
  return db
    .all<{ digest: string }>(
      `SELECT m.digest FROM tags t JOIN manifests m ON m.id = t.manifest JOIN repositories r ON r.id = t.repository
       WHERE r.name = ? AND t.name = ?`,
      repository,
      tag,
    )
    .map(({ digest }) => {
      db.run(
        'DELETE FROM tags WHERE name = ? AND repository = (SELECT id FROM repositories WHERE name = ?)',
        tag,
        repository,
      );
      return digest as Digest;
    });
}

function findManifest(db: Database, repository: number, digest: Digest): Row | undefined {
  return db.get<Row>('SELECT id, state FROM manifests WHERE repository = ? AND digest = ?', repository, digest);
}

interface TagChange {
  readonly repository: number;
  readonly tag: string;
  readonly id: number;
  readonly state: ManifestState;
  readonly nowMs: number;
}

/** A visible push is the newest word on a tag, so what waited in quarantine for it is forgotten. */
function setTag(db: Database, { repository, tag, id, state, nowMs }: TagChange, changed: Set<Digest>): void {
  noteHolders(db, repository, tag, state, changed);
  if (state === 'visible') {
    db.run("DELETE FROM tags WHERE repository = ? AND name = ? AND state = 'quarantined'", repository, tag);
  }
  db.run(
    `INSERT INTO tags (repository, name, state, manifest, updated_at_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (repository, name, state) DO UPDATE SET manifest = excluded.manifest, updated_at_ms = excluded.updated_at_ms`,
    repository,
    tag,
    state,
    id,
    nowMs,
  );
}

/** The tags of a manifest go with it into, or out of, quarantine. */
function moveTags(db: Database, repository: number, id: number, state: ManifestState, changed: Set<Digest>): void {
  const other = state === 'visible' ? 'quarantined' : 'visible';
  const rows = db.all<{ name: string; updated_at_ms: number }>(
    'SELECT name, updated_at_ms FROM tags WHERE manifest = ? AND state = ?',
    id,
    other,
  );
  for (const { name, updated_at_ms: nowMs } of rows) {
    db.run('DELETE FROM tags WHERE repository = ? AND name = ? AND state = ?', repository, name, other);
    const isTaken =
      state === 'quarantined' &&
      db.get("SELECT 1 FROM tags WHERE repository = ? AND name = ? AND state = 'quarantined'", repository, name) !==
        undefined;
    // A newer push waits in quarantine for the tag already.
    if (!isTaken) setTag(db, { repository, tag: name, id, state, nowMs }, changed);
  }
}

function noteHolders(db: Database, repository: number, tag: string, state: ManifestState, changed: Set<Digest>): void {
  const rows = db.all<{ digest: string }>(
    'SELECT m.digest FROM tags t JOIN manifests m ON m.id = t.manifest WHERE t.repository = ? AND t.name = ? AND t.state = ?',
    repository,
    tag,
    state,
  );
  for (const { digest } of rows) changed.add(digest as Digest);
}

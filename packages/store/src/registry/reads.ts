// What the registry's rows say.
import type { Digest } from '@plombe/model';
import type { Database } from '../sqlite/database.ts';
import type { ManifestRecord, NamedDigest, RegistryStore } from './registry-store.ts';
import { manifestColumns, recordOf, seen, type ManifestRow } from './rows.ts';

type Reads = Pick<
  RegistryStore,
  | 'manifest'
  | 'tagged'
  | 'referrers'
  | 'parents'
  | 'tagsOf'
  | 'tags'
  | 'visibleTags'
  | 'repositories'
  | 'hasContent'
  | 'quarantined'
  | 'missing'
  | 'blobSize'
  | 'visibleWithBlob'
  | 'repositoriesWithBlob'
  | 'usedBytes'
  | 'uploadRepository'
>;

const from = 'FROM manifests m JOIN repositories r ON r.id = m.repository';

/** Returns the reading half of the store. */
export function createReads(db: Database): Reads {
  const one = (row: ManifestRow | undefined): ManifestRecord | undefined =>
    row === undefined ? undefined : recordOf(row);
  return {
    manifest: (repository, digest, sight) =>
      one(
        db.get<ManifestRow>(
          `SELECT ${manifestColumns} ${from} WHERE r.name = ? AND m.digest = ? AND ${seen('m.state', sight)}`,
          repository,
          digest,
        ),
      ),
    tagged: (repository, tag, sight) =>
      one(
        // 'quarantined' sorts before 'visible': whoever sees both gets the newer push.
        db.get<ManifestRow>(
          `SELECT ${manifestColumns} FROM tags t JOIN manifests m ON m.id = t.manifest JOIN repositories r ON r.id = m.repository
           WHERE r.name = ? AND t.repository = r.id AND t.name = ? AND ${seen('t.state', sight)} ORDER BY t.state LIMIT 1`,
          repository,
          tag,
        ),
      ),
    referrers: (repository, subject, sight, limit, { artifactType = null, last = '' } = {}) =>
      db
        .all<ManifestRow>(
          `SELECT ${manifestColumns} ${from} WHERE r.name = ?1 AND m.subject = ?2 AND m.digest > ?3 AND ${seen('m.state', sight)}
           AND (?4 IS NULL OR m.artifact_type = ?4) ORDER BY m.digest LIMIT ?5`,
          repository,
          subject,
          last,
          artifactType,
          limit,
        )
        .map(recordOf),
    parents: (repository, child, sight) =>
      db
        .all<ManifestRow>(
          `SELECT ${manifestColumns} FROM repositories r JOIN manifest_links l ON l.repository = r.id JOIN manifests m ON m.id = l.manifest
           WHERE r.name = ? AND l.digest = ? AND l.kind = 'child' AND ${seen('m.state', sight)} ORDER BY m.id LIMIT 1000`,
          repository,
          child,
        )
        .map(recordOf),
    tagsOf: (repository, digest) =>
      db
        .all<{ name: string }>(
          `SELECT DISTINCT t.name ${from} JOIN tags t ON t.manifest = m.id WHERE r.name = ? AND m.digest = ? ORDER BY t.name`,
          repository,
          digest,
        )
        .map(({ name }) => name),
    tags: (repository, sight, { last, limit }) =>
      db
        .all<{ name: string }>(
          `SELECT DISTINCT t.name FROM repositories r JOIN tags t ON t.repository = r.id
           WHERE r.name = ? AND t.name > ? AND ${seen('t.state', sight)} ORDER BY t.name LIMIT ?`,
          repository,
          last ?? '',
          limit,
        )
        .map(({ name }) => name),
    visibleTags: (repository, { last, limit }) =>
      db.all<NamedDigest>(
        `SELECT t.name AS tag, m.digest FROM repositories r JOIN tags t ON t.repository = r.id JOIN manifests m ON m.id = t.manifest
         WHERE r.name = ? AND t.name > ? AND ${seen('t.state', 'visible')} ORDER BY t.name LIMIT ?`,
        repository,
        last ?? '',
        limit,
      ),
    repositories: ({ last, limit }) =>
      db
        .all<{ name: string }>('SELECT name FROM repositories WHERE name > ? ORDER BY name LIMIT ?', last ?? '', limit)
        .map(({ name }) => name),
    hasContent: (repository, sight) =>
      db.get(`SELECT 1 ${from} WHERE r.name = ? AND ${seen('m.state', sight)} LIMIT 1`, repository) !== undefined,
    quarantined: (limit) =>
      db
        .all<ManifestRow>(
          `SELECT ${manifestColumns} ${from} WHERE m.state = 'quarantined' ORDER BY m.pushed_at_ms, m.id LIMIT ?`,
          limit,
        )
        .map(recordOf),
    missing: (repository, blobs, children) => ({
      blobs: blobs.filter(
        (digest) =>
          db.get(
            'SELECT 1 FROM repositories r JOIN blobs b ON b.repository = r.id WHERE r.name = ? AND b.digest = ?',
            repository,
            digest,
          ) === undefined,
      ),
      children: children.filter(
        (digest) =>
          db.get(
            'SELECT 1 FROM repositories r JOIN manifests m ON m.repository = r.id WHERE r.name = ? AND m.digest = ?',
            repository,
            digest,
          ) === undefined,
      ),
    }),
    blobSize: (repository, digest) =>
      db.get<{ size_bytes: number }>(
        'SELECT b.size_bytes FROM repositories r JOIN blobs b ON b.repository = r.id WHERE r.name = ? AND b.digest = ?',
        repository,
        digest,
      )?.size_bytes,
    *visibleWithBlob(repository, digest) {
      const rows = db.iterate<{ digest: Digest }>(
        `SELECT m.digest FROM repositories r JOIN manifest_links l ON l.repository = r.id JOIN manifests m ON m.id = l.manifest
         WHERE r.name = ? AND l.digest = ? AND l.kind = 'blob' AND m.state = 'visible'`,
        repository,
        digest,
      );
      for (const row of rows) yield row.digest;
    },
    repositoriesWithBlob: (digest, limit) =>
      db
        .all<{ name: string }>(
          'SELECT r.name FROM blobs b JOIN repositories r ON r.id = b.repository WHERE b.digest = ? LIMIT ?',
          digest,
          limit,
        )
        .map(({ name }) => name),
    usedBytes: (matches) => {
      const chosen = db
        .all<{ id: number; name: string }>('SELECT id, name FROM repositories')
        .filter(({ name }) => matches(name));
      return Number(
        db.get<{ bytes: number }>(
          `SELECT coalesce(sum(size), 0) AS bytes FROM (
             SELECT max(size_bytes) AS size FROM blobs WHERE repository IN (SELECT value FROM json_each(?)) GROUP BY digest)`,
          JSON.stringify(chosen.map(({ id }) => id)),
        )?.bytes ?? 0,
      );
    },
    uploadRepository: (id) =>
      db.get<{ repository: string }>('SELECT repository FROM uploads WHERE id = ?', id)?.repository,
  };
}

/** A visible manifest under one of its tags, or under none. */
export interface IndexedManifest {
  readonly repository: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly sizeBytes: number;
  readonly tags: readonly string[];
  readonly isReferrer: boolean;
}

type IndexedRow = ManifestRow & { readonly tag: string | null };

const indexedSql = (where: string): string =>
  `SELECT ${manifestColumns}, t.name AS tag ${from} LEFT JOIN tags t ON t.manifest = m.id AND t.state = 'visible'
   WHERE m.state = 'visible' ${where} ORDER BY m.id, t.name`;

/** Lists visible manifests with their visible tags. */
export function* indexedManifests(db: Database): Generator<IndexedManifest> {
  let current: { row: IndexedRow; tags: string[] } | undefined;
  for (const row of db.iterate<IndexedRow>(indexedSql(''))) {
    if (current !== undefined && current.row.id !== row.id) {
      yield indexed(current.row, current.tags);
      current = undefined;
    }
    current ??= { row, tags: [] };
    if (row.tag !== null) current.tags.push(row.tag);
  }
  if (current !== undefined) yield indexed(current.row, current.tags);
}

/** Returns one of them. */
export function indexedManifest(db: Database, repository: string, digest: Digest): IndexedManifest | undefined {
  const rows = db.all<IndexedRow>(indexedSql('AND r.name = ? AND m.digest = ?'), repository, digest);
  const [first] = rows;
  return first === undefined
    ? undefined
    : indexed(
        first,
        rows.flatMap(({ tag }) => tag ?? []),
      );
}

function indexed(row: ManifestRow, tags: readonly string[]): IndexedManifest {
  return {
    repository: row.name,
    digest: row.digest as Digest,
    mediaType: row.media_type,
    sizeBytes: row.size_bytes,
    tags,
    isReferrer: row.subject !== null,
    ...(row.artifact_type === null ? {} : { artifactType: row.artifact_type }),
  };
}

// The registry's state over the embedded database and a blob store.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlombeError } from '@plombe/kit';
import { isPlombeError } from '@plombe/kit';
import type { Clock, Digest } from '@plombe/model';
import type { BlobStore } from '../blobs/blob-store.ts';
import { orFull } from '../blobs/failure.ts';
import type { Database } from '../sqlite/database.ts';
import { byteCache } from './byte-cache.ts';
import { openLayoutIndex } from './layout-index.ts';
import { createReads } from './reads.ts';
import type { NewManifest, PutResult, RegistryStore } from './registry-store.ts';
import { isBeingRemoved } from './removals.ts';
import type { RegistryRules } from './rules.ts';
import {
  changeState,
  findRepository,
  heldTag,
  insertManifest,
  removeManifest,
  removeTag,
  repositoryId,
} from './writes.ts';

export interface RegistryParts {
  readonly db: Database;
  readonly blobs: BlobStore;
  /** Folder of the state; the layout is in `layout` below it. */
  readonly folder: string;
  readonly rules: RegistryRules;
  readonly clock: Clock;
  /** False where a server in another process keeps the layout's index: it notices by itself what changes here. */
  readonly keepsLayout?: boolean;
}

/** A store that a server runs on. */
export interface OpenRegistry extends RegistryStore {
  close(): Promise<void>;
}

/** How often it is asked whether another process has changed the rows (retention by a command). */
const watchMs = 1000;
/** Until a collection has removed what is to be stored again; the request that removes it takes some milliseconds. */
const removalMs = 20;
const maxRemovalTurns = 500;
/** A link is marked as used at most so often. */
const touchMs = 3_600_000;

/** Opens the registry's state and writes the layout's index. The database has run `registryMigrations`. */
export async function openRegistry({
  db,
  blobs,
  folder,
  rules,
  clock,
  keepsLayout = true,
}: RegistryParts): Promise<OpenRegistry> {
  const index = keepsLayout ? await openLayoutIndex(db, join(folder, 'layout')) : undefined;
  const reads = createReads(db);
  const cache = byteCache();
  let version = db.dataVersion();
  const watch = setInterval(() => {
    if (db.dataVersion() === version) return;
    version = db.dataVersion();
    // Tried again with the next change; the rows are the truth.
    index?.rebuild().catch(() => undefined);
  }, watchMs);
  watch.unref();

  const transaction = <T>(work: () => T): T => {
    try {
      return db.transaction(work);
    } catch (error) {
      throw orFull(error);
    }
  };
  /** For what collection puts right again: nothing that succeeded is to fail by it. */
  const unlessFull = (work: () => unknown): void => {
    try {
      transaction(work);
    } catch (error) {
      if (!isPlombeError(error, 'store/full')) throw error;
    }
  };
  const settle = async (repository: string, changed: readonly Digest[]): Promise<void> => {
    try {
      await Promise.all([db.durable(), index?.refresh(changed.map((digest) => ({ repository, digest })))]);
    } catch (error) {
      throw orFull(error);
    }
  };

  const isThere = async (digest: Digest): Promise<boolean> =>
    blobs.local?.exists(digest) ?? (await blobs.stat(digest)) !== undefined;
  const isRemoved = (digest: Digest): boolean =>
    blobs.local === undefined ? isBeingRemoved(db, digest, clock.nowMs()) : !blobs.local.exists(digest);

  /** In a transaction. */
  const insertUnlessRemoved = (
    manifest: NewManifest,
  ):
    | Exclude<PutResult, { kind: 'stored' }>
    | { readonly kind: 'stored'; readonly changed: readonly Digest[] }
    | { readonly kind: 'removed' } => {
    if (isRemoved(manifest.digest)) return { kind: 'removed' };
    const missing = reads.missing(manifest.repository, manifest.blobs, manifest.children);
    if (missing.blobs.length > 0 || missing.children.length > 0) return { kind: 'missing', ...missing };
    const tag = heldTag(db, manifest, rules);
    if (tag !== undefined) return { kind: 'immutable', tag };
    return { kind: 'stored', changed: insertManifest(db, manifest, clock.nowMs()) };
  };

  return {
    ...reads,
    blobs,
    readBytes: async (digest) => {
      const known = cache.get(digest);
      if (known !== undefined) return known;
      const bytes = await blobs.read(digest);
      if (bytes !== undefined) cache.set(digest, bytes);
      return bytes;
    },
    putManifest: async (manifest) => {
      await blobs.put(manifest.digest, manifest.bytes);
      let result = transaction(() => insertUnlessRemoved(manifest));
      for (let turn = 0; result.kind === 'removed'; turn++) {
        if (turn === maxRemovalTurns)
          throw new PlombeError('store/unreachable', 'The store takes long to remove a manifest.');
        await sleep(removalMs);
        await blobs.put(manifest.digest, manifest.bytes);
        result = transaction(() => insertUnlessRemoved(manifest));
      }
      if (result.kind !== 'stored') return result;
      // The row keeps it from now on; a collection that ended before the row was there is made good.
      if (!(await isThere(manifest.digest))) await blobs.put(manifest.digest, manifest.bytes);
      cache.set(manifest.digest, manifest.bytes);
      await settle(manifest.repository, result.changed);
      const record = reads.manifest(manifest.repository, manifest.digest, 'all');
      // Deleted by another request meanwhile: it was stored all the same.
      return { kind: 'stored', record: record ?? { ...manifest, sizeBytes: manifest.bytes.length, pushedAtMs: 0 } };
    },
    setState: async (repository, digest, state) => {
      const changed = transaction(() => changeState(db, repository, digest, state));
      if (changed === undefined) return false;
      await settle(repository, changed);
      return true;
    },
    deleteManifest: async (repository, digest) => {
      const held = reads.tagsOf(repository, digest).some((tag) => rules.isImmutable(repository, tag));
      if (held) return 'immutable';
      if (!transaction(() => removeManifest(db, repository, digest))) return 'absent';
      await settle(repository, [digest]);
      return 'deleted';
    },
    deleteTag: async (repository, tag) => {
      if (rules.isImmutable(repository, tag)) {
        return reads.tagged(repository, tag, 'all') === undefined ? 'absent' : 'immutable';
      }
      const changed = transaction(() => removeTag(db, repository, tag));
      if (changed.length === 0) return 'absent';
      await settle(repository, changed);
      return 'deleted';
    },
    linkBlob: async (repository, digest, sizeBytes) => {
      const link = transaction(() => {
        // In the transaction, so that no collection removes the blob between look and link.
        if (isRemoved(digest)) return undefined;
        const id = repositoryId(db, repository);
        const known = db.get('SELECT 1 FROM blobs WHERE repository = ? AND digest = ?', id, digest);
        db.run(
          `INSERT INTO blobs (repository, digest, size_bytes, linked_at_ms) VALUES (?, ?, ?, ?)
           ON CONFLICT (repository, digest) DO UPDATE SET linked_at_ms = excluded.linked_at_ms`,
          id,
          digest,
          sizeBytes,
          clock.nowMs(),
        );
        return { id, isNew: known === undefined };
      });
      if (link === undefined) return false;
      let isLinked = false;
      try {
        // A store elsewhere is asked once the link keeps what is there.
        isLinked = await isThere(digest);
      } finally {
        if (!isLinked && link.isNew) db.run('DELETE FROM blobs WHERE repository = ? AND digest = ?', link.id, digest);
      }
      if (isLinked) await db.durable();
      return isLinked;
    },
    touchBlob: (repository, digest) => {
      const nowMs = clock.nowMs();
      const id = findRepository(db, repository);
      if (id === undefined) return;
      const { linked_at_ms: linkedAtMs = nowMs } =
        db.get<{ linked_at_ms: number }>(
          'SELECT linked_at_ms FROM blobs WHERE repository = ? AND digest = ?',
          id,
          digest,
        ) ?? {};
      if (nowMs - linkedAtMs < touchMs) return;
      unlessFull(() =>
        db.run('UPDATE blobs SET linked_at_ms = ? WHERE repository = ? AND digest = ?', nowMs, id, digest),
      );
    },
    unlinkBlob: async (repository, digest) => {
      const result = transaction(() => {
        const id = findRepository(db, repository) ?? -1;
        const used = db.get(
          "SELECT 1 FROM manifest_links WHERE repository = ? AND digest = ? AND kind = 'blob' LIMIT 1",
          id,
          digest,
        );
        if (used !== undefined) return 'used';
        return db.run('DELETE FROM blobs WHERE repository = ? AND digest = ?', id, digest) > 0 ? 'deleted' : 'absent';
      });
      if (result === 'deleted') await db.durable();
      return result;
    },
    addUpload: (id, repository) =>
      void transaction(() =>
        db.run('INSERT INTO uploads (id, repository, begun_at_ms) VALUES (?, ?, ?)', id, repository, clock.nowMs()),
      ),
    removeUpload: (id) => unlessFull(() => db.run('DELETE FROM uploads WHERE id = ?', id)),
    close: async () => {
      clearInterval(watch);
      await index?.close();
    },
  };
}

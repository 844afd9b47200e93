// The registry's state with another registry behind it: what becomes visible goes there first, what is deleted goes from there too.
import type { Context, Digest } from '@plombe/model';
import { messageOf, PlombeError } from '@plombe/kit';
import type { ManifestRecord, NewManifest, RegistryRules, RegistryStore } from '@plombe/store';
import { fallbackSubject, legacySubject } from '../gate/classify.ts';
import { Refused } from '../registry/refused.ts';
import { refusalOf } from './answers.ts';
import type { Known } from './known.ts';
import type { Link, Links } from './link.ts';
import type { Publisher } from './publish.ts';

/** Whoever brought a manifest that lay in the registry behind this one already; no account has this id. */
export const farIdentity = 'upstream';

export interface FrontParts {
  readonly store: RegistryStore;
  readonly known: Known;
  readonly links: Links;
  readonly publisher: Publisher;
  readonly rules: RegistryRules;
}

/** The store in front of other registries. */
export interface FrontStore extends RegistryStore {
  /** Publishes what was released while the registry could not be asked. Throws nothing. */
  drainOutbox(): Promise<void>;
}

/** Creates it. Repositories that lie here alone are as they were. */
export function frontStore({ store, known, links, publisher, rules }: FrontParts, ctx: Context): FrontStore {
  async function put(link: Link, manifest: NewManifest): ReturnType<RegistryStore['putManifest']> {
    const { repository, digest, mediaType, bytes, tags } = manifest;
    const held = await heldTag(link, manifest);
    if (held !== undefined) return { kind: 'immutable', tag: held };
    const missing = store.missing(repository, manifest.blobs, manifest.children);
    if (missing.blobs.length > 0 || missing.children.length > 0) return { kind: 'missing', ...missing };
    if (!isHeldBack(manifest)) {
      try {
        const all = [...new Set([...tags, ...waitingTags(manifest)])];
        await publisher.publish(link, { repository, digest, mediaType, bytes, tags: all });
      } catch (error) {
        throw refusalOf(error, 'write');
      }
    }
    return store.putManifest(manifest);
  }

  /** Tags that come out of quarantine with it. */
  function waitingTags({ repository, digest, releasedTags }: NewManifest): readonly string[] {
    if (store.manifest(repository, digest, 'all')?.state !== 'quarantined') return [];
    return releasedTags ?? store.tagsOf(repository, digest);
  }

  /** The tag may have moved there without us. */
  async function heldTag(link: Link, { repository, tags, digest }: NewManifest): Promise<string | undefined> {
    for (const tag of tags) {
      if (!rules.isImmutable(repository, tag)) continue;
      const there = await farDigest(link, repository, tag);
      if (there !== undefined && there !== digest) return tag;
    }
    return undefined;
  }

  async function farDigest(link: Link, repository: string, tag: string): Promise<Digest | undefined> {
    try {
      const reference = { ...link.place(repository), tag };
      return (await link.plainCall(() => link.client.fetchManifest(reference, ctx))).digest;
    } catch (error) {
      if (error instanceof PlombeError && error.code === 'registry/not-found') return undefined;
      throw refusalOf(error, 'read');
    }
  }

  /** A statement about something in quarantine would tell of it, and must be there before it is seen. */
  function isHeldBack({ repository, subject, tags }: NewManifest): boolean {
    const about =
      subject ?? tags.map((tag) => legacySubject(tag) ?? fallbackSubject(tag)).find((one) => one !== undefined);
    return about !== undefined && isHidden(store.manifest(repository, about, 'all'));
  }

  function isHidden(record: ManifestRecord | undefined): boolean {
    return record?.state === 'quarantined' && !known.hasManifest(record.repository, record.digest);
  }

  async function release(link: Link, repository: string, digest: Digest): Promise<boolean> {
    await publisher.release(link, repository, digest);
    known.removeFromOutbox(repository, digest);
    return store.setState(repository, digest, 'visible');
  }

  async function deleteThere(
    link: Link,
    repository: string,
    kind: 'manifests' | 'blobs',
    name: string,
  ): Promise<boolean> {
    if (link.isCache) return false;
    const { registry, repository: far } = link.place(repository);
    const response = await link.call('write', () =>
      link.transport.get({
        registry,
        repository: far,
        signal: ctx.signal,
        method: 'DELETE',
        path: `/v2/${far}/${kind}/${name}`,
        access: { action: 'delete' },
        expect: [400, 404, 405],
      }),
    );
    await response.discard();
    // A digest that a registry does not know how to read is of nothing that it has.
    if (response.status === 405 || (response.status === 400 && !name.includes(':')))
      throw new Refused('UNSUPPORTED', 'The registry behind this one does not delete this.');
    return response.status !== 404 && response.status !== 400;
  }

  let draining: Promise<void> | undefined;
  async function drain(): Promise<void> {
    for (const { repository, digest } of known.outbox()) {
      const link = links.of(repository);
      if (link === undefined || store.manifest(repository, digest, 'all') === undefined)
        known.removeFromOutbox(repository, digest);
      else if (link.restMs() === 0) {
        await release(link, repository, digest).catch((error: unknown) =>
          ctx.log.warn('upstream.not-released', { repository, digest, cause: messageOf(error) }),
        );
      }
    }
  }

  return {
    ...store,
    putManifest: async (manifest) => {
      const link = links.of(manifest.repository);
      const staysHere = link === undefined || link.isCache || manifest.state === 'quarantined';
      return staysHere ? store.putManifest(manifest) : put(link, manifest);
    },
    setState: async (repository, digest, state) => {
      const link = links.of(repository);
      const record = store.manifest(repository, digest, 'all');
      // Its tags may be new there, unless it was brought from there.
      const isBrought = record?.pushedBy === farIdentity;
      if (link === undefined || link.isCache || state !== 'visible' || record === undefined || isBrought)
        return store.setState(repository, digest, state);
      known.addToOutbox(repository, digest);
      try {
        return await release(link, repository, digest);
      } catch (error) {
        // It is released, and seen as soon as the registry has it.
        ctx.log.warn('upstream.not-released', { repository, digest, cause: messageOf(error) });
        return true;
      }
    },
    deleteManifest: async (repository, digest) => {
      const link = links.of(repository);
      if (link === undefined) return store.deleteManifest(repository, digest);
      if (store.tagsOf(repository, digest).some((tag) => rules.isImmutable(repository, tag))) return 'immutable';
      const wasThere = await deleteThere(link, repository, 'manifests', digest);
      known.removeManifest(repository, digest);
      const result = await store.deleteManifest(repository, digest);
      return wasThere && result === 'absent' ? 'deleted' : result;
    },
    deleteTag: async (repository, tag) => {
      const link = links.of(repository);
      if (link === undefined) return store.deleteTag(repository, tag);
      if (rules.isImmutable(repository, tag)) return 'immutable';
      const wasThere = await deleteThere(link, repository, 'manifests', tag);
      known.removeName(repository, tag);
      const result = await store.deleteTag(repository, tag);
      return wasThere && result === 'absent' ? 'deleted' : result;
    },
    unlinkBlob: async (repository, digest) => {
      const link = links.of(repository);
      if (link === undefined) return store.unlinkBlob(repository, digest);
      const result = await store.unlinkBlob(repository, digest);
      // 405, as registries answer that delete no blobs: there it may be used by less than here.
      if (result === 'used')
        throw new Refused('UNSUPPORTED', `A manifest of ${repository} names ${digest}; delete the manifest first.`);
      const wasThere = await deleteThere(link, repository, 'blobs', digest);
      known.removeBlob(repository, digest);
      return wasThere ? 'deleted' : result;
    },
    drainOutbox: () => (draining ??= drain().finally(() => (draining = undefined))),
  };
}

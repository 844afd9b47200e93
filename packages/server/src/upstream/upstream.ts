// The registry in front of others: what the protocol asks of them, put together.
import { messageOf } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { RegistryOptions } from '@plombe/oci';
import type { BlobStore, Database, RegistryRules, RegistryStore } from '@plombe/store';
import type { Gate, GrowingBlob, Upstream } from '../registry/ports.ts';
import { Refused } from '../registry/refused.ts';
import { createAdmission } from './admit.ts';
import { refusalOf, unavailable } from './answers.ts';
import { spoolBlobs, type SpooledBlobs } from './blobs.ts';
import { evict } from './evict.ts';
import { openKnown } from './known.ts';
import { openLinks, type LinkOptions } from './link.ts';
import { createListings } from './listings.ts';
import { createPublisher } from './publish.ts';
import { createResolve } from './resolve.ts';
import { frontStore, type FrontStore } from './store.ts';
import { createTee } from './tee.ts';

/** What stands behind this server. */
export interface UpstreamOptions {
  readonly links: readonly LinkOptions[];
  /** Proxy, authorities and logins; nothing of a client's is used. */
  readonly network: RegistryOptions;
  /** Copies of blobs may take so much room. */
  readonly spoolBytes: number;
  /** How often what waits is tried again and the spool is looked at; 15 seconds unless set. */
  readonly tidyEveryMs?: number;
}

export interface UpstreamParts {
  readonly db: Database;
  readonly local: BlobStore;
  readonly rules: RegistryRules;
}

/** Everything between store and protocol. */
export interface OpenUpstream {
  /** For the registry's store: blobs here and there. */
  readonly blobs: SpooledBlobs;
  /** Puts itself before the store that was opened over `blobs`. */
  front(store: RegistryStore): FrontStore;
  /** What the protocol asks, once gate and store are there. */
  port(gate: Gate, isGate: boolean): { readonly upstream: Upstream; readonly gate: Gate };
  /** `REGISTRY/REPOSITORY` that a repository of a cache is a copy of. */
  readonly copyOf: (repository: string) => string | undefined;
  close(): Promise<void>;
}

/** Blobs and manifests that a manifest names and that are looked for there. */
const maxFind = 500;

/** Opens it. The database has run `upstreamMigrations`. */
export function openUpstream(
  options: UpstreamOptions,
  { db, local, rules }: UpstreamParts,
  ctx: Context,
): OpenUpstream {
  const ending = new AbortController();
  const signal = AbortSignal.any([ctx.signal, ending.signal]);
  const own: Context = { ...ctx, signal };
  const known = openKnown(db);
  const links = openLinks(options.links, options.network, own);
  const tee = createTee(links, known, own);
  let gate: Gate | undefined;
  const blobs = spoolBlobs({
    local,
    known,
    links,
    signal,
    random: (sizeBytes) => ctx.random(sizeBytes),
    observe: (blob) => gate?.observe(blob),
  });
  let inner: RegistryStore | undefined;
  let fronted: FrontStore | undefined;
  let tidying: Promise<void> | undefined;
  const parts = (): { readonly store: RegistryStore; readonly front: FrontStore } => {
    if (inner === undefined || fronted === undefined) throw new Error('The store is not open.');
    return { store: inner, front: fronted };
  };

  async function tidy(): Promise<void> {
    try {
      await fronted?.drainOutbox();
      const freed = await evict({ db, local, known, limitBytes: options.spoolBytes, clock: ctx.clock, signal });
      if (freed > 0) ctx.log.info('upstream.evicted', { freed });
    } catch (error) {
      if (!signal.aborted) ctx.log.warn('upstream.tidying-failed', { cause: messageOf(error) });
    }
  }
  const timer = setInterval(() => {
    tidying ??= tidy().finally(() => (tidying = undefined));
  }, options.tidyEveryMs ?? 15_000);
  timer.unref();

  function front(store: RegistryStore): FrontStore {
    inner = store;
    const publisher = createPublisher({ store, blobs, known, links, signal });
    fronted = frontStore({ store, known, links, publisher, rules }, own);
    return fronted;
  }

  function port(judging: Gate, isGate: boolean): { readonly upstream: Upstream; readonly gate: Gate } {
    gate = judging;
    const { store } = parts();
    const publisher = createPublisher({ store, blobs, known, links, signal });
    const admission = createAdmission({ store, blobs, known, gate: judging, isGate }, own);
    const resolve = createResolve({ store, known, gate: judging, admission }, own);
    const listings = createListings({ store, known, gate: judging }, own);

    const findBlob: Upstream['findBlob'] = async (repository, digest) => {
      const link = links.of(repository);
      if (link === undefined || link.isCache) return;
      const isKnown = store.blobSize(repository, digest) !== undefined;
      if (isKnown && (await blobs.stat(digest)) !== undefined) return;
      const place = link.place(repository);
      const response = await link.call('read', () =>
        link.transport.get({
          ...place,
          signal,
          method: 'HEAD',
          path: `/v2/${place.repository}/blobs/${digest}`,
          pool: 'documents',
          expect: [401, 403, 404],
        }),
      );
      await response.discard();
      const sizeBytes = Number(response.headers['content-length'] ?? Number.NaN);
      if (response.status >= 300 || !Number.isSafeInteger(sizeBytes)) {
        // Lost in both places: whoever pushes must send it again.
        if (isKnown) throw new Refused('BLOB_UNKNOWN', `${repository} has lost the blob ${digest}.`);
        return;
      }
      known.addBlob(repository, digest, sizeBytes);
      await store.linkBlob(repository, digest, sizeBytes);
    };

    const upstream: Upstream = {
      has: (repository) => links.of(repository) !== undefined,
      findBlob,
      resolve: async (repository, name, by) => {
        const link = links.of(repository);
        return link === undefined ? name : resolve(link, repository, name, by);
      },
      findContent: async (repository, missing) => {
        const link = links.of(repository);
        if (link === undefined || link.isCache || missing.blobs.length + missing.children.length > maxFind) return;
        for (const digest of missing.blobs) await findBlob(repository, digest);
        for (const digest of missing.children) {
          await admission.admit(link, repository, digest, []).catch((error: unknown) => {
            // What is not there is told with all that is missing.
            if (!(error instanceof Refused) || error.status !== 404) throw error;
          });
        }
      },
      requireWritable: (repository) => {
        const link = links.of(repository);
        if (link === undefined) return;
        if (link.isCache)
          throw new Refused('DENIED', `plombe: ${repository} is a copy of ${link.registry}; nothing is pushed to it.`);
        const restMs = link.restMs();
        if (restMs > 0) throw unavailable(`plombe: ${link.registry} cannot be reached at the moment.`, restMs);
      },
      stored: async (repository, digest) => {
        const link = links.of(repository);
        if (link === undefined || link.isCache) return;
        await tee.settled(repository, digest);
        try {
          await publisher.ensureBlob(link, repository, digest);
        } catch (error) {
          // It was not acknowledged, so it is not here either.
          await store.unlinkBlob(repository, digest);
          throw refusalOf(error, 'write');
        }
      },
      tags: async (repository, sight) => {
        const link = links.of(repository);
        return link === undefined ? undefined : listings.tags(link, repository, sight);
      },
      repositories: () => listings.repositories(links.all),
      referrers: async (repository, digest, sight) => {
        const link = links.of(repository);
        return link === undefined ? undefined : listings.referrers(link, repository, digest, sight);
      },
    };
    const observe = (blob: GrowingBlob): void => {
      judging.observe(blob);
      tee.observe(blob);
    };
    return { upstream, gate: { ...judging, observe } };
  }

  return {
    blobs,
    front,
    port,
    copyOf: (repository) => {
      const link = links.of(repository);
      return link?.isCache === true ? `${link.registry}/${link.place(repository).repository}` : undefined;
    },
    close: async () => {
      clearInterval(timer);
      ending.abort();
      await tidying;
      links.close();
    },
  };
}

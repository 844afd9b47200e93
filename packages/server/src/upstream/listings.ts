// Lists of the registry behind this one, without what is hidden here and with what is here alone.
import { by, isPlombeError } from '@plombe/kit';
import type { Context, Descriptor, Digest } from '@plombe/model';
import type { ManifestRecord, RegistryStore, Sight } from '@plombe/store';
import type { Gate } from '../registry/ports.ts';
import { Refused } from '../registry/refused.ts';
import { refusalOf } from './answers.ts';
import { isOutage } from './breaker.ts';
import type { Known } from './known.ts';
import type { Link } from './link.ts';
import { nobody } from './nobody.ts';

export interface ListingParts {
  readonly store: RegistryStore;
  readonly known: Known;
  readonly gate: Gate;
}

export interface Listings {
  /** Sorted. Throws `Refused`. */
  tags(link: Link, repository: string, sight: Sight): Promise<readonly string[]>;
  /** Sorted, with the names they have here; without those of registries that do not tell. */
  repositories(links: readonly Link[]): Promise<readonly string[]>;
  /** Sorted by digest. Throws `Refused`. */
  referrers(link: Link, repository: string, digest: Digest, sight: Sight): Promise<readonly Descriptor[]>;
}

/** Pages of one list are asked for one after the other: the list is the same meanwhile. */
const listTtlMs = 2000;
/** Lists that are remembered; the largest have some megabytes. */
const maxLists = 20;
const maxReferrers = 5000;
const tagsAtOnce = 10_000;

/** Creates them. */
export function createListings({ store, known, gate }: ListingParts, ctx: Context): Listings {
  const lists = new Map<string, { readonly atMs: number; readonly list: Promise<readonly string[]> }>();

  /** One request for all who ask at the same time. */
  function remembered(key: string, read: () => Promise<readonly string[]>): Promise<readonly string[]> {
    const nowMs = ctx.clock.nowMs();
    const last = lists.get(key);
    if (last !== undefined && Math.abs(nowMs - last.atMs) < listTtlMs) return last.list;
    const list = read();
    lists.delete(key);
    lists.set(key, { atMs: nowMs, list });
    list.catch(() => lists.delete(key));
    for (const oldest of lists.keys()) {
      if (lists.size <= maxLists) break;
      lists.delete(oldest);
    }
    return list;
  }

  async function tags(link: Link, repository: string, sight: Sight): Promise<readonly string[]> {
    const own =
      sight === 'all'
        ? store.tags(repository, 'all', { limit: tagsAtOnce }).filter((tag) => isHeld(repository, tag))
        : [];
    let there: readonly string[] = [];
    try {
      const read = (): Promise<readonly string[]> =>
        link.plainCall(() => link.client.listTags(link.place(repository), ctx));
      // A push is in the list at once.
      there = link.isCache ? await remembered(`tags ${repository}`, read) : await read();
    } catch (error) {
      const isUnknown = isPlombeError(error, 'registry/not-found');
      if (isOutage(error) && link.offline(repository)) there = store.tags(repository, 'visible', { limit: tagsAtOnce });
      else if (isUnknown && own.length === 0)
        throw new Refused('NAME_UNKNOWN', `There is no repository ${repository}.`);
      else if (!isUnknown) throw refusalOf(error, 'read');
    }
    const shown = sight === 'all' ? there : there.filter((tag) => !isHidden(repository, tag));
    return [...new Set([...shown, ...own])].toSorted(by((tag) => tag));
  }

  function isHeld(repository: string, tag: string): boolean {
    const record = store.tagged(repository, tag, 'all');
    return record?.state === 'quarantined';
  }

  /** What was found to be refused is not offered; of the others that is told when they are pulled. */
  function isHidden(repository: string, tag: string): boolean {
    const digest = known.name(repository, tag)?.digest ?? store.tagged(repository, tag, 'visible')?.digest;
    return digest !== undefined && isWithheld(repository, digest);
  }

  function isWithheld(repository: string, digest: Digest): boolean {
    const state = store.manifest(repository, digest, 'all')?.state;
    return state === 'quarantined' || (state === 'visible' && gate.withholds(repository, digest, nobody));
  }

  async function repositories(links: readonly Link[]): Promise<readonly string[]> {
    const found = await Promise.all(
      links.map(async (link) => {
        // Nobody wants all of a public registry in the list.
        if (link.isCache) return [];
        try {
          return await remembered(`catalog ${link.registry}`, () =>
            link.plainCall(() => link.client.listRepositories(link.registry, ctx)),
          );
        } catch (error) {
          if (isOutage(error)) throw refusalOf(error, 'read');
          return [];
        }
      }),
    );
    return [...new Set([...found.flat(), ...store.repositories({ limit: tagsAtOnce })])].toSorted(by((name) => name));
  }

  async function referrers(
    link: Link,
    repository: string,
    digest: Digest,
    sight: Sight,
  ): Promise<readonly Descriptor[]> {
    let there: readonly Descriptor[] = [];
    try {
      const options = { signal: ctx.signal, maxEntries: maxReferrers };
      there = (await link.plainCall(() => link.client.listReferrers(link.place(repository), digest, options)))
        .descriptors;
    } catch (error) {
      const isFine = isPlombeError(error, 'registry/not-found') || (isOutage(error) && link.offline(repository));
      if (!isFine) throw refusalOf(error, 'read');
    }
    const all = new Map<Digest, Descriptor>();
    for (const entry of there) {
      const isHiddenHere = store.manifest(repository, entry.digest, 'all')?.state === 'quarantined';
      if (sight === 'all' || !isHiddenHere) all.set(entry.digest, entry);
    }
    // What was read here says more than a list.
    for (const record of store.referrers(repository, digest, sight, maxReferrers))
      all.set(record.digest, descriptorOf(record));
    return [...all.values()].toSorted(by((entry) => entry.digest));
  }

  return { tags, repositories, referrers };
}

function descriptorOf({ mediaType, digest, sizeBytes, artifactType, annotations }: ManifestRecord): Descriptor {
  return { mediaType, digest, sizeBytes, annotations, ...(artifactType === undefined ? {} : { artifactType }) };
}

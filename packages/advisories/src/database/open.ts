// A database opened for reading: shards are opened only when the inventory asks for their ecosystem.
import { join } from 'node:path';
import type { Clock, ShardStatus } from '@plombe/model';
import { ecosystemBase } from '../normal/ecosystems.ts';
import { statusOf } from './age.ts';
import { openFactShard, type FactShard } from './fact-shard.ts';
import { findDamage } from './location.ts';
import type { DatabaseManifest, ShardRecord } from './manifest.ts';
import { openAdvisoryShard, type AdvisoryShard } from './shard.ts';

/** Where the file of a shard is once it may be opened. `damaged` says what is wrong with it. */
export type ShardFile = { readonly path: string } | { readonly damaged: string };

/** Makes the file of a shard available, with its digest checked. */
export type ShardLocator = (shard: ShardRecord) => ShardFile;

export interface AdvisorySource {
  readonly record: ShardRecord;
  readonly shard: AdvisoryShard;
}

/** The shards that speak of one ecosystem. */
export interface EcosystemSources {
  readonly sources: readonly AdvisorySource[];
  readonly damaged: readonly ShardRecord[];
  /** Shards of the ecosystem that hold next to nothing of this release. */
  readonly fragments: readonly Fragment[];
  /** True where an undamaged shard is a statement of the whole ecosystem and release, not only some records of it. */
  readonly covered: boolean;
  /** Names of packages that an undamaged shard is a statement of, where it is none of all. */
  readonly coveredNames: ReadonlySet<string>;
}

/** A release of which a shard knows few packages: they came along with another's documents, and say nothing of those not named. */
export interface Fragment {
  readonly record: ShardRecord;
  /** Names of packages that the shard has of the release, and of the release it has most of. */
  readonly packages: number;
  readonly largest: number;
}

/**
 * Share of the largest release's packages below which a release is a fragment. Of the real feeds the smallest release that is tracked has 15 %
 * (Debian 13 in a derived list), the largest that is not has 3 % (unstable in an excerpt of the CVE list).
 */
const minReleaseShare = 0.05;

export interface ShardSet {
  readonly manifest: DatabaseManifest;
  /** Opens the shards with rows of the ecosystem (with its release). Sorted by id. */
  sourcesOf(ecosystem: string): EcosystemSources;
  /** Opens every shard of advisories. */
  all(): Pick<EcosystemSources, 'sources' | 'damaged'>;
  /** Opens the shards of facts. */
  facts(): readonly FactShard[];
  /** A shard as reports name it, `damaged` where opening it failed. */
  status(record: ShardRecord): ShardStatus;
  close(): void;
}

/** Returns the locator of a folder: the digest of a shard is compared when it is first used, unless its file is as the build left it. */
export function folderLocator(directory: string): ShardLocator {
  return (shard) => {
    const damage = findDamage(directory, shard, { unlessStamped: true });
    return damage === undefined ? { path: join(directory, shard.file) } : { damaged: damage };
  };
}

/** Opens the shards of a manifest as they are asked for. */
export function openShards(
  manifest: DatabaseManifest,
  locate: ShardLocator,
  options: { readonly clock: Clock; readonly maxAgeDays: number },
): ShardSet {
  const damaged = new Set<string>();
  const advisories = new Map<string, AdvisorySource | undefined>();
  const byEcosystem = new Map<string, EcosystemSources>();
  let facts: FactShard[] | undefined;

  function openOne<T>(record: ShardRecord, open: (path: string) => T): T | undefined {
    try {
      const file = locate(record);
      if ('path' in file) return open(file.path);
    } catch {
      // Recorded below: a shard that SQLite cannot open is as damaged as one with another digest.
    }
    damaged.add(record.id);
    return undefined;
  }

  function source(record: ShardRecord): AdvisorySource | undefined {
    if (!advisories.has(record.id)) {
      const shard = openOne(record, openAdvisoryShard);
      advisories.set(record.id, shard === undefined ? undefined : { record, shard });
    }
    return advisories.get(record.id);
  }

  function fragmentOf({ record, shard }: AdvisorySource, ecosystem: string): Fragment | undefined {
    if (record.ecosystems.length === 1) return undefined;
    const named = shard.packageCounts;
    const packages = named.get(ecosystem) ?? 0;
    const base = ecosystemBase(ecosystem);
    const largest = Math.max(...[...named].map(([name, count]) => (ecosystemBase(name) === base ? count : 0)));
    return packages < largest * minReleaseShare ? { record, packages, largest } : undefined;
  }

  function openSources(ecosystem: string): EcosystemSources {
    const records = manifest.shards.filter(
      ({ role, ecosystems }) => role === 'advisories' && ecosystems.includes(ecosystem),
    );
    const sources = records.map(source).filter((opened) => opened !== undefined);
    const base = ecosystemBase(ecosystem);
    const covering = sources.filter(({ record }) => record.covers.includes(base));
    const fragments = covering.map((one) => fragmentOf(one, ecosystem)).filter((one) => one !== undefined);
    return {
      sources,
      damaged: records.filter(({ id }) => damaged.has(id)),
      fragments,
      covered: fragments.length < covering.length,
      coveredNames: new Set(
        sources.flatMap(({ record: { coversNames } }) => (coversNames?.ecosystem === base ? coversNames.names : [])),
      ),
    };
  }

  return {
    manifest,
    sourcesOf(ecosystem) {
      const known = byEcosystem.get(ecosystem) ?? openSources(ecosystem);
      byEcosystem.set(ecosystem, known);
      return known;
    },
    all() {
      const records = manifest.shards.filter(({ role }) => role === 'advisories');
      const sources = records.map(source).filter((opened) => opened !== undefined);
      return { sources, damaged: records.filter(({ id }) => damaged.has(id)) };
    },
    facts() {
      facts ??= manifest.shards
        .filter((record) => record.role === 'facts')
        .map((record) => openOne(record, openFactShard))
        .filter((opened) => opened !== undefined);
      return facts;
    },
    status: (record) => statusOf(record, options.clock, options.maxAgeDays, damaged.has(record.id)),
    close() {
      for (const opened of advisories.values()) opened?.shard.close();
      for (const opened of facts ?? []) opened.close();
      advisories.clear();
      byEcosystem.clear();
      facts = undefined;
    },
  };
}

// A database opened for reading: shards are opened only when the inventory asks for their ecosystem.
import { join } from 'node:path';
import type { Clock, ShardStatus } from '@plombe/model';
import { ecosystemBase } from '../normal/ecosystems.ts';
import { statusOf } from './age.ts';
import { findDamage } from './location.ts';
import type { DatabaseManifest, ShardRecord } from './manifest.ts';
import { openAdvisoryShard, openFactShard, type AdvisoryShard, type FactShard } from './shard.ts';

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
  /** True where an undamaged shard is a statement of the whole ecosystem, not only some records of it. */
  readonly covered: boolean;
}

export interface ShardSet {
  readonly manifest: DatabaseManifest;
  /** Opens the shards with rows of the ecosystem (with its release). Sorted by id. */
  sourcesOf(ecosystem: string): EcosystemSources;
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

  function openSources(ecosystem: string): EcosystemSources {
    const records = manifest.shards.filter(
      ({ role, ecosystems }) => role === 'advisories' && ecosystems.includes(ecosystem),
    );
    const sources = records.map(source).filter((opened) => opened !== undefined);
    const base = ecosystemBase(ecosystem);
    return {
      sources,
      damaged: records.filter(({ id }) => damaged.has(id)),
      covered: sources.some(({ record }) => record.covers.includes(base)),
    };
  }

  return {
    manifest,
    sourcesOf(ecosystem) {
      const known = byEcosystem.get(ecosystem) ?? openSources(ecosystem);
      byEcosystem.set(ecosystem, known);
      return known;
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

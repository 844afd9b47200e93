// Writes a shard of advisories: records are staged on disk as they stream in, then written sorted, so that memory stays bounded.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { compareText } from '@plombe/kit';
import type { Advisory, VersionRange } from '@plombe/model';
import { isInRange, schemeById } from '@plombe/versions';
import { decodeBody, encodeBody, joinBodies, toBody, type AdvisoryBody, type BodyLimits } from './body.ts';
import { encodeEntry, packEntries, unpackEntries } from './entry.ts';
import { advisoryTables, writePragmas } from './layout.ts';
import { openStored } from './shard.ts';

/** What went into a shard. `ecosystems` is sorted and has releases: `Debian:12`. */
export interface WrittenShard {
  readonly records: number;
  readonly ecosystems: readonly string[];
}

/** Takes advisories in any order; `finish` writes the shard to the path, the same bytes for the same set of advisories. */
export interface AdvisoryShardWriter {
  add(advisory: Advisory): void;
  /** Takes what another shard holds, without the advisories of these ids. */
  load(path: string, without: ReadonlySet<string>): void;
  finish(): WrittenShard;
  /** Gives up; the files stay for the caller to remove. */
  close(): void;
}

/** SQLite sorts on disk, so memory is bounded by the rows of one package. */
const stagingTables = `
CREATE TABLE body(id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entry(name TEXT NOT NULL, ecosystem TEXT NOT NULL, entry TEXT NOT NULL);
`;

/** Opens a writer of the shard at `path`; `stagingPath` is a file beside it that the caller removes. */
export function createAdvisoryShard(path: string, stagingPath: string, limits: BodyLimits): AdvisoryShardWriter {
  const staging = new DatabaseSync(stagingPath);
  staging.exec(writePragmas);
  staging.exec(stagingTables);
  staging.exec('BEGIN');
  const readBody = staging.prepare('SELECT body FROM body WHERE id = ?');
  const writeBody = staging.prepare('INSERT OR REPLACE INTO body VALUES (?, ?)');
  const writeEntry = staging.prepare('INSERT INTO entry VALUES (?, ?, ?)');
  return {
    add(advisory) {
      const body = toBody(advisory, limits);
      const known = readBody.get(body.id) as { body: string } | undefined;
      const joined = known === undefined ? body : joinBodies(decodeBody(body.id, known.body), body);
      writeBody.run(body.id, encodeBody(joined));
      if (advisory.withdrawnAt !== undefined) return;
      for (const affected of advisory.affected) {
        const row = encodeEntry(advisory.id, affected, isCovered);
        writeEntry.run(affected.name, affected.ecosystem, JSON.stringify(row));
      }
    },
    load(other, without) {
      copyShard(other, without, writeBody, writeEntry);
    },
    finish() {
      staging.exec('COMMIT');
      try {
        return writeShard(staging, path);
      } finally {
        staging.close();
      }
    },
    close() {
      staging.close();
    },
  };
}

function copyShard(path: string, without: ReadonlySet<string>, body: StatementSync, entry: StatementSync): void {
  const shard = openStored(path);
  try {
    const rows = shard.prepare(
      'SELECT affected.name AS name, ecosystem.name AS ecosystem, entries FROM affected JOIN ecosystem ON ecosystem.id = affected.ecosystem',
    );
    for (const row of rows.iterate() as Iterable<unknown> as Iterable<{
      name: string;
      ecosystem: string;
      entries: string | Uint8Array;
    }>) {
      for (const one of unpackEntries(row.entries)) {
        if (!without.has(one[0] as string)) entry.run(row.name, row.ecosystem, JSON.stringify(one));
      }
    }
    const bodies = shard.prepare('SELECT id, body FROM advisory').iterate();
    for (const row of bodies as Iterable<unknown> as Iterable<{ id: string; body: string }>) {
      if (!without.has(row.id)) body.run(row.id, row.body);
    }
  } finally {
    shard.close();
  }
}

function isCovered(version: string, ranges: readonly VersionRange[]): boolean {
  return ranges.some((range) => {
    const scheme = schemeById(range.scheme);
    return scheme !== undefined && isInRange(scheme, version, range.events) === 'in';
  });
}

function writeShard(staging: DatabaseSync, path: string): WrittenShard {
  const shard = new DatabaseSync(path);
  try {
    shard.exec(writePragmas);
    shard.exec(advisoryTables);
    shard.exec('BEGIN');
    const ecosystems = writeEntries(staging, shard);
    const records = writeBodies(staging, shard);
    shard.exec('COMMIT');
    // Sorted rows leave the pages of an index half empty.
    shard.exec('VACUUM');
    return { records, ecosystems };
  } finally {
    shard.close();
  }
}

function writeEntries(staging: DatabaseSync, shard: DatabaseSync): string[] {
  const names = staging.prepare('SELECT DISTINCT ecosystem AS name FROM entry').all() as unknown as { name: string }[];
  const ecosystems = names.map(({ name }) => name).sort(compareText);
  const ids = new Map(ecosystems.map((name, index) => [name, index]));
  const counts = new Map<string, number>();
  const write = shard.prepare('INSERT INTO affected VALUES (?, ?, ?)');
  const rows = staging.prepare('SELECT DISTINCT name, ecosystem, entry FROM entry ORDER BY name, ecosystem, entry');
  let group: { name: string; ecosystem: string; entries: string[] } | undefined;
  const flush = (): void => {
    if (group === undefined) return;
    const { name, ecosystem, entries } = group;
    write.run(name, ids.get(ecosystem) as number, packEntries(entries));
    counts.set(ecosystem, (counts.get(ecosystem) ?? 0) + 1);
  };
  for (const row of rows.iterate() as Iterable<unknown> as Iterable<{
    name: string;
    ecosystem: string;
    entry: string;
  }>) {
    if (group === undefined || group.name !== row.name || group.ecosystem !== row.ecosystem) {
      flush();
      group = { name: row.name, ecosystem: row.ecosystem, entries: [] };
    }
    group.entries.push(row.entry);
  }
  flush();
  const writeEcosystem = shard.prepare('INSERT INTO ecosystem VALUES (?, ?, ?)');
  for (const [name, id] of ids) writeEcosystem.run(id, name, counts.get(name) ?? 0);
  return ecosystems;
}

function writeBodies(staging: DatabaseSync, shard: DatabaseSync): number {
  const write = shard.prepare('INSERT INTO advisory VALUES (?, ?)');
  const writeAlias = shard.prepare('INSERT OR IGNORE INTO alias VALUES (?, ?, ?)');
  let records = 0;
  const rows = staging.prepare('SELECT id, body FROM body ORDER BY id').iterate();
  for (const { id, body } of rows as Iterable<unknown> as Iterable<{ id: string; body: string }>) {
    write.run(id, body);
    writeAliases(writeAlias, decodeBody(id, body));
    records += 1;
  }
  return records;
}

function writeAliases(write: StatementSync, body: AdvisoryBody): void {
  for (const alias of body.aliases) write.run(alias, body.id, 0);
  for (const alias of body.upstream) write.run(alias, body.id, 1);
  for (const alias of body.related) write.run(alias, body.id, 2);
}

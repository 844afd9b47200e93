// Opens a shard of advisories read-only and answers look-ups by package name, advisory id and alias.
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { decodeBody, type AdvisoryBody } from './body.ts';
import { decodeEntries, type AffectedEntry } from './entry.ts';

export type AliasKind = 'alias' | 'upstream' | 'related';

/** A shard of advisories. Every call throws where the file is damaged. */
export interface AdvisoryShard {
  /** Announces names that `entries` will be asked for: those that nothing is said of are then known in one look-up. */
  expect(ecosystem: string, names: ReadonlySet<string>): void;
  /** What is said of a package; empty where nothing is. */
  entries(ecosystem: string, name: string): readonly AffectedEntry[];
  /** How many packages are named in each ecosystem with its release. */
  readonly packageCounts: ReadonlyMap<string, number>;
  /** Reads the advisories that `advisory` will be asked for in one look-up; those of the call before are let go. */
  expectAdvisories(ids: ReadonlySet<string>): void;
  advisory(id: string): AdvisoryBody | undefined;
  /** What an advisory says of each package; looks through the whole shard, as nothing that is scanned needs it. */
  packagesOf(advisory: string): readonly { ecosystem: string; name: string; entry: AffectedEntry }[];
  /** Advisories that name this id as theirs in one of the three ways. */
  namedBy(id: string): readonly { readonly advisory: string; readonly kind: AliasKind }[];
  close(): void;
}

const aliasKinds: readonly AliasKind[] = ['alias', 'upstream', 'related'];

/** Opens the file of a shard. `immutable`: no locks and no journal is looked for, so that a shard on read-only media opens; a shard is never changed in place. */
export function openStored(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, { readOnly: true });
}

interface EcosystemRow {
  readonly id: number;
  readonly name: string;
  readonly packages: number;
}

const mentionsQuery = `SELECT affected.name, ecosystem.name AS ecosystem, entries
  FROM affected JOIN ecosystem ON ecosystem.id = affected.ecosystem WHERE typeof(entries) = 'blob' OR instr(entries, ?) > 0`;

const presentQuery = `SELECT value AS name FROM json_each(?)
  WHERE EXISTS (SELECT 1 FROM affected WHERE affected.name = value AND affected.ecosystem = ?)`;

const advisoriesQuery = `SELECT id, body FROM advisory WHERE id IN (SELECT value FROM json_each(?))`;

/** Names that were announced, and which of them the shard has. */
interface Expected {
  readonly names: ReadonlySet<string>;
  readonly present: ReadonlySet<string>;
}

/** Opens a shard of advisories. */
export function openAdvisoryShard(path: string): AdvisoryShard {
  const database = openStored(path);
  const rows = database.prepare('SELECT id, name, packages FROM ecosystem').all() as unknown as EcosystemRow[];
  const ecosystems = new Map(rows.map(({ id, name }) => [name, id]));
  const packageCounts = new Map(rows.map(({ name, packages }) => [name, packages]));
  const entries = database.prepare('SELECT entries FROM affected WHERE name = ? AND ecosystem = ?');
  const expected = new Map<string, Expected>();
  const advisory = database.prepare('SELECT body FROM advisory WHERE id = ?');
  let expectedBodies: ReadonlyMap<string, string> = new Map();
  const alias = database.prepare('SELECT advisory, kind FROM alias WHERE alias = ? ORDER BY advisory');
  return {
    expect(ecosystem, names) {
      const id = ecosystems.get(ecosystem);
      if (id === undefined) return;
      const rows = database.prepare(presentQuery).all(JSON.stringify([...names]), id);
      const present = new Set((rows as unknown as { name: string }[]).map(({ name }) => name));
      expected.set(ecosystem, { names, present });
    },
    entries(ecosystem, name) {
      const id = ecosystems.get(ecosystem);
      if (id === undefined) return [];
      const known = expected.get(ecosystem);
      if (known?.names.has(name) === true && !known.present.has(name)) return [];
      const row = entries.get(name, id) as { entries: string | Uint8Array } | undefined;
      return row === undefined ? [] : decodeEntries(row.entries);
    },
    packageCounts,
    expectAdvisories(ids) {
      const rows = database.prepare(advisoriesQuery).all(JSON.stringify([...ids]));
      expectedBodies = new Map((rows as unknown as { id: string; body: string }[]).map(({ id, body }) => [id, body]));
    },
    advisory(id) {
      const text = expectedBodies.get(id) ?? (advisory.get(id) as { body: string } | undefined)?.body;
      return text === undefined ? undefined : decodeBody(id, text);
    },
    packagesOf(id) {
      const mentions = database.prepare(mentionsQuery);
      const named = mentions.all(JSON.stringify(id)) as unknown as {
        name: string;
        ecosystem: string;
        entries: string | Uint8Array;
      }[];
      return named.flatMap(({ name, ecosystem, entries: text }) =>
        decodeEntries(text)
          .filter((entry) => entry.advisory === id)
          .map((entry) => ({ ecosystem, name, entry })),
      );
    },
    namedBy(id) {
      const named = alias.all(id) as unknown as { advisory: string; kind: number }[];
      return named.map((row) => ({ advisory: row.advisory, kind: aliasKinds[row.kind] ?? 'related' }));
    },
    close() {
      database.close();
    },
  };
}

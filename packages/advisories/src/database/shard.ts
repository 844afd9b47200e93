// Opens shards read-only and answers look-ups by package name, advisory id and alias.
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { ExploitPrediction, KnownExploited, Severity } from '@plombe/model';
import type { ProductCycle } from '../enrichment/contract.ts';
import { decodeBody, type AdvisoryBody } from './body.ts';
import { decodeEntries, decodeSeverity, type AffectedEntry } from './entry.ts';
import { cveNumber, unpackScore } from './layout.ts';
import type { SeverityFact } from './write-facts.ts';

export type AliasKind = 'alias' | 'upstream' | 'related';

/** A shard of advisories. Every call throws where the file is damaged. */
export interface AdvisoryShard {
  /** Announces names that `entries` will be asked for: those that nothing is said of are then known in one look-up. */
  expect(ecosystem: string, names: ReadonlySet<string>): void;
  /** What is said of a package; empty where nothing is. */
  entries(ecosystem: string, name: string): readonly AffectedEntry[];
  /** How many packages are named in each ecosystem with its release. */
  readonly packageCounts: ReadonlyMap<string, number>;
  advisory(id: string): AdvisoryBody | undefined;
  /** What an advisory says of each package; looks through the whole shard, as nothing that is scanned needs it. */
  packagesOf(advisory: string): readonly { ecosystem: string; name: string; entry: AffectedEntry }[];
  /** Advisories that name this id as theirs in one of the three ways. */
  namedBy(id: string): readonly { readonly advisory: string; readonly kind: AliasKind }[];
  close(): void;
}

/** A shard of facts. */
export interface FactShard {
  knownExploited(id: string): KnownExploited | undefined;
  prediction(id: string): ExploitPrediction | undefined;
  severity(id: string): SeverityStatement | undefined;
  cycles(product: string): readonly ProductCycle[];
  close(): void;
}

/** What a source of severities says of a vulnerability. */
export interface SeverityStatement {
  readonly severities: readonly Severity[];
  readonly summary?: string;
  readonly publishedAt?: string;
  readonly disputed?: boolean;
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
    advisory(id) {
      const row = advisory.get(id) as { body: string } | undefined;
      return row === undefined ? undefined : decodeBody(id, row.body);
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

/** Opens a shard of facts. */
export function openFactShard(path: string): FactShard {
  const database = openStored(path);
  const fact = database.prepare('SELECT body FROM fact WHERE id = ?');
  const score = database.prepare('SELECT value FROM score WHERE cve = ?');
  const meta = database.prepare("SELECT value FROM meta WHERE id = 'scoreDate'").get() as { value: string } | undefined;
  const first = database.prepare("SELECT 1 FROM fact WHERE id BETWEEN ? AND ? || '~' LIMIT 1");
  const hasExploited = first.get('kev:', 'kev:') !== undefined;
  const families = new Map<string, boolean>();
  /** Of ids that begin alike (`CVE-`, `GHSA-`, `GO-`) a source of severities mostly knows all or none. */
  const knowsFamilyOf = (id: string): boolean => {
    const family = `sev:${id.slice(0, id.indexOf('-') + 1)}`;
    const known = families.get(family) ?? first.get(family, family) !== undefined;
    families.set(family, known);
    return known;
  };
  const read = (key: string): unknown => {
    const row = fact.get(key) as { body: string } | undefined;
    return row === undefined ? undefined : JSON.parse(row.body);
  };
  return {
    knownExploited: (id) => (hasExploited ? (read(`kev:${id}`) as KnownExploited | undefined) : undefined),
    prediction(id) {
      const cve = meta === undefined ? undefined : cveNumber(id);
      const row = cve === undefined ? undefined : (score.get(cve) as { value: number } | undefined);
      return row === undefined ? undefined : { ...unpackScore(row.value), date: meta?.value ?? '' };
    },
    severity(id) {
      const row = knowsFamilyOf(id) ? (read(`sev:${id}`) as SeverityFact | undefined) : undefined;
      if (row === undefined) return undefined;
      return {
        severities: (row.v ?? []).map(decodeSeverity),
        ...(row.s === undefined ? {} : { summary: row.s }),
        ...(row.p === undefined ? {} : { publishedAt: row.p }),
        ...(row.d === 1 ? { disputed: true } : {}),
      };
    },
    cycles: (product) => (read(`eol:${product}`) ?? []) as readonly ProductCycle[],
    close() {
      database.close();
    },
  };
}

// Opens a shard of facts read-only: known exploitation, exploit prediction, severities, end of life.
import type { ExploitPrediction, KnownExploited, Severity } from '@plombe/model';
import type { ProductCycle } from '../enrichment/contract.ts';
import { decodeSeverity } from './entry.ts';
import { cveNumber, unpackScore } from './layout.ts';
import { openStored } from './shard.ts';
import type { SeverityFact } from './write-facts.ts';

/** A shard of facts. */
export interface FactShard {
  /** Reads what is said of the ids of vulnerabilities in one look-up; what was read by the call before is let go. */
  expect(ids: ReadonlySet<string>): void;
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

/** What a look-up of many ids found; of an id that was asked for and is not here nothing is said. */
interface Read {
  readonly asked: ReadonlySet<string>;
  readonly facts: ReadonlyMap<string, string>;
  readonly scores: ReadonlyMap<number, number>;
}

const factsQuery = 'SELECT id, body FROM fact WHERE id IN (SELECT value FROM json_each(?))';
const scoresQuery = 'SELECT cve, value FROM score WHERE cve IN (SELECT value FROM json_each(?))';

/** Opens a shard of facts. */
export function openFactShard(path: string): FactShard {
  const database = openStored(path);
  const fact = database.prepare('SELECT body FROM fact WHERE id = ?');
  const score = database.prepare('SELECT value FROM score WHERE cve = ?');
  const meta = database.prepare("SELECT value FROM meta WHERE id = 'scoreDate'").get() as { value: string } | undefined;
  const first = database.prepare("SELECT 1 FROM fact WHERE id BETWEEN ? AND ? || '~' LIMIT 1");
  const families = new Map<string, boolean>();
  /** Of ids that begin alike (`CVE-`, `GHSA-`, `GO-`) a source mostly knows all or none. */
  const knowsFamilyOf = (key: string): boolean => {
    const family = key.slice(0, key.indexOf('-') + 1);
    const known = families.get(family) ?? first.get(family, family) !== undefined;
    families.set(family, known);
    return known;
  };
  let expected: Read = { asked: new Set(), facts: new Map(), scores: new Map() };
  const bodyOf = (key: string): string | undefined => (fact.get(key) as { body: string } | undefined)?.body;
  const scoreOf = (cve: number): number | undefined => (score.get(cve) as { value: number } | undefined)?.value;
  const read = (prefix: string, id: string): unknown => {
    const key = prefix + id;
    if (!knowsFamilyOf(key)) return undefined;
    const body = expected.asked.has(id) ? expected.facts.get(key) : bodyOf(key);
    return body === undefined ? undefined : JSON.parse(body);
  };
  const factsOf = (ids: readonly string[]): Map<string, string> => {
    const keys = ids.flatMap((id) => [`kev:${id}`, `sev:${id}`].filter(knowsFamilyOf));
    const rows = keys.length === 0 ? [] : database.prepare(factsQuery).all(JSON.stringify(keys));
    return new Map((rows as unknown as { id: string; body: string }[]).map(({ id, body }) => [id, body]));
  };
  const scoresOf = (ids: readonly string[]): Map<number, number> => {
    const cves = meta === undefined ? [] : ids.map(cveNumber).filter((cve) => cve !== undefined);
    const rows = cves.length === 0 ? [] : database.prepare(scoresQuery).all(JSON.stringify(cves));
    return new Map((rows as unknown as { cve: number; value: number }[]).map(({ cve, value }) => [cve, value]));
  };
  return {
    expect(asked) {
      const ids = [...asked];
      expected = { asked, facts: factsOf(ids), scores: scoresOf(ids) };
    },
    knownExploited: (id) => read('kev:', id) as KnownExploited | undefined,
    prediction(id) {
      const cve = meta === undefined ? undefined : cveNumber(id);
      if (cve === undefined) return undefined;
      const value = expected.asked.has(id) ? expected.scores.get(cve) : scoreOf(cve);
      return value === undefined ? undefined : { ...unpackScore(value), date: meta?.value ?? '' };
    },
    severity(id) {
      const row = read('sev:', id) as SeverityFact | undefined;
      if (row === undefined) return undefined;
      return {
        severities: (row.v ?? []).map(decodeSeverity),
        ...(row.s === undefined ? {} : { summary: row.s }),
        ...(row.p === undefined ? {} : { publishedAt: row.p }),
        ...(row.d === 1 ? { disputed: true } : {}),
      };
    },
    cycles(product) {
      const body = bodyOf(`eol:${product}`);
      return body === undefined ? [] : (JSON.parse(body) as readonly ProductCycle[]);
    },
    close() {
      database.close();
    },
  };
}

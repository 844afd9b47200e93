// Writes a shard of facts that decorate findings: known exploitation, exploit prediction, severities, end of life.
import { DatabaseSync } from 'node:sqlite';
import type { KnownExploited, Severity } from '@plombe/model';
import type { EnrichmentItem, ProductCycle } from '../enrichment/contract.ts';
import { encodeSeverity, type SeverityRow } from './entry.ts';
import { cveNumber, factTables, packScore, writePragmas } from './layout.ts';

/** What a source says of a vulnerability besides who is affected. `v` severities, `s` summary, `p` published, `d` disputed. */
export interface SeverityFact {
  readonly v?: readonly SeverityRow[];
  readonly s?: string;
  readonly p?: string;
  readonly d?: 1;
}

/** Facts by key prefix: `kev:CVE-…`, `sev:CVE-…`, `eol:<product>`. */
export type Fact = KnownExploited | SeverityFact | readonly ProductCycle[];

/** Takes facts in any order; `finish` writes the shard and answers how many it holds. */
export interface FactShardWriter {
  add(item: Exclude<EnrichmentItem, { kind: 'problem' }>): void;
  finish(): { readonly records: number; readonly dataDate?: string };
  /** Gives up; the files stay for the caller to remove. */
  close(): void;
}

/** Facts are staged on disk: NVD alone has over 300,000. */
const stagingTables = `
CREATE TABLE fact(id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
`;

/** Opens a writer of the fact shard at `path`; `stagingPath` is a file beside it that the caller removes. Facts go straight to disk, scores are numbers and held. */
export function createFactShard(
  path: string,
  stagingPath: string,
  options: { readonly prose: boolean },
): FactShardWriter {
  const staging = new DatabaseSync(stagingPath);
  staging.exec(writePragmas);
  staging.exec(stagingTables);
  staging.exec('BEGIN');
  const readFact = staging.prepare('SELECT body FROM fact WHERE id = ?');
  const writeFact = staging.prepare('INSERT OR REPLACE INTO fact VALUES (?, ?)');
  const put = (key: string, fact: Fact): void => void writeFact.run(key, JSON.stringify(fact));
  const scores = new Map<number, number>();
  let scoreDate: string | undefined;
  return {
    add(item) {
      if (item.kind === 'kev') put(`kev:${item.vulnerability}`, item.exploited);
      else if (item.kind === 'eol') {
        const key = `eol:${item.cycle.product}`;
        const known = readFact.get(key) as { body: string } | undefined;
        const cycles = known === undefined ? [] : (JSON.parse(known.body) as readonly ProductCycle[]);
        put(key, [...cycles, item.cycle]);
      } else if (item.kind === 'epss') {
        const cve = cveNumber(item.vulnerability);
        if (cve === undefined) return;
        scores.set(cve, packScore(item.score, item.percentile));
        scoreDate = item.date;
      } else if (item.rejected !== true) {
        const fact = severityFact(item.severities, item, options.prose);
        if (Object.keys(fact).length > 0) put(`sev:${item.vulnerability}`, fact);
      }
    },
    finish() {
      staging.exec('COMMIT');
      const records = write(path, staging, scores, scoreDate) + scores.size;
      staging.close();
      return scoreDate === undefined ? { records } : { records, dataDate: scoreDate };
    },
    close() {
      staging.close();
    },
  };
}

function severityFact(
  severities: readonly Severity[],
  item: { readonly summary?: string; readonly publishedAt?: string; readonly disputed?: boolean },
  prose: boolean,
): SeverityFact {
  const summary = prose && item.summary !== undefined ? item.summary.slice(0, 200).toWellFormed() : '';
  return {
    ...(severities.length === 0 ? {} : { v: severities.map(encodeSeverity) }),
    ...(summary === '' ? {} : { s: summary }),
    ...(item.publishedAt === undefined ? {} : { p: item.publishedAt }),
    ...(item.disputed === true ? { d: 1 as const } : {}),
  };
}

/** Writes the shard in key order and returns how many facts it has. */
function write(
  path: string,
  staging: DatabaseSync,
  scores: ReadonlyMap<number, number>,
  scoreDate: string | undefined,
): number {
  const shard = new DatabaseSync(path);
  let facts = 0;
  try {
    shard.exec(writePragmas);
    shard.exec(factTables);
    shard.exec('BEGIN');
    const writeFact = shard.prepare('INSERT INTO fact VALUES (?, ?)');
    const rows = staging.prepare('SELECT id, body FROM fact ORDER BY id').iterate();
    for (const { id, body } of rows as Iterable<unknown> as Iterable<{ id: string; body: string }>) {
      writeFact.run(id, body);
      facts += 1;
    }
    const writeScore = shard.prepare('INSERT INTO score VALUES (?, ?)');
    for (const cve of [...scores.keys()].sort((a, b) => a - b)) writeScore.run(cve, scores.get(cve) as number);
    if (scoreDate !== undefined) shard.prepare("INSERT INTO meta VALUES ('scoreDate', ?)").run(scoreDate);
    shard.exec('COMMIT');
  } finally {
    shard.close();
  }
  return facts;
}

// Writes a shard of facts that decorate findings: known exploitation, exploit prediction, severities, end of life.
import { DatabaseSync } from 'node:sqlite';
import { compareText } from '@plombe/kit';
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
}

/**
 * Opens a writer of the fact shard at `path`. Scores go straight to disk; the rest is held, since the largest source of it
 * (vulnrichment, 44,000 records) takes 20 MiB.
 */
export function createFactShard(path: string, options: { readonly prose: boolean }): FactShardWriter {
  const facts = new Map<string, Fact>();
  const scores = new Map<number, number>();
  let scoreDate: string | undefined;
  return {
    add(item) {
      if (item.kind === 'kev') facts.set(`kev:${item.vulnerability}`, item.exploited);
      else if (item.kind === 'eol') addCycle(facts, item.cycle);
      else if (item.kind === 'epss') {
        const cve = cveNumber(item.vulnerability);
        if (cve === undefined) return;
        scores.set(cve, packScore(item.score, item.percentile));
        scoreDate = item.date;
      } else if (item.rejected !== true) {
        const fact = severityFact(item.severities, item, options.prose);
        if (Object.keys(fact).length > 0) facts.set(`sev:${item.vulnerability}`, fact);
      }
    },
    finish() {
      write(path, facts, scores, scoreDate);
      const records = facts.size + scores.size;
      return scoreDate === undefined ? { records } : { records, dataDate: scoreDate };
    },
  };
}

function addCycle(facts: Map<string, Fact>, cycle: ProductCycle): void {
  const key = `eol:${cycle.product}`;
  const known = (facts.get(key) ?? []) as readonly ProductCycle[];
  facts.set(key, [...known, cycle]);
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

function write(
  path: string,
  facts: Map<string, Fact>,
  scores: Map<number, number>,
  scoreDate: string | undefined,
): void {
  const shard = new DatabaseSync(path);
  try {
    shard.exec(writePragmas);
    shard.exec(factTables);
    shard.exec('BEGIN');
    const writeFact = shard.prepare('INSERT INTO fact VALUES (?, ?)');
    for (const key of [...facts.keys()].sort(compareText)) writeFact.run(key, JSON.stringify(facts.get(key)));
    const writeScore = shard.prepare('INSERT INTO score VALUES (?, ?)');
    for (const cve of [...scores.keys()].sort((a, b) => a - b)) writeScore.run(cve, scores.get(cve) as number);
    if (scoreDate !== undefined) shard.prepare("INSERT INTO meta VALUES ('scoreDate', ?)").run(scoreDate);
    shard.exec('COMMIT');
  } finally {
    shard.close();
  }
}

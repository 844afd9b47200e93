// How a shard stores an advisory apart from its packages: one JSON object with short keys, empty fields left out.
import { compareText } from '@plombe/kit';
import type { Advisory, Severity } from '@plombe/model';
import { decodeSeverity, encodeSeverity, type SeverityRow } from './entry.ts';

/** An advisory as the matcher reads it: without its packages, which are found by name. */
export type AdvisoryBody = Omit<Advisory, 'affected' | 'feed' | 'modifiedAt'>;

interface BodyRow {
  a?: readonly string[];
  r?: readonly string[];
  u?: readonly string[];
  s?: string;
  p?: string;
  w?: string;
  d?: 1;
  v?: readonly SeverityRow[];
  f?: readonly string[];
}

/** What a builder keeps of an advisory. */
export interface BodyLimits {
  /** References per advisory; the first are the advisory's own pages. */
  readonly references: number;
  /** Characters of a summary; longer ones are cut. */
  readonly summaryCharacters: number;
  /** False where the licence covers facts only: no prose is kept. */
  readonly prose: boolean;
}

/** Ten references and 300 characters: what a person reads before following a link. */
export const defaultBodyLimits: BodyLimits = { references: 10, summaryCharacters: 300, prose: true };

/** Reduces an advisory to what a shard keeps. */
export function toBody(advisory: Advisory, limits: BodyLimits): AdvisoryBody {
  const { summary } = advisory;
  const kept = limits.prose && summary !== undefined ? cut(summary.trim(), limits.summaryCharacters) : '';
  return {
    id: advisory.id,
    aliases: advisory.aliases.filter((alias) => alias !== advisory.id),
    related: advisory.related,
    upstream: advisory.upstream,
    ...(kept === '' ? {} : { summary: kept }),
    ...(advisory.publishedAt === undefined ? {} : { publishedAt: advisory.publishedAt }),
    ...(advisory.withdrawnAt === undefined ? {} : { withdrawnAt: advisory.withdrawnAt }),
    ...(advisory.disputed === true ? { disputed: true } : {}),
    severities: advisory.severities,
    references: advisory.references.slice(0, limits.references),
  };
}

function cut(text: string, characters: number): string {
  return text.length <= characters
    ? text
    : `${text
        .slice(0, characters - 1)
        .toWellFormed()
        .trimEnd()}…`;
}

/** Joins two records of one id, which a feed may give in several documents. The first one's texts stay. */
export function joinBodies(a: AdvisoryBody, b: AdvisoryBody): AdvisoryBody {
  const severities = new Map<string, Severity>();
  for (const severity of [...a.severities, ...b.severities]) severities.set(JSON.stringify(severity), severity);
  return {
    ...b,
    ...a,
    aliases: union(a.aliases, b.aliases),
    related: union(a.related, b.related),
    upstream: union(a.upstream, b.upstream),
    severities: [...severities.values()],
    references: [...new Set([...a.references, ...b.references])],
  };
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort(compareText);
}

/** Returns the stored text of a body; the id is its key and not in it. */
export function encodeBody(body: AdvisoryBody): string {
  const row: BodyRow = {};
  if (body.aliases.length > 0) row.a = body.aliases;
  if (body.related.length > 0) row.r = body.related;
  if (body.upstream.length > 0) row.u = body.upstream;
  if (body.summary !== undefined) row.s = body.summary;
  if (body.publishedAt !== undefined) row.p = body.publishedAt;
  if (body.withdrawnAt !== undefined) row.w = body.withdrawnAt;
  if (body.disputed === true) row.d = 1;
  if (body.severities.length > 0) row.v = body.severities.map(encodeSeverity);
  if (body.references.length > 0) row.f = body.references;
  return JSON.stringify(row);
}

/** Returns the body of a stored text. */
export function decodeBody(id: string, text: string): AdvisoryBody {
  const row = JSON.parse(text) as BodyRow;
  return {
    id,
    aliases: row.a ?? [],
    related: row.r ?? [],
    upstream: row.u ?? [],
    ...(row.s === undefined ? {} : { summary: row.s }),
    ...(row.p === undefined ? {} : { publishedAt: row.p }),
    ...(row.w === undefined ? {} : { withdrawnAt: row.w }),
    ...(row.d === 1 ? { disputed: true } : {}),
    severities: (row.v ?? []).map(decodeSeverity),
    references: row.f ?? [],
  };
}

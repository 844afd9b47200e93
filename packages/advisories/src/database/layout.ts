// The tables of a shard. docs/database.md describes them for other readers.

/** Page size 8 KiB: a row over a quarter of a page gets pages of its own, and many rows have one to two KiB. No journal: a shard is written once, then renamed into place. */
export const writePragmas =
  'PRAGMA page_size=8192; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=FILE; PRAGMA user_version=1;';

/**
 * `affected`: one row per package name and ecosystem, so that asking for a package is one look-up. `alias`: every other name of an
 * advisory; kind 0 the same vulnerability, 1 upstream, 2 related.
 */
export const advisoryTables = `
CREATE TABLE ecosystem(id INTEGER PRIMARY KEY, name TEXT NOT NULL, packages INTEGER NOT NULL);
CREATE TABLE affected(name TEXT NOT NULL, ecosystem INTEGER NOT NULL, entries TEXT NOT NULL, PRIMARY KEY(name, ecosystem)) WITHOUT ROWID;
CREATE TABLE advisory(id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE alias(alias TEXT NOT NULL, advisory TEXT NOT NULL, kind INTEGER NOT NULL, PRIMARY KEY(alias, advisory)) WITHOUT ROWID;
`;

/**
 * `fact`: JSON by key (a vulnerability or a product). `score`: EPSS by the number of a CVE; `value` holds score and percentile in
 * units of 1e-5, which is the precision they are published in.
 */
export const factTables = `
CREATE TABLE fact(id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE score(cve INTEGER PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE meta(id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

/** Returns the number of a CVE id: year × 10^9 + number; undefined for other ids. Numbers have up to nine digits here. */
export function cveNumber(id: string): number | undefined {
  const match = /^CVE-(\d{4})-(\d{4,9})$/.exec(id);
  return match === null ? undefined : Number(match[1]) * 1e9 + Number(match[2]);
}

const scoreUnit = 1e5;

/** Packs score and percentile (shares 0–1) into one integer. */
export function packScore(score: number, percentile: number): number {
  return Math.round(score * scoreUnit) * 1e6 + Math.round(percentile * scoreUnit);
}

/** Unpacks what `packScore` packed. */
export function unpackScore(value: number): { readonly score: number; readonly percentile: number } {
  return { score: Math.floor(value / 1e6) / scoreUnit, percentile: (value % 1e6) / scoreUnit };
}

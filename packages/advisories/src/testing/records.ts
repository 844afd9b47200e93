// Directories of feeds made of OSV records, inventories and databases for tests.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { formatPurl, parsePurl, type Package } from '@plombe/model';
import { buildFromDirectory, type DirectoryBuildOptions } from '../build/from-directory.ts';
import type { BuildResult } from '../build/build.ts';
import { openDatabase, type AdvisoryDatabase } from '../database/database.ts';
import { feeds } from '../feeds.ts';

/** 2026-03-02T00:00:00Z; records and documents of tests are a day older. */
export const testNowMs = Date.UTC(2026, 2, 2);
export const testClock = { nowMs: () => testNowMs };

/** Returns a fresh folder of this machine's temporary ones. */
export function testFolder(): string {
  return mkdtempSync(join(tmpdir(), 'plombe-advisories-'));
}

/** Returns the context of a build with the fixed clock. */
export function testContext(signal: AbortSignal = new AbortController().signal): DirectoryBuildOptions['ctx'] {
  return { clock: testClock, random: (size) => randomBytes(size), signal };
}

/** One OSV record about one package; `events` as OSV has them. */
export function record(
  id: string,
  ecosystem: string,
  name: string,
  events: readonly object[],
  rest: object = {},
): object {
  const ranges = [{ type: 'ECOSYSTEM', events }];
  return { id, modified: '2026-03-01T00:00:00Z', affected: [{ package: { ecosystem, name }, ranges }], ...rest };
}

/** Writes files (objects as JSON) below a folder, and a MANIFEST.json that dates all of them. Returns the folder. */
export function writeFeeds(folder: string, files: Readonly<Record<string, unknown>>, statement: object = {}): string {
  const stated = [];
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    stated.push({ path: name, date: '2026-03-01', kind: 'original', ...statement });
  }
  writeFileSync(join(folder, 'MANIFEST.json'), JSON.stringify({ made: '2026-03-01', files: stated }));
  return folder;
}

/** Writes records as single files of OSV's feed for an ecosystem. */
export function writeRecords(
  folder: string,
  ecosystem: string,
  records: readonly object[],
  statement: object = {},
): string {
  const files = records.map((one) => [`osv/${ecosystem}/${(one as { id: string }).id}.json`, one] as const);
  return writeFeeds(folder, Object.fromEntries(files), statement);
}

/** Builds a database from a directory of feeds. */
export async function buildTest(
  from: string,
  to: string,
  options: Partial<DirectoryBuildOptions> = {},
): Promise<BuildResult> {
  return buildFromDirectory({
    from,
    to,
    tool: 'test',
    lists: { feeds, enrichments: [] },
    ctx: testContext(),
    ...options,
  });
}

/** Builds from records of several ecosystems and opens the database. */
export async function databaseOf(
  records: Readonly<Record<string, readonly object[]>>,
  statement: object = {},
): Promise<AdvisoryDatabase> {
  const files = Object.entries(records).flatMap(([ecosystem, list]) =>
    list.map((one) => [`osv/${ecosystem}/${(one as { id: string }).id}.json`, one] as const),
  );
  const from = writeFeeds(testFolder(), Object.fromEntries(files), statement);
  const to = testFolder();
  const built = await buildTest(from, to);
  if (!built.complete) throw new Error(JSON.stringify(built.diagnostics));
  return openDatabase(to, { clock: testClock });
}

/** Returns a package as it comes from a line with its purl. */
export function packageOf(purl: string, rest: Partial<Package> = {}): Package {
  const parts = parsePurl(purl);
  if (parts === undefined) throw new Error(`not a purl: ${purl}`);
  const { version = '', qualifiers = {}, ...named } = parts;
  const { arch, ...others } = qualifiers;
  return {
    ...named,
    version,
    qualifiers: others,
    ...(arch === undefined ? {} : { architecture: arch }),
    id: purl,
    purl: formatPurl(parts),
    licences: [],
    cataloger: 'purls',
    evidence: [],
    ...rest,
  };
}

// The advisories of a shard in a database of the shape of Grype's version 6: blobs of JSON, and tables of handles that name them.
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { Advisory, AffectedPackage, VersionRange } from '@plombe/model';

const tables = `
CREATE TABLE blobs(id INTEGER PRIMARY KEY AUTOINCREMENT, value TEXT NOT NULL);
CREATE TABLE providers(id TEXT PRIMARY KEY, version TEXT, processor TEXT, date_captured DATETIME, input_digest TEXT);
CREATE TABLE vulnerability_handles(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, status TEXT NOT NULL, published_date DATETIME, modified_date DATETIME, withdrawn_date DATETIME, provider_id TEXT NOT NULL, blob_id INTEGER);
CREATE TABLE vulnerability_aliases(name TEXT, alias TEXT NOT NULL, PRIMARY KEY(name, alias));
CREATE TABLE operating_systems(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, release_id TEXT, major_version TEXT, minor_version TEXT, label_version TEXT, codename TEXT);
CREATE TABLE packages(id INTEGER PRIMARY KEY AUTOINCREMENT, ecosystem TEXT, name TEXT, UNIQUE(ecosystem, name));
CREATE TABLE affected_package_handles(id INTEGER PRIMARY KEY AUTOINCREMENT, vulnerability_id INTEGER NOT NULL, operating_system_id INTEGER, package_id INTEGER, blob_id INTEGER);
`;

/** `>= 1.0, < 1.2`: Grype writes a range as one constraint. */
function constraint({ events }: VersionRange): string {
  return events
    .flatMap(({ introduced, fixed, lastAffected, limit }) => [
      ...(introduced === undefined || introduced === '0' ? [] : [`>= ${introduced}`]),
      ...(fixed === undefined ? [] : [`< ${fixed}`]),
      ...(limit === undefined ? [] : [`< ${limit}`]),
      ...(lastAffected === undefined ? [] : [`<= ${lastAffected}`]),
    ])
    .join(', ');
}

function affectedBlob({ ranges, versions, status, qualifiers }: AffectedPackage): object {
  const listed = versions.map((version) => ({ version: { type: 'semantic', constraint: `= ${version}` } }));
  return {
    ...(qualifiers?.module === undefined ? {} : { qualifiers: { rpm_modularity: qualifiers.module } }),
    ranges: [
      ...ranges.map((range) => {
        const fixed = range.events.find((event) => event.fixed !== undefined)?.fixed;
        return {
          version: { type: range.scheme, constraint: constraint(range) },
          fix:
            fixed === undefined
              ? { state: status === 'will_not_fix' ? 'wont-fix' : 'not-fixed' }
              : { version: fixed, state: 'fixed' },
        };
      }),
      ...(ranges.length === 0 ? listed : []),
    ],
  };
}

function vulnerabilityBlob({ id, summary, references, aliases, severities }: Advisory): object {
  return {
    id,
    ...(summary === undefined ? {} : { description: summary }),
    refs: references.slice(0, 10).map((url) => ({ url })),
    aliases,
    severities: severities.map(({ author, word, vector }) =>
      vector === undefined
        ? { scheme: 'HML', value: word, source: author, rank: 1 }
        : { scheme: 'CVSS', value: { vector, version: vector.slice(5, 8) }, source: author, rank: 2 },
    ),
  };
}

/** Writes the database to `path`. As Grype ships it, without the indexes that its client makes. */
export async function writeGrypeShape(advisories: AsyncIterable<Advisory>, path: string): Promise<void> {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;');
  database.exec(tables);
  database.exec('BEGIN');
  const blob = database.prepare('INSERT INTO blobs(value) VALUES (?)');
  const vulnerability = database.prepare(
    'INSERT INTO vulnerability_handles(name, status, published_date, modified_date, provider_id, blob_id) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const alias = database.prepare('INSERT OR IGNORE INTO vulnerability_aliases VALUES (?, ?)');
  const system = database.prepare('INSERT INTO operating_systems(name, major_version) VALUES (?, ?)');
  const pkg = database.prepare('INSERT INTO packages(ecosystem, name) VALUES (?, ?)');
  const affected = database.prepare(
    'INSERT INTO affected_package_handles(vulnerability_id, operating_system_id, package_id, blob_id) VALUES (?, ?, ?, ?)',
  );
  const blobs = new Map<string, number>();
  const packages = new Map<string, number>();
  const systems = new Map<string, number>();
  // Equal blobs are stored once.
  const blobOf = (value: object): number => {
    const text = JSON.stringify(value);
    const digest = createHash('sha1').update(text).digest('base64');
    const id = blobs.get(digest) ?? Number(blob.run(text).lastInsertRowid);
    blobs.set(digest, id);
    return id;
  };
  const memo = (map: Map<string, number>, key: string, make: () => number): number => {
    const id = map.get(key) ?? make();
    map.set(key, id);
    return id;
  };
  for await (const advisory of advisories) {
    const { id, publishedAt, modifiedAt, feed, withdrawnAt } = advisory;
    const status = withdrawnAt === undefined ? 'active' : 'rejected';
    const handle = Number(
      vulnerability.run(id, status, publishedAt ?? null, modifiedAt ?? null, feed, blobOf(vulnerabilityBlob(advisory)))
        .lastInsertRowid,
    );
    for (const other of advisory.aliases) alias.run(id, other);
    for (const one of advisory.affected) {
      const [base = '', release] = one.ecosystem.split(/:(.*)/s);
      const systemId =
        release === undefined
          ? null
          : memo(systems, one.ecosystem, () => Number(system.run(base, release).lastInsertRowid));
      const packageId = memo(packages, `${base}\n${one.name}`, () => Number(pkg.run(base, one.name).lastInsertRowid));
      affected.run(handle, systemId, packageId, blobOf(affectedBlob(one)));
    }
  }
  database.exec('COMMIT');
  database.close();
}

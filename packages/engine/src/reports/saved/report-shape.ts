// What a saved report holds, as docs/schemas/report-1.schema.json says: everything that a renderer relies on is looked at.
import { severityOrder } from '@plombe/model';
import { count, dictionary, flag, list, matching, number, oneOf, orNull, record, text, type Shape } from './shape.ts';

const digest = matching(/^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$/, 'a digest');
const texts = list(text);
const status = oneOf('affected', 'will_not_fix', 'not_affected', 'fixed', 'under_investigation');
/** ISO 8601, as every report writes it. */
const instant = matching(
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/,
  'a date and time',
);

const platform = record({ os: text, architecture: text }, { variant: text, osVersion: text });
const cause = record({ code: text, message: text }, { scope: text, packages: count, remedy: text });
const severity = record({ author: text, word: oneOf(...severityOrder) }, { score: number(0, 10), vector: text });
const evidence = record({ path: text, layerIndex: count }, { diffID: digest, digest, createdBy: text, line: count });

const foundPackage = record(
  {
    id: text,
    purl: text,
    type: text,
    name: text,
    version: text,
    cataloger: text,
    licences: texts,
    evidence: list(evidence),
  },
  {
    namespace: text,
    architecture: text,
    source: record({ name: text, version: text }),
    ownedBy: text,
    vendor: text,
    modularity: text,
    weak: flag,
    scope: oneOf('runtime', 'optional', 'development'),
    direct: flag,
    origin: oneOf('local', 'vcs', 'archive', 'image'),
    facts: dictionary(text),
    qualifiers: dictionary(text),
    subpath: text,
    cpes: texts,
    dependsOn: texts,
  },
);

const advisory = record(
  { id: text, feed: text, packageName: text, ecosystem: text, range: text, status },
  { url: text, statusNote: text, fixedVersion: text },
);

const finding = record(
  {
    vulnerability: text,
    aliases: texts,
    packages: texts,
    packageName: text,
    packageVersion: text,
    status,
    severity,
    severities: list(severity),
    fixedVersions: texts,
    confidence: oneOf('exact', 'module'),
    advisories: list(advisory),
    references: texts,
    priority: number(0, 100),
  },
  {
    scope: oneOf('optional', 'development'),
    statusNote: text,
    summary: text,
    publishedAt: text,
    disputed: flag,
    knownExploited: record({ dateAdded: text, ransomware: flag }, { dueDate: text }),
    epss: record({ score: number(0, 1), percentile: number(0, 1), date: text }),
  },
);

const suppressed = record(
  { vulnerability: text, packages: texts, reason: text },
  {
    finding: record({
      aliases: texts,
      packageName: text,
      packageVersion: text,
      status,
      severity,
      fixedVersions: texts,
    }),
    vex: record({ status: oneOf('not_affected', 'fixed') }, { justification: text, statement: text, author: text }),
  },
);

const shard = record(
  {
    id: text,
    feed: text,
    source: text,
    records: count,
    kind: oneOf('original', 'derived', 'approximate'),
    state: oneOf('ok', 'stale', 'missing', 'damaged'),
  },
  {
    dataDate: text,
    fetchedAt: text,
    licence: text,
    digest: text,
    ageDays: number(),
    role: oneOf('advisories', 'facts'),
    packages: count,
  },
);

const config = record(
  { labels: dictionary(text) },
  {
    createdAt: text,
    author: text,
    user: text,
    env: texts,
    entrypoint: texts,
    cmd: texts,
    workingDir: text,
    exposedPorts: texts,
  },
);

const action = record(
  {
    kind: oneOf('upgrade', 'replace-base', 'review'),
    packageName: text,
    packageVersion: text,
    packageType: text,
    findings: count,
    knownExploited: count,
    weight: number(),
  },
  { targetVersion: text, layerIndex: count, path: text, places: count, createdBy: text },
);

/** The whole document, but for `schemaVersion` and `summary`: the first is judged before, the second is computed anew. */
export const reportShape: Shape = record({
  tool: record({ name: oneOf('plombe'), version: text }),
  scannedAt: instant,
  subject: record(
    { name: text, source: text },
    { reference: text, digest, indexDigest: digest, configDigest: digest, platform },
  ),
  state: oneOf('assessed', 'partial', 'unassessable', 'stale'),
  causes: list(cause),
  database: record({ digest: text, kind: oneOf('built', 'starter', 'none') }, { path: text, oldestData: text }),
  shards: list(shard),
  distribution: orNull(
    record(
      { id: text, evidencePath: text },
      {
        versionId: text,
        name: text,
        codename: text,
        variantId: text,
        idLike: texts,
        cpe: text,
        repositoryRelease: text,
        repositories: texts,
      },
    ),
  ),
  config: orNull(config),
  complete: flag,
  layers: list(
    record(
      { index: count, mediaType: text, complete: flag },
      { diffID: digest, digest, sizeBytes: count, createdBy: text },
    ),
  ),
  actions: list(action),
  findings: list(finding),
  unassessed: list(record({ cause, packages: texts })),
  suppressed: list(suppressed),
  endOfLife: list(record({ product: text, release: text, date: text, ended: flag }, { distribution: flag })),
  diagnostics: list(
    record({ code: text, level: oneOf('error', 'warning', 'note'), message: text }, { path: text, layerIndex: count }),
  ),
  packages: list(foundPackage),
});

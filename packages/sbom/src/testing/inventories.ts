// Inventories and findings for tests: one that is plain, and generated ones full of hostile text.
import {
  formatPurl,
  parseDigest,
  type Digest,
  type Finding,
  type Inventory,
  type MatchResult,
  type Package,
  type Severity,
  type SeverityWord,
  type VulnerabilityStatus,
} from '@plombe/model';
import fc from 'fast-check';

/** A digest of one repeated hexadecimal digit. */
export function digestOf(digit: string): Digest {
  return parseDigest(`sha256:${digit.repeat(64)}`) as Digest;
}

/** A Debian package of layer 0, with what the caller adds. */
export function packageOf(extra: Partial<Package> = {}): Package {
  const purl = formatPurl({
    type: 'deb',
    namespace: 'debian',
    name: 'libssl3',
    version: '3.0.11-1~deb12u2',
    qualifiers: { arch: 'amd64' },
  });
  return {
    id: purl,
    purl,
    type: 'deb',
    namespace: 'debian',
    name: 'libssl3',
    version: '3.0.11-1~deb12u2',
    architecture: 'amd64',
    source: { name: 'openssl', version: '3.0.11-1~deb12u2' },
    licences: ['Apache-2.0'],
    cataloger: 'dpkg',
    evidence: [
      { path: '/var/lib/dpkg/status', layerIndex: 0, diffID: digestOf('a'), createdBy: 'RUN apt-get install libssl3' },
    ],
    ...extra,
  };
}

/** An inventory of an image with one layer. */
export function inventoryOf(packages: readonly Package[], extra: Partial<Inventory> = {}): Inventory {
  return {
    subject: {
      name: 'example.com/team/app:1.2',
      source: 'registry',
      reference: 'example.com/team/app:1.2',
      digest: digestOf('b'),
      configDigest: digestOf('c'),
      platform: { os: 'linux', architecture: 'amd64' },
    },
    config: { labels: {}, createdAt: '2026-01-02T03:04:05.678Z' },
    distribution: { id: 'debian', versionId: '12', name: 'Debian GNU/Linux', evidencePath: '/etc/os-release' },
    layers: [
      {
        index: 0,
        diffID: digestOf('a'),
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
        sizeBytes: 9,
        complete: true,
      },
    ],
    packages,
    diagnostics: [],
    complete: true,
    ...extra,
  };
}

/** A finding about the given packages. */
export function findingOf(packages: readonly string[], extra: Partial<Finding> = {}): Finding {
  const severity: Severity = {
    author: 'debian',
    word: 'high',
    score: 7.5,
    vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
  };
  return {
    vulnerability: 'CVE-2024-0001',
    aliases: ['GHSA-aaaa-bbbb-cccc', 'GO-2024-0001'],
    packages,
    packageName: 'openssl',
    packageVersion: '3.0.11-1~deb12u2',
    status: 'affected',
    severity,
    severities: [severity, { author: 'nvd', word: 'medium' }],
    fixedVersions: ['3.0.13-1~deb12u1'],
    summary: 'A flaw.',
    publishedAt: '2024-01-01T00:00:00Z',
    knownExploited: { dateAdded: '2024-02-01', ransomware: false },
    epss: { score: 0.5, percentile: 0.99, date: '2026-08-16' },
    confidence: 'exact',
    advisories: [
      {
        id: 'DSA-5000-1',
        feed: 'debian',
        url: 'https://security-tracker.debian.org/tracker/DSA-5000-1',
        packageName: 'openssl',
        ecosystem: 'Debian:12',
        range: '< 3.0.13-1~deb12u1 (deb)',
        status: 'affected',
      },
    ],
    references: ['https://example.com/a b'],
    priority: 80,
    ...extra,
  };
}

/** What matching gives, with these findings. */
export function matchOf(findings: readonly Finding[]): MatchResult {
  return { findings, unassessed: [], suppressed: [], shards: [], endOfLife: [] };
}

/** Finds what must not be in a document: control and direction characters, and escapes of controls or lone surrogates. */
export const activeText =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u200e\u200f\u2066-\u2069\ufeff]|(?<!\\)(?:\\\\)*\\u(?:00[01]|d[89a-f])/i;

const nasty = [
  '\u001b[31mred',
  '<script>alert(1)</script>',
  'line\nbreak\r\n::set-env name=A::b',
  'lone\ud800',
  '\udc80\udcff',
  '\u202egnp.exe',
  '\u0000',
  '${jndi:ldap://x}',
  '__proto__',
  'ünïcödé 漢字 🧪',
  'https://exa mple.com/\u0007',
];

/** Any text, hostile kinds preferred. */
export const hostileText = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string(),
);

const licence = fc.oneof(
  fc.constantFrom('MIT', 'mit OR Apache-2.0', 'GPL-2.0+', '', 'GPL-2.0-only WITH Classpath-exception-2.0'),
  hostileText,
);
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;

const hostilePackage = fc
  .record({
    type: fc.constantFrom('deb', 'apk', 'rpm', 'npm', 'pypi', 'golang'),
    namespace: optional(hostileText),
    name: hostileText,
    version: hostileText,
    vendor: optional(hostileText),
    architecture: optional(hostileText),
    modularity: optional(hostileText),
    licences: fc.array(licence, { maxLength: 3 }),
    source: optional(fc.record({ name: hostileText, version: hostileText })),
    path: hostileText,
    createdBy: hostileText,
    bare: fc.boolean(),
  })
  .map(({ path, createdBy, bare, ...found }): Omit<Package, 'id'> => ({
    ...defined(found as Omit<Package, 'id' | 'purl' | 'cataloger' | 'evidence'>),
    purl: formatPurl({ type: found.type, name: found.name, version: found.version, namespace: found.namespace ?? '' }),
    cataloger: 'test',
    evidence: bare ? [] : [{ path, layerIndex: 0, diffID: digestOf('a'), createdBy }],
  }));

/** Inventories whose every text is hostile; ids are distinct, some of them by a lone surrogate only. */
export const hostileInventory: fc.Arbitrary<Inventory> = fc
  .record({
    name: hostileText,
    reference: optional(hostileText),
    source: fc.constantFrom('registry', 'dir', 'tar'),
    createdBy: hostileText,
    message: hostileText,
    system: hostileText,
    createdAt: hostileText,
    complete: fc.boolean(),
    packages: fc.array(hostilePackage, { maxLength: 6 }),
  })
  .map(({ name, reference, source, createdBy, message, system, createdAt, complete, packages }) =>
    inventoryOf(
      packages.map((item, index) => ({ ...item, id: `${item.purl} /x${String.fromCharCode(0xdc80 + index)}` })),
      {
        subject: defined({ name, source, reference, digest: digestOf('b') }) as Inventory['subject'],
        config: { labels: { a: message }, createdAt },
        distribution: { id: system, name: system, versionId: system, cpe: system, evidencePath: system },
        layers: [{ index: 0, diffID: digestOf('a'), mediaType: 'x', createdBy, complete }],
        diagnostics: [{ code: 'archive/corrupt', level: 'error', message, path: name }],
        complete,
      },
    ),
  );

/** Findings about the packages of an inventory, every text hostile. */
export function hostileFindings(inventory: Inventory): fc.Arbitrary<readonly Finding[]> {
  const statuses: readonly VulnerabilityStatus[] = [
    'affected',
    'will_not_fix',
    'not_affected',
    'fixed',
    'under_investigation',
  ];
  const words: readonly SeverityWord[] = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'];
  const severity = fc.record({ author: hostileText, word: fc.constantFrom(...words), vector: hostileText });
  const finding = fc
    .record({
      vulnerability: hostileText,
      aliases: fc.array(hostileText, { maxLength: 2 }),
      status: fc.constantFrom(...statuses),
      statusNote: hostileText,
      severity,
      severities: fc.array(severity, { maxLength: 2 }),
      summary: hostileText,
      publishedAt: hostileText,
      fixedVersions: fc.array(hostileText, { maxLength: 2 }),
      references: fc.array(hostileText, { maxLength: 3 }),
    })
    .map((extra) =>
      findingOf(
        inventory.packages.map(({ id }) => id),
        extra,
      ),
    );
  return fc.uniqueArray(finding, { maxLength: 3, selector: (one) => JSON.stringify(one) });
}

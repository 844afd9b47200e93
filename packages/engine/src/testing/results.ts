// Scan results made by code, with hostile text in every place an image can put it.
import type { Digest, Finding, Package, Purl, ScanResult } from '@plombe/model';

/** ANSI, HTML, workflow commands, newlines, bidirectional overrides and a lone surrogate. (T21, T68) */
export const hostileText = '\u001b[31m<script>alert(1)</script>\n::set-env name=X::y\r\n\u202e\udc80|`"\'%0a';

const diffID = `sha256:${'1'.repeat(64)}` as Digest;

export function packageOf(name: string, overrides: Partial<Package> = {}): Package {
  const purl = `pkg:deb/debian/${name}@1.0?distro=debian-12` as Purl;
  return {
    id: purl,
    purl,
    type: 'deb',
    namespace: 'debian',
    name,
    version: '1.0',
    cataloger: 'dpkg',
    licences: [],
    evidence: [{ path: 'var/lib/dpkg/status', layerIndex: 0, diffID, createdBy: hostileText }],
    ...overrides,
  };
}

export function findingOf(vulnerability: string, found: Package, overrides: Partial<Finding> = {}): Finding {
  const severity = { author: 'debian', word: 'high' as const };
  return {
    vulnerability,
    aliases: [],
    packages: [found.id],
    packageName: found.name,
    packageVersion: found.version,
    status: 'affected',
    severity,
    severities: [severity],
    fixedVersions: ['1.1'],
    summary: hostileText,
    confidence: 'exact',
    advisories: [
      {
        id: vulnerability,
        feed: 'debian',
        packageName: found.name,
        ecosystem: 'Debian:12',
        range: '< 1.1 (deb)',
        status: 'affected',
        fixedVersion: '1.1',
      },
    ],
    references: ['https://example.org/', 'javascript:alert(1)'],
    priority: 50,
    ...overrides,
  };
}

export function resultOf(
  packages: readonly Package[],
  findings: readonly Finding[],
  overrides: Partial<ScanResult> = {},
): ScanResult {
  return {
    inventory: {
      subject: { name: hostileText, source: 'oci', digest: diffID, platform: { os: 'linux', architecture: 'amd64' } },
      config: { labels: { label: hostileText } },
      distribution: { id: 'debian', versionId: '12', name: 'Debian GNU/Linux', evidencePath: 'etc/os-release' },
      layers: [
        {
          index: 0,
          diffID,
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          sizeBytes: 1,
          createdBy: hostileText,
          complete: true,
        },
      ],
      packages,
      diagnostics: [{ code: 'archive/path-escape', level: 'warning', message: 'x', path: 'a' }],
      complete: true,
    },
    match: { findings, unassessed: [], suppressed: [], shards: [], endOfLife: [] },
    assessment: {
      state: 'partial',
      causes: [{ code: 'feed/missing', message: hostileText, scope: 'npm', packages: 3 }],
    },
    database: { digest: diffID, kind: 'starter', oldestData: '2026-08-21' },
    actions: [
      {
        kind: 'upgrade',
        packageName: 'openssl',
        packageVersion: '1.0',
        packageType: 'deb',
        targetVersion: '1.1',
        layerIndex: 0,
        createdBy: hostileText,
        findings: 3,
        knownExploited: 1,
        weight: 90,
      },
    ],
    scannedAt: '2026-11-24T00:00:00.000Z',
    tool: { name: 'plombe', version: '0.1.0' },
    ...overrides,
  };
}

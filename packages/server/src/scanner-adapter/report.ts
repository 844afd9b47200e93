// A scan's result in the words of Harbor's reports: vulnerabilities (1.0 and 1.1) and SBOM.
import { jsonReport, renderSbom } from '@plombe/engine';
import { severityOrder, type Finding, type ScanResult, type Severity, type SeverityWord } from '@plombe/model';
import { sbomFormats, type ReportKind, type SbomMediaType } from './media-types.ts';
import type { OrderedArtifact } from './scan-request.ts';

/** Harbor's words, from worst to least. */
const words: Readonly<Record<SeverityWord, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  negligible: 'Negligible',
  unknown: 'Unknown',
};

/** Longer texts come from no advisory; Harbor keeps each in a database row. */
const maxDescription = 20_000;
const maxLinks = 50;

/** Who scanned, as metadata and reports say it. */
export function scannerOf(version: string): {
  readonly name: string;
  readonly vendor: string;
  readonly version: string;
} {
  return { name: 'Plombe', vendor: 'Plombe', version };
}

/**
 * Renders a report of vulnerabilities. Harbor's format has no place for "not everything was compared", so an incomplete result carries an
 * entry `PLOMBE-INCOMPLETE` of unknown severity that says what is missing: no silent zero.
 */
export function renderVulnerabilities(
  result: ScanResult,
  artifact: OrderedArtifact,
  kind: Exclude<ReportKind, 'sbom'>,
): string {
  if (kind === 'raw') return rawReport(result);
  const { assessment, match, scannedAt, tool } = result;
  const items = [
    ...(assessment.state === 'assessed' ? [] : [incompleteItem(result)]),
    ...match.findings.map((finding) => itemOf(finding, kind === 'generic')),
  ];
  const worst = severityOrder.find((word) => items.some(({ severity }) => severity === words[word])) ?? 'unknown';
  return JSON.stringify({
    generated_at: scannedAt,
    artifact,
    scanner: scannerOf(tool.version),
    severity: words[worst],
    vulnerabilities: items,
    // Not in the description, and allowed by it: what another Plombe reads instead of guessing.
    plombe: { state: assessment.state, causes: assessment.causes, database: result.database.digest },
  });
}

function rawReport(result: ScanResult): string {
  return [...jsonReport.render(result, { colour: false, evidence: true })].join('');
}

/** Renders an SBOM report. The document itself says in which state the inventory is. */
export function renderSbomReport(result: ScanResult, artifact: OrderedArtifact, mediaType: SbomMediaType): string {
  const { scannedAt, tool, inventory } = result;
  const pieces = renderSbom(inventory, sbomFormats[mediaType], { version: tool.version, timestamp: scannedAt });
  const head = { generated_at: scannedAt, artifact, scanner: scannerOf(tool.version), media_type: mediaType };
  // The document is JSON already, of some MiB: it is put in as it is.
  return `${JSON.stringify(head).slice(0, -1)},"sbom":${[...pieces].join('')}}`;
}

interface Item {
  readonly id: string;
  readonly package: string;
  readonly version: string;
  readonly severity: string;
  readonly [more: string]: unknown;
}

function incompleteItem({ assessment }: ScanResult): Item {
  const causes = assessment.causes.map(({ code, message, remedy }) =>
    [`${code}: ${message}`, ...(remedy === undefined ? [] : [remedy])].join(' '),
  );
  return {
    id: 'PLOMBE-INCOMPLETE',
    package: 'plombe',
    version: assessment.state,
    fix_version: '',
    severity: words.unknown,
    description: `Not everything could be compared (${assessment.state}). ${causes.join(' ')}`.slice(0, maxDescription),
    links: [],
  };
}

function itemOf(finding: Finding, isGeneric: boolean): Item {
  const { vulnerability, packageName, packageVersion, severity, fixedVersions, summary = '' } = finding;
  return {
    id: vulnerability,
    package: packageName,
    version: packageVersion,
    fix_version: fixedVersions.join(', '),
    severity: words[severity.word],
    description: summary.slice(0, maxDescription),
    links: linksOf(finding),
    ...(isGeneric ? genericPart(finding) : {}),
  };
}

/** What version 1.1 adds. Harbor takes scores out of `vendor_attributes.CVSS`, by author. */
function genericPart(finding: Finding): object {
  const { severities, severity, aliases, status, statusNote, confidence, knownExploited, epss, priority, packages } =
    finding;
  const all = [severity, ...severities];
  const v3 = all.find((one) => versionOf(one) === 3);
  const v2 = all.find((one) => versionOf(one) === 2);
  const byAuthor = new Map<string, object>();
  for (const one of all) {
    const part = cvssPart(one);
    if (part !== undefined) byAuthor.set(one.author, { ...part, ...byAuthor.get(one.author) });
  }
  return {
    preferred_cvss: {
      ...(v3?.score === undefined ? {} : { score_v3: v3.score }),
      ...(v3?.vector === undefined ? {} : { vector_v3: v3.vector }),
      ...(v2?.score === undefined ? {} : { score_v2: v2.score }),
      ...(v2?.vector === undefined ? {} : { vector_v2: v2.vector }),
    },
    cwe_ids: [],
    vendor_attributes: {
      CVSS: Object.fromEntries(byAuthor),
      plombe: {
        aliases,
        status,
        ...(statusNote === undefined ? {} : { statusNote }),
        severityAuthor: severity.author,
        confidence,
        knownExploited: knownExploited !== undefined,
        ...(epss === undefined ? {} : { epss: epss.score }),
        priority,
        packages,
      },
    },
  };
}

function cvssPart(severity: Severity): object | undefined {
  const { score, vector } = severity;
  const version = versionOf(severity);
  if (version === undefined) return undefined;
  return {
    ...(score === undefined ? {} : { [`V${version}Score`]: score }),
    ...(vector === undefined ? {} : { [`V${version}Vector`]: vector }),
  };
}

/** The major version of a CVSS vector: `CVSS:3.1/…`, `CVSS:4.0/…`; version 2 has no prefix. */
function versionOf({ vector }: Severity): 2 | 3 | 4 | undefined {
  if (vector === undefined) return undefined;
  if (vector.startsWith('CVSS:3')) return 3;
  if (vector.startsWith('CVSS:4')) return 4;
  return /^(?:CVSS:2\.0\/)?\(?AV:[LAN]\/AC:[LMH]\/Au:/.test(vector) ? 2 : undefined;
}

/** Web addresses alone: Harbor shows them as links (T68). */
function linksOf({ advisories, references }: Finding): readonly string[] {
  const texts = [...advisories.flatMap(({ url }) => url ?? []), ...references];
  const isLink = (text: string): boolean => /^https?:\/\/[\x21-\x7e]+$/.test(text) && URL.canParse(text);
  return [...new Set(texts)].filter(isLink).slice(0, maxLinks);
}

// The media types of Harbor's scanner adapter API v1.2, and which of them a client accepts.

/** Manifests that can be scanned. Of an index Harbor asks for each image by itself. */
export const scannable: readonly string[] = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

export const metadataTypes = {
  current: 'application/vnd.scanner.adapter.metadata+json; version=1.1',
  old: 'application/vnd.scanner.adapter.metadata+json; version=1.0',
} as const;

export const requestTypes: readonly string[] = [
  'application/vnd.scanner.adapter.scan.request+json; version=1.1',
  'application/vnd.scanner.adapter.scan.request+json; version=1.0',
  'application/json',
];

export const responseType = 'application/vnd.scanner.adapter.scan.response+json; version=1.0';
export const errorType = 'application/vnd.scanner.adapter.error+json; version=1.0';

/** Reports, by the word that this adapter uses for them. */
export const reportTypes = {
  native: 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0',
  generic: 'application/vnd.security.vulnerability.report; version=1.1',
  raw: 'application/vnd.scanner.adapter.vuln.report.raw',
  sbom: 'application/vnd.security.sbom.report+json; version=1.0',
} as const;

export type ReportKind = keyof typeof reportTypes;

/** SBOM media type → the format that `renderSbom` knows. */
export const sbomFormats = {
  'application/spdx+json': 'spdx',
  'application/vnd.cyclonedx+json': 'cyclonedx',
} as const;

export type SbomMediaType = keyof typeof sbomFormats;

/** True for the two media types of SBOMs. */
export function isSbomMediaType(text: string): text is SbomMediaType {
  return Object.hasOwn(sbomFormats, text);
}

/** Lower case, one space behind the semicolon: `a/b;VERSION=1.0` and `a/b; version=1.0` are the same. Weights are dropped. */
export function plainType(text: string): string {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  return [type, ...parameters.filter((part) => part !== '' && !part.startsWith('q='))].join('; ');
}

/** The first report that an `Accept` header names and that there is; the oldest where it names none, undefined where it names others alone. */
export function acceptedReport(accept: string | undefined): ReportKind | undefined {
  const wanted = (accept ?? '').slice(0, 4096).split(',').map(plainType);
  const kinds = Object.keys(reportTypes) as ReportKind[];
  for (const type of wanted) {
    if (type === '' || type === '*/*') return 'native';
    const found = kinds.find((kind) => reportTypes[kind] === type);
    if (found !== undefined) return found;
  }
  return undefined;
}

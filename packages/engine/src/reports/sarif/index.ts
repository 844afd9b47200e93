// SARIF 2.1.0 (OASIS): one rule per vulnerability, one result per finding, the state as notifications.
import { inert, jsonText } from '@plombe/kit';
import type { Finding, Package, ScanResult, SeverityWord } from '@plombe/model';
import { canonicalPage, pageOf } from '../placed/page.ts';
import { sparedFindings, type SparedFinding } from '../placed/spared.ts';
import type { RenderOptions, ReportFormat } from '../report.ts';

const levels: Readonly<Record<SeverityWord, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  negligible: 'note',
  unknown: 'warning',
};

/** Score shown by code hosts (`security-severity`) where no advisory gives one: the middle of CVSS's own ranges. */
const typicalScores: Readonly<Record<SeverityWord, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  negligible: '0.1',
  unknown: '5.0',
};

/** For code scanning views; paths are relative to the image's root. What does not count is listed on request, as suppressed results with the reason. */
export const sarif: ReportFormat = {
  id: 'sarif',
  title: 'SARIF 2.1.0',
  mediaType: 'application/sarif+json',
  *render(result: ScanResult, { suppressed = false }: RenderOptions): Iterable<string> {
    const packages = new Map(result.inventory.packages.map((found) => [found.id, found]));
    const { findings } = result.match;
    const spared = suppressed ? sparedFindings(result) : [];
    const rules = new Map<string, object>();
    for (const finding of findings)
      if (!rules.has(finding.vulnerability)) rules.set(finding.vulnerability, ruleOf(finding));
    for (const one of spared) {
      const { vulnerability } = one.suppressed;
      if (!rules.has(vulnerability)) rules.set(vulnerability, sparedRule(one));
    }
    const ruleIndex = new Map([...rules.keys()].map((id, index) => [id, index]));
    const head = {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
    };
    yield `${jsonText(head).slice(0, -1)},"runs":[{"tool":{"driver":{"name":"Plombe","version":${jsonText(result.tool.version)},"rules":`;
    yield* array([...rules.values()]);
    yield `}},"columnKind":"utf16CodeUnits","originalUriBaseIds":{"ROOTPATH":{"uri":"file:///"}},"invocations":[${jsonText(invocation(result))}]`;
    yield `,"properties":${jsonText(runProperties(result))},"results":`;
    const indexOf = (vulnerability: string): number => ruleIndex.get(vulnerability) ?? 0;
    yield* array([
      ...findings.map((finding) => resultOf(finding, packages, indexOf(finding.vulnerability))),
      ...spared.map((one) => sparedResult(one, packages, indexOf(one.suppressed.vulnerability))),
    ]);
    yield '}]}\n';
  },
};

function* array(values: readonly object[]): Iterable<string> {
  yield '[';
  for (const [index, value] of values.entries()) yield `${index > 0 ? ',' : ''}\n${jsonText(value)}`;
  yield ']';
}

function ruleOf(finding: Finding): object {
  const { vulnerability, aliases, severity } = finding;
  const help = pageOf(finding);
  const text = inert(finding.summary ?? `${vulnerability} in ${finding.packageName}`);
  return {
    id: inert(vulnerability),
    name: 'KnownVulnerability',
    shortDescription: { text },
    fullDescription: { text: aliases.length > 0 ? `${text} (${aliases.map(inert).join(', ')})` : text },
    ...(help === undefined ? {} : { helpUri: help }),
    defaultConfiguration: { level: levels[severity.word] },
    properties: {
      'security-severity': severity.score === undefined ? typicalScores[severity.word] : severity.score.toFixed(1),
      tags: ['security', 'vulnerability', severity.word],
      precision: finding.confidence === 'exact' ? 'very-high' : 'medium',
    },
  };
}

function resultOf(finding: Finding, packages: ReadonlyMap<string, Package>, ruleIndex: number): object {
  const { packageName, packageVersion, vulnerability, fixedVersions, severity } = finding;
  const via = packages.get(finding.packages[0] ?? '')?.facts?.['via'];
  const fix = fixedVersions[0] === undefined ? 'No fixed version is known.' : `Fixed in ${inert(fixedVersions[0])}.`;
  const locations = finding.packages.slice(0, 10).flatMap((id) => locationOf(id, packages.get(id)));
  return {
    ruleId: inert(vulnerability),
    ruleIndex,
    level: levels[severity.word],
    message: {
      text: `${inert(packageName)} ${inert(packageVersion)} is affected by ${inert(vulnerability)} (${severity.word}). ${fix}`,
    },
    locations: locations.slice(0, 1),
    ...(locations.length > 1 ? { relatedLocations: locations.slice(1).map((place, id) => ({ id, ...place })) } : {}),
    partialFingerprints: { 'plombe/v1': inert(`${vulnerability}|${packageName}|${packageVersion}`) },
    properties: {
      status: finding.status,
      priority: finding.priority,
      fixedVersions,
      ...(via === undefined ? {} : { via: inert(via) }),
      ...(finding.epss === undefined ? {} : { epss: finding.epss.score }),
      ...(finding.knownExploited === undefined ? {} : { knownExploited: true }),
    },
  };
}

function sparedRule({ suppressed: { vulnerability, finding }, name, severity }: SparedFinding): object {
  const help = canonicalPage([vulnerability, ...(finding?.aliases ?? [])]);
  const text = inert(`${vulnerability} in ${name}`);
  return {
    id: inert(vulnerability),
    name: 'KnownVulnerability',
    shortDescription: { text },
    ...(help === undefined ? {} : { helpUri: help }),
    defaultConfiguration: { level: levels[severity ?? 'unknown'] },
    properties: { tags: ['security', 'vulnerability'] },
  };
}

/** SARIF 2.1.0, 3.27.23 and 3.35: a result that is there and was accepted, with the reason. */
function sparedResult(spared: SparedFinding, packages: ReadonlyMap<string, Package>, ruleIndex: number): object {
  const { suppressed, name, version, severity } = spared;
  const { vulnerability, reason } = suppressed;
  const locations = suppressed.packages.slice(0, 10).flatMap((id) => locationOf(id, packages.get(id)));
  return {
    ruleId: inert(vulnerability),
    ruleIndex,
    level: levels[severity ?? 'unknown'],
    message: { text: inert(`${name} ${version} does not count for ${vulnerability}: ${reason}`) },
    locations: locations.slice(0, 1),
    ...(locations.length > 1 ? { relatedLocations: locations.slice(1).map((place, id) => ({ id, ...place })) } : {}),
    partialFingerprints: { 'plombe/v1': inert(`${vulnerability}|${name}|${version}`) },
    suppressions: [{ kind: 'external', status: 'accepted', justification: inert(reason) }],
  };
}

function locationOf(id: string, found: Package | undefined): object[] {
  if (found === undefined) return [];
  const first = found.evidence[0];
  const layer =
    first === undefined ? {} : { layerIndex: first.layerIndex, ...(first.diffID && { diffID: first.diffID }) };
  const path = first?.path ?? found.name;
  return [
    {
      physicalLocation: {
        artifactLocation: {
          uri: path
            .split('/')
            .map((part) => encodeURIComponent(part.toWellFormed()))
            .join('/'),
          uriBaseId: 'ROOTPATH',
        },
        region: { startLine: first?.line ?? 1 },
      },
      logicalLocations: [{ fullyQualifiedName: inert(id), kind: 'package' }],
      ...(first === undefined ? {} : { properties: layer }),
    },
  ];
}

function invocation({ assessment, inventory, scannedAt }: ScanResult): object {
  const notifications = [
    ...assessment.causes.map((cause) => ({
      level: 'warning',
      message: { text: inert(cause.message) },
      descriptor: { id: cause.code },
    })),
    ...inventory.diagnostics.map((note) => ({
      level: note.level,
      message: { text: inert(note.message) },
      descriptor: { id: note.code },
    })),
  ];
  return {
    executionSuccessful: assessment.state !== 'unassessable',
    endTimeUtc: scannedAt,
    toolExecutionNotifications: notifications,
  };
}

function runProperties({ assessment, inventory: { subject }, database }: ScanResult): object {
  return {
    'plombe:state': assessment.state,
    'plombe:cause': assessment.causes.map((cause) => `${cause.code}: ${inert(cause.message)}`),
    'plombe:subject': inert(subject.name),
    ...(subject.digest === undefined ? {} : { 'plombe:digest': subject.digest }),
    'plombe:database': database.digest,
  };
}

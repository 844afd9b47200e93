// What a template sees: the JSON report with its names, and beside each finding what templates would have to compute.
import { countBySeverity, type Cause, type Finding, type Package, type ScanResult } from '@plombe/model';

/** The members of docs/schemas/report-1.schema.json; each finding has `layer`, `path`, `line`, `fixedVersion` and `is` besides. */
export function templateData(result: ScanResult): Readonly<Record<string, unknown>> {
  const { inventory, match, assessment } = result;
  const packages = new Map(inventory.packages.map((found) => [found.id, found]));
  return {
    tool: result.tool,
    scannedAt: result.scannedAt,
    subject: inventory.subject,
    state: assessment.state,
    is: { [assessment.state]: true },
    causes: assessment.causes.map(causeData),
    summary: {
      packages: inventory.packages.length,
      findings: match.findings.length,
      severities: countBySeverity(match.findings),
      knownExploited: match.findings.filter(({ knownExploited }) => knownExploited !== undefined).length,
      fixable: match.findings.filter(({ fixedVersions }) => fixedVersions.length > 0).length,
    },
    database: result.database,
    shards: match.shards.map((shard) => ({ ...shard, packages: shard.packages ?? null })),
    distribution: inventory.distribution,
    config: inventory.config,
    complete: inventory.complete,
    layers: inventory.layers,
    actions: result.actions,
    findings: match.findings.map((finding) => findingData(finding, packages.get(finding.packages[0] ?? ''))),
    unassessed: match.unassessed.map(({ cause, packages: ids }) => ({ cause: causeData(cause), packages: ids })),
    suppressed: match.suppressed,
    endOfLife: match.endOfLife,
    diagnostics: inventory.diagnostics,
    packages: inventory.packages,
  };
}

/** A member that is not there is null: else its name would be looked up around it, and the report has members of the same names. */
function causeData(cause: Cause): object {
  return { ...cause, packages: cause.packages ?? null };
}

function findingData(finding: Finding, first: Package | undefined): object {
  const place = first?.evidence[0];
  return {
    ...finding,
    summary: finding.summary ?? null,
    fixedVersion: finding.fixedVersions[0],
    layer: place?.layerIndex,
    path: place?.path,
    line: place?.line ?? null,
    is: {
      [finding.severity.word]: true,
      [finding.status]: true,
      fixable: finding.fixedVersions.length > 0,
      knownExploited: finding.knownExploited !== undefined,
    },
  };
}

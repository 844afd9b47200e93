// A scan's result, fresh or out of a saved report, as policies see it.
import type { Assessment, Finding, ImageConfig, Package, ScanResult, ShardStatus } from '@plombe/model';
import type { ConfigEvidence, PolicyEvidence, PolicyFinding, ScanEvidence } from '@plombe/policy';

/** The parts of a scan that policies ask about; a saved report has them under the same names. */
export interface ScanParts {
  readonly assessment: Assessment;
  readonly findings: readonly Finding[];
  readonly packages: readonly Package[];
  readonly shards: readonly ShardStatus[];
  readonly config: ImageConfig | undefined;
}

/** Returns scan and config as evidence. */
export function scanEvidence({ inventory, match, assessment }: ScanResult): Pick<PolicyEvidence, 'scan' | 'config'> {
  const { findings, shards } = match;
  return evidenceOfParts({ assessment, findings, shards, packages: inventory.packages, config: inventory.config });
}

/** The same for parts of a report. */
export function evidenceOfParts({
  assessment,
  findings,
  packages,
  shards,
  config,
}: ScanParts): Pick<PolicyEvidence, 'scan' | 'config'> {
  const names = new Map(packages.map(({ id, name }) => [id, name]));
  const knows = (feed: string): boolean =>
    shards.some(
      (shard) => shard.role === 'facts' && shard.feed === feed && (shard.state === 'ok' || shard.state === 'stale'),
    );
  const scan: ScanEvidence = {
    state: assessment.state,
    causes: assessment.causes.map(({ message }) => message),
    comparedInWhole: assessment.causes.every(({ code }) => code === 'feed/derived' || code === 'feed/approximate'),
    knowsKev: knows('kev'),
    knowsEpss: knows('epss'),
    findings: findings.filter(holds).map((finding) => findingEvidence(finding, names)),
    packages: packages.map(({ name, version, purl, licences }) => ({ name, version, purl, licences })),
  };
  return { scan, ...(config === undefined ? {} : { config: configEvidence(config) }) };
}

function holds({ status }: Finding): boolean {
  return status !== 'not_affected' && status !== 'fixed';
}

function findingEvidence(finding: Finding, names: ReadonlyMap<string, string>): PolicyFinding {
  const publishedAtMs = finding.publishedAt === undefined ? Number.NaN : Date.parse(finding.publishedAt);
  return {
    vulnerability: finding.vulnerability,
    aliases: finding.aliases,
    severity: finding.severity.word,
    kev: finding.knownExploited !== undefined,
    ...(finding.epss === undefined ? {} : { epss: finding.epss.score }),
    packages: finding.packages.map((id) => names.get(id) ?? finding.packageName),
    fixedVersions: finding.fixedVersions,
    ...(Number.isNaN(publishedAtMs) ? {} : { publishedAtMs }),
  };
}

function configEvidence({ user, exposedPorts = [], labels }: ImageConfig): ConfigEvidence {
  return { ...(user === undefined ? {} : { user }), exposedPorts, labels };
}

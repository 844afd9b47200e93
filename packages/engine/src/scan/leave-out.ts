// Findings that the person who asks does not want to count: by severity, status, without a fix, by a list. They are suppressed with that reason, never gone.
import type { VexDocument } from '@plombe/advisories';
import { by, inert } from '@plombe/kit';
import {
  isStatus,
  type Finding,
  type FindingStatus,
  type Inventory,
  type MatchResult,
  type SeverityWord,
  type Suppressed,
  type SuppressedFinding,
} from '@plombe/model';
import type { IgnoreRule } from './ignore-file.ts';

export interface LeaveOut {
  /** Only these severities count; absent or empty: all. */
  readonly severities?: readonly SeverityWord[];
  /** Findings without a fixed version do not count. */
  readonly unfixed?: boolean;
  /** Findings of these statuses do not count. */
  readonly statuses?: readonly FindingStatus[];
  readonly ignored?: readonly IgnoreRule[];
  /** What VEX documents say is not affected or fixed does not count; `leaveOut` itself does not look at them. */
  readonly vex?: readonly VexDocument[];
}

/** Returns the match without the findings that are left out; each of them is among the suppressed. `today`: an ISO date, from which on a rule that ended counts no more. */
export function leaveOut(
  match: MatchResult,
  { packages }: Pick<Inventory, 'packages'>,
  { severities = [], unfixed = false, statuses = [], ignored = [] }: LeaveOut,
  today: string,
): MatchResult {
  const rules = rulesById(ignored.filter(({ until }) => until === undefined || until >= today));
  if (severities.length === 0 && !unfixed && statuses.length === 0 && rules.size === 0) return match;
  const names = new Map(packages.map(({ id, name, namespace }) => [id, namesOf(name, namespace)]));
  const findings: Finding[] = [];
  const suppressed: Suppressed[] = [...match.suppressed];
  const reasonFor = (finding: Finding): string | undefined => {
    const rule = ruleFor(finding, rules, names);
    if (rule !== undefined) return ruleReason(rule);
    const { word } = finding.severity;
    if (severities.length > 0 && !severities.includes(word)) return `its severity is ${word} (--severity)`;
    if (unfixed && finding.fixedVersions.length === 0) return 'no fixed version is known (--ignore-unfixed)';
    const status = statuses.find((asked) => isStatus(finding, asked));
    return status === undefined ? undefined : `its status is ${status.replaceAll('_', ' ')} (--ignore-status)`;
  };
  for (const finding of match.findings) {
    const reason = reasonFor(finding);
    if (reason === undefined) findings.push(finding);
    else suppressed.push(suppressedOf(finding, finding.packages, reason));
  }
  return { ...match, findings, suppressed: sortSuppressed(suppressed) };
}

/** The finding as one that does not count, for these of its packages. */
export function suppressedOf(finding: Finding, packages: readonly string[], reason: string): Suppressed {
  const { vulnerability, aliases, packageName, packageVersion, status, severity, fixedVersions } = finding;
  const kept: SuppressedFinding = { aliases, packageName, packageVersion, status, severity, fixedVersions };
  return { vulnerability, packages, reason, finding: kept };
}

/** Sorts in place, as reports list them. */
export function sortSuppressed(suppressed: Suppressed[]): readonly Suppressed[] {
  return suppressed.sort(
    by(
      ({ vulnerability }) => vulnerability,
      ({ packages: [first = ''] }) => first,
    ),
  );
}

/** The flag by which a finding was left out; undefined where it was by what an advisory says. */
export function leftOutBy({ reason }: Suppressed): string | undefined {
  return /\((--(?:exclude-dev|severity|ignore-unfixed|ignore-status|ignore-file|vex))(?: [^)]*)?\)$/.exec(reason)?.[1];
}

function rulesById(rules: readonly IgnoreRule[]): ReadonlyMap<string, readonly IgnoreRule[]> {
  return Map.groupBy(rules, ({ id }) => id.toLowerCase());
}

function ruleFor(
  { vulnerability, aliases, advisories, packageName, packages }: Finding,
  rules: ReadonlyMap<string, readonly IgnoreRule[]>,
  names: ReadonlyMap<string, readonly string[]>,
): IgnoreRule | undefined {
  if (rules.size === 0) return undefined;
  const ids = [vulnerability, ...aliases, ...advisories.map(({ id }) => id)];
  const named = [packageName, ...packages.flatMap((id) => names.get(id) ?? [])].map((name) => name.toLowerCase());
  return ids
    .flatMap((id) => rules.get(id.toLowerCase()) ?? [])
    .find(({ packageName: wanted }) => wanted === undefined || named.includes(wanted.toLowerCase()));
}

function namesOf(name: string, namespace: string | undefined): readonly string[] {
  return namespace === undefined ? [name] : [name, `${namespace}/${name}`, `${namespace}:${name}`];
}

function ruleReason({ line, until, reason }: IgnoreRule): string {
  const why = reason === undefined ? 'ignored' : inert(reason).replaceAll(/[()]/g, ' ').trim();
  return `${why} (--ignore-file line ${line}${until === undefined ? '' : `, until ${until}`})`;
}

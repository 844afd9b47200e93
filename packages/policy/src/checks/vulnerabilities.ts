// Known vulnerabilities stay within severity, exploitation and age.
import { inert } from '@plombe/kit';
import type { SeverityWord, State } from '@plombe/model';
import type { PolicySpec } from '../document/policy-schema.ts';
import type { PolicyFinding } from '../evidence.ts';
import { count, defineCheck, unknown, type Violation } from './check.ts';
import { acceptedStates, scanCommand } from './state.ts';

interface Parameters {
  readonly rule: NonNullable<PolicySpec['vulnerabilities']>;
  readonly states: readonly State[];
  /** The policy says itself which states it accepts. */
  readonly isDemanded: boolean;
}

const ranks: Readonly<Record<SeverityWord | 'none', number>> = {
  none: 0,
  negligible: 1,
  low: 2,
  medium: 3,
  high: 4,
  critical: 5,
  unknown: 2,
};
const dayMs = 86_400_000;

export const vulnerabilities = defineCheck<Parameters>({
  id: 'vulnerabilities',
  needs: ['scan'],
  parameters: (spec) =>
    spec.vulnerabilities === undefined
      ? []
      : [
          {
            value: {
              rule: spec.vulnerabilities,
              states: acceptedStates(spec),
              isDemanded: spec.requireState !== undefined,
            },
          },
        ],
  check(subject, { scan }, { rule, states, isDemanded }, { nowMs }) {
    // The reference comes last: it is the longest part, and what a terminal has no room for.
    const more = scanCommand(subject);
    const cause = () =>
      `Give the scan what it lacks, set onUnknown, or add an exception with owner, ticket and expiry; each cause: ${more}`;
    if (scan === undefined) return unknown('The image was not scanned.', 'nothing', cause);
    const violations: Violation[] = [];
    const unknowns: string[] = [];
    for (const finding of scan.findings) {
      const problems = problemsOf(finding, rule, nowMs, unknowns);
      if (problems.length > 0) {
        const { vulnerability, aliases, packages, fixedVersions } = finding;
        const fix = fixedVersions[0] === undefined ? 'no fix known' : `fixed in ${fixedVersions[0]}`;
        const message = inert(
          `${vulnerability} in ${packages.slice(0, 3).join(', ')}: ${problems.join(', ')} (${fix}).`,
        );
        violations.push({ message, vulnerability, aliases, packages });
      }
    }
    if (rule.kev === 'deny' && !scan.knowsKev) unknowns.push('There is no data about known exploitation (KEV).');
    if (rule.maxEpss !== undefined && !scan.knowsEpss)
      unknowns.push('There is no data about the probability of exploitation (EPSS).');
    // A finding is a finding; but that there is none counts only where everything was compared. Data that their publisher did not make
    // himself were chosen by whoever built the database: they are named, and refused where the policy demands `assessed`.
    const causes = scan.causes.slice(0, 3).map(inert).join(' ');
    const isCompared = scan.state === 'partial' && scan.comparedInWhole === true && !isDemanded;
    if (!states.includes(scan.state) && !isCompared)
      unknowns.push(`The scan is ${scan.state}, so more may be there. ${causes}`.trim());
    return {
      violations,
      unknowns,
      passed: `${count(scan.findings.length, 'finding')}, all within the limits.${isCompared ? ` ${causes}` : ''}`,
      lookedAt: `${count(scan.findings.length, 'finding')} in ${count(scan.packages.length, 'package')}`,
      remedy: () =>
        violations.length === 0
          ? cause()
          : `Upgrade what is named, or add an exception with owner, ticket and expiry; all of it: ${more}`,
    };
  },
});

function problemsOf(
  finding: PolicyFinding,
  rule: Parameters['rule'],
  nowMs: number,
  unknowns: string[],
): readonly string[] {
  const problems: string[] = [];
  const isFixable = finding.fixedVersions.length > 0;
  if (rule.kev === 'deny' && finding.kev) problems.push('known to be exploited');
  if (rule.fixableOnly !== true || isFixable) {
    const word = finding.severity === 'unknown' ? (rule.unknownSeverity ?? 'low') : finding.severity;
    if (rule.maxSeverity !== undefined && ranks[word] > ranks[rule.maxSeverity]) {
      problems.push(
        `${finding.severity === 'unknown' ? `unknown severity, taken as ${word}` : word} where ${rule.maxSeverity} is the most`,
      );
    }
    // Where EPSS as a whole is there, it scores every published CVE; what it does not list has no number to compare.
    if (rule.maxEpss !== undefined && finding.epss !== undefined && finding.epss > rule.maxEpss) {
      problems.push(`EPSS ${finding.epss.toFixed(3)} above ${rule.maxEpss}`);
    }
  }
  if (rule.fixableMaxAgeDays !== undefined && isFixable) {
    const { publishedAtMs, vulnerability } = finding;
    if (publishedAtMs === undefined) unknowns.push(inert(`When ${vulnerability} was published is not known.`));
    else {
      const ageDays = Math.floor((nowMs - publishedAtMs) / dayMs);
      if (ageDays > rule.fixableMaxAgeDays)
        problems.push(`fixable and ${ageDays} days old where ${rule.fixableMaxAgeDays} are the most`);
    }
  }
  return problems;
}

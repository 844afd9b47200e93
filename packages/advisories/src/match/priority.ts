// The order in which findings are worth a person's time; docs/priority.md explains the numbers.
import type { Finding, SeverityWord } from '@plombe/model';

/** What a score stands for where only a word is given: the middle of the word's CVSS band. Unknown counts as medium, never as harmless. */
const wordScores: Readonly<Record<SeverityWord, number>> = {
  critical: 9.5,
  high: 8,
  medium: 5.5,
  low: 2.5,
  negligible: 0.5,
  unknown: 5.5,
};

/** Percentile assumed where EPSS knows nothing: new CVEs have none for days, so it is not zero. */
const unknownPercentile = 0.5;

type Ranked = Pick<Finding, 'severity' | 'status' | 'fixedVersions' | 'knownExploited' | 'epss' | 'disputed'>;

/**
 * Returns 0–100, higher first: severity gives up to 50, EPSS percentile up to 20, a known exploit 20 and its use by ransomware 5,
 * a fix that exists 5; what will not be fixed, is under investigation or disputed counts less. A known exploited one is at least 80.
 */
export function priorityOf(finding: Ranked): number {
  const score = finding.severity.score ?? wordScores[finding.severity.word];
  const percentile = finding.epss?.percentile ?? unknownPercentile;
  const exploited = finding.knownExploited;
  const sum =
    score * 5 +
    percentile * 20 +
    (exploited === undefined ? 0 : exploited.ransomware ? 25 : 20) +
    (finding.fixedVersions.length > 0 ? 5 : 0);
  const weighed = sum * (finding.status === 'affected' ? 1 : 0.85) * (finding.disputed === true ? 0.7 : 1);
  const floor = exploited === undefined ? 0 : exploited.ransomware ? 85 : 80;
  return Math.round(Math.min(100, Math.max(weighed, floor)));
}

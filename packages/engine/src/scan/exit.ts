// The exit code of a scan, docs/cli.md "Exit codes".
import { severityOrder, type ScanResult, type SeverityWord, type State } from '@plombe/model';

export interface ExitOptions {
  /** Findings of this severity or worse give 1; absent: findings never do. `unknown` counts as at least `low`. */
  readonly failOn?: SeverityWord;
  /** States that do not give 3. */
  readonly allow: readonly State[];
}

/** 0 assessed and nothing at or above the limit; 1 findings at or above it; 3 not fully assessed. 3 outranks 1. */
export function exitCodeOf(result: ScanResult, options: ExitOptions): 0 | 1 | 3 {
  const { state } = result.assessment;
  if (state !== 'assessed' && !options.allow.includes(state)) return 3;
  if (options.failOn === undefined) return 0;
  const limit = rank(options.failOn);
  const failing = result.match.findings.some(
    (finding) =>
      finding.status !== 'not_affected' && finding.status !== 'fixed' && rank(finding.severity.word) <= limit,
  );
  return failing ? 1 : 0;
}

/** An unknown severity may be anything, so it fails wherever `low` does. */
function rank(word: SeverityWord): number {
  return severityOrder.indexOf(word === 'unknown' ? 'low' : word);
}

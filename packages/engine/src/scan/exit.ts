// The exit code of a scan, docs/cli.md "Exit codes".
import { severityOrder, type Assessment, type ScanResult, type SeverityWord, type State } from '@plombe/model';

export interface ExitOptions {
  /** Findings of this severity or worse give 1; absent: findings never do. `unknown` counts as at least `low`. */
  readonly failOn?: SeverityWord;
  /** True: 1 where the distribution has no more security support, 3 where nobody can say. */
  readonly failOnEndOfLife?: boolean;
  /** What does not give 3. */
  readonly allow: readonly Allowed[];
}

/** States, and `excluded`: partial only since `--exclude` left something out. */
export type Allowed = State | 'excluded';

/** True where the state gives no exit code 3. */
export function isAllowed({ state, causes }: Assessment, allow: readonly Allowed[]): boolean {
  if (state === 'assessed' || allow.includes(state)) return true;
  if (state !== 'partial' || !allow.includes('excluded')) return false;
  return causes.every(
    ({ code }) => code === 'inventory/excluded' || (code === 'feed/stale' && allow.includes('stale')),
  );
}

/** 0 assessed and nothing at or above the limit; 1 findings at or above it, or an end of support that was asked for; 3 not fully assessed. 3 outranks 1. */
export function exitCodeOf(result: ScanResult, options: ExitOptions): 0 | 1 | 3 {
  if (!isAllowed(result.assessment, options.allow)) return 3;
  if (options.failOnEndOfLife === true) {
    const support = distributionSupport(result);
    if (support !== 'supported') return support === 'ended' ? 1 : 3;
  }
  if (options.failOn === undefined) return 0;
  const limit = rank(options.failOn);
  const failing = result.match.findings.some(
    (finding) =>
      finding.status !== 'not_affected' && finding.status !== 'fixed' && rank(finding.severity.word) <= limit,
  );
  return failing ? 1 : 0;
}

/**
 * Whether the distribution still gets security fixes; `unknown` where the database knows no end of its release, `supported` also where the subject has no
 * distribution.
 */
export function distributionSupport({ match, inventory }: ScanResult): 'supported' | 'ended' | 'unknown' {
  if (inventory.distribution === undefined) return 'supported';
  const known = match.endOfLife.find(({ distribution }) => distribution === true);
  if (known === undefined) return 'unknown';
  return known.ended ? 'ended' : 'supported';
}

/** An unknown severity may be anything, so it fails wherever `low` does. */
function rank(word: SeverityWord): number {
  return severityOrder.indexOf(word === 'unknown' ? 'low' : word);
}

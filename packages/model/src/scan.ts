// A scan's whole result: inventory, what is known of it, and the state it is in. Every report renders this one value.
import type { Inventory } from './inventory.ts';
import type { MatchResult } from './finding.ts';
import type { Assessment } from './state.ts';

/** Where the advisory data came from, said in one line of each report. */
export interface DatabaseSummary {
  /** Digest over the shards used, so that a verdict can be computed again. */
  readonly digest: string;
  readonly kind: 'built' | 'starter' | 'none';
  readonly path?: string;
  /** Date of the oldest data used, ISO 8601. */
  readonly oldestData?: string;
}

/** An action that takes findings away: `upgrade X to Y in layer N`. */
export interface Action {
  readonly kind: 'upgrade' | 'replace-base' | 'review';
  readonly packageName: string;
  readonly packageVersion: string;
  readonly packageType: string;
  readonly targetVersion?: string;
  readonly layerIndex?: number;
  readonly createdBy?: string;
  /** Where the first of the packages lies, for packages that no distribution's manager upgrades. */
  readonly path?: string;
  /** In how many files of the layer there are packages of this name and version; absent: one. */
  readonly places?: number;
  /** How many findings it removes, and how many of them are known exploited. */
  readonly findings: number;
  readonly knownExploited: number;
  /** Sum of 2^(priority ÷ 8) over the findings it removes; actions are sorted by it. */
  readonly weight: number;
}

export interface ScanResult {
  readonly inventory: Inventory;
  readonly match: MatchResult;
  readonly assessment: Assessment;
  readonly database: DatabaseSummary;
  /** At most ten, the ones that remove most risk first. */
  readonly actions: readonly Action[];
  /** Instant of the clock at the start of the scan, ISO 8601. */
  readonly scannedAt: string;
  readonly tool: { readonly name: 'plombe'; readonly version: string };
}

// Findings: advisory × package × subject, with everything a person needs to check or fix it.
import type { Severity, SeverityWord, VulnerabilityStatus } from './advisory.ts';
import type { PackageScope } from './package.ts';
import type { Cause } from './state.ts';

/** An advisory that says so, and why it matched. */
export interface MatchedAdvisory {
  readonly id: string;
  readonly feed: string;
  readonly url?: string;
  /** Name the advisory uses, which is the source package for most distributions. */
  readonly packageName: string;
  readonly ecosystem: string;
  /** The range or version list that held, in words: `>= 1.2, < 1.2.7 (deb)`. */
  readonly range: string;
  readonly status: VulnerabilityStatus;
  readonly statusNote?: string;
  readonly fixedVersion?: string;
}

export interface KnownExploited {
  readonly dateAdded: string;
  readonly dueDate?: string;
  readonly ransomware: boolean;
}

/** Share 0–1 and percentile 0–1 of the day `date`. Absent is unknown, not zero. */
export interface ExploitPrediction {
  readonly score: number;
  readonly percentile: number;
  readonly date: string;
}

export interface Finding {
  /** The CVE where the alias closure has one, else the most common id. */
  readonly vulnerability: string;
  /** The rest of the alias closure, sorted. */
  readonly aliases: readonly string[];
  /** `id`s of the packages it concerns: all binaries of one source package are one finding. Sorted. */
  readonly packages: readonly string[];
  /** Name and version that were compared: the source package where there is one. */
  readonly packageName: string;
  readonly packageVersion: string;
  /** `development` where every package it concerns is only that, `optional` where none is more; else absent. */
  readonly scope?: Exclude<PackageScope, 'runtime'>;
  readonly status: VulnerabilityStatus;
  readonly statusNote?: string;
  /** The one shown: the vendor's own first. */
  readonly severity: Severity;
  readonly severities: readonly Severity[];
  /** Smallest fixed version above the installed one, per advisory, deduplicated, in version order. Empty: no fix known. */
  readonly fixedVersions: readonly string[];
  readonly summary?: string;
  readonly publishedAt?: string;
  readonly knownExploited?: KnownExploited;
  readonly epss?: ExploitPrediction;
  readonly disputed?: boolean;
  /** `exact`: the version is affected. `module`: the module is, whether the vulnerable symbols are used is not known. */
  readonly confidence: 'exact' | 'module';
  readonly advisories: readonly MatchedAdvisory[];
  readonly references: readonly string[];
  /** 0–100, higher first; docs/priority.md has the rule. */
  readonly priority: number;
}

/** One shard of the advisory database as a report names it. */
export interface ShardStatus {
  /** `alpine-v3.17`, `go`, `epss` … */
  readonly id: string;
  readonly feed: string;
  readonly source: string;
  /** When the source made the data, ISO 8601. */
  readonly dataDate?: string;
  readonly fetchedAt?: string;
  readonly licence?: string;
  readonly records: number;
  readonly digest?: string;
  readonly ageDays?: number;
  /** `derived` and `approximate` data make their ecosystem `partial`. */
  readonly kind: 'original' | 'derived' | 'approximate';
  readonly state: 'ok' | 'stale' | 'missing' | 'damaged';
  /** `facts` (EPSS, KEV, severities, end of life) decorate findings: their age or absence does not change a state. */
  readonly role?: 'advisories' | 'facts';
  /** How many packages rely on it; 0 for a shard of single records that only adds to others. */
  readonly packages?: number;
}

/** Packages that could not be compared with any data. */
export interface Unassessed {
  readonly cause: Cause;
  /** Sorted package ids. */
  readonly packages: readonly string[];
}

/** A match that a statement took away again; kept for `explain`. */
export interface Suppressed {
  readonly vulnerability: string;
  readonly packages: readonly string[];
  readonly reason: string;
  /** What it would be a finding of, where it was one before whoever asks left it out. */
  readonly finding?: SuppressedFinding;
  /** Where a VEX document took it away: what that says, in the words of VEX. */
  readonly vex?: VexVerdict;
}

/** What is kept of a finding that does not count. */
export type SuppressedFinding = Pick<
  Finding,
  'aliases' | 'packageName' | 'packageVersion' | 'status' | 'severity' | 'fixedVersions'
>;

/** What a VEX document says of a product and a vulnerability. */
export interface VexVerdict {
  readonly status: 'not_affected' | 'fixed';
  /** Of OpenVEX's five words for it, whatever the format: `vulnerable_code_not_present` …; absent where none is given or it is another. */
  readonly justification?: string;
  /** In the author's own words. */
  readonly statement?: string;
  readonly author?: string;
}

/** What matching one inventory against the database gives. */
export interface MatchResult {
  /** Sorted: priority falling, then vulnerability, then package. */
  readonly findings: readonly Finding[];
  readonly unassessed: readonly Unassessed[];
  readonly suppressed: readonly Suppressed[];
  /** The shards that were asked, sorted by id. */
  readonly shards: readonly ShardStatus[];
  /** End of life of the distribution and of runtimes, where known. */
  readonly endOfLife: readonly EndOfLife[];
}

export interface EndOfLife {
  readonly product: string;
  readonly release: string;
  /** ISO date of the end of security support. */
  readonly date: string;
  readonly ended: boolean;
  /** True where it is the release of the distribution itself; absent for runtimes. */
  readonly distribution?: boolean;
}

/** Counts findings by severity word. */
export function countBySeverity(findings: readonly Finding[]): Readonly<Record<SeverityWord, number>> {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 };
  for (const finding of findings) counts[finding.severity.word] += 1;
  return counts;
}

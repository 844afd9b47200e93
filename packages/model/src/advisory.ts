// Advisories as every feed is normalised to: one source's statement about affected versions.

export type SeverityWord = 'critical' | 'high' | 'medium' | 'low' | 'negligible' | 'unknown';

/** From worst to least; `unknown` last, so that an unknown is never read as harmless. */
export const severityOrder: readonly SeverityWord[] = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'];

/** A severity with its author (`debian`, `ghsa`, `nvd`, `cisa` …). Score 0–10 where a CVSS vector is given. */
export interface Severity {
  readonly author: string;
  readonly word: SeverityWord;
  readonly score?: number;
  readonly vector?: string;
}

/**
 * One event of a version range, as OSV has them: `introduced` and `fixed` are boundaries (affected from introduced on, not
 * from fixed on), `lastAffected` is inclusive, `limit` ends the range without a fix.
 */
export interface RangeEvent {
  readonly introduced?: string;
  readonly fixed?: string;
  readonly lastAffected?: string;
  readonly limit?: string;
}

/** A version range in one scheme (`deb`, `semver` …). Events in any order; the matcher sorts them. */
export interface VersionRange {
  readonly scheme: string;
  readonly events: readonly RangeEvent[];
}

/** What the vendor says of this package: the words of VEX plus `will_not_fix` for an affected one that stays so. */
export type VulnerabilityStatus = 'affected' | 'will_not_fix' | 'not_affected' | 'fixed' | 'under_investigation';

/** The part of an advisory about one package of one ecosystem. */
export interface AffectedPackage {
  /** OSV spelling with the release where there is one: `Debian:12`, `Alpine:v3.17`, `Azure Linux:3`, `Ubuntu:22.04`, `Go`, `npm`. */
  readonly ecosystem: string;
  /** Source or origin package where the feed speaks of those. Normalised the way the ecosystem compares names. */
  readonly name: string;
  readonly ranges: readonly VersionRange[];
  /** Exact versions affected, besides the ranges. */
  readonly versions: readonly string[];
  /** Applies to the versions in `ranges` and `versions`; `not_affected` is a veto. */
  readonly status: VulnerabilityStatus;
  /** The vendor's own word for it (`no-dsa`, `postponed`, `needs-triage` …). */
  readonly statusNote?: string;
  readonly severity?: Severity;
  readonly qualifiers?: {
    readonly architectures?: readonly string[];
    /** rpm module `name:stream`. */
    readonly module?: string;
    /** Extended support pockets (`esm-infra`); counts only for images that have it. */
    readonly pocket?: string;
    /** Systems it is about, where not all: `windows`, `linux`, `macos` … */
    readonly systems?: readonly string[];
    /** What the product has to run on or beside for it (NVD's running-on nodes); it cannot be compared. */
    readonly configuration?: string;
    /** Vulnerable import path → symbols (Go), crate → functions (Rust). */
    readonly symbols?: Readonly<Record<string, readonly string[]>>;
  };
}

export interface Advisory {
  /** The source's own id: `DSA-5000-1`, `GO-2024-1234`, `CVE-2024-1`. */
  readonly id: string;
  readonly feed: string;
  /** Ids of the same vulnerability. `related` and `upstream` are not that and stay apart. */
  readonly aliases: readonly string[];
  readonly related: readonly string[];
  readonly upstream: readonly string[];
  readonly summary?: string;
  readonly publishedAt?: string;
  readonly modifiedAt?: string;
  /** A withdrawn advisory yields no finding. */
  readonly withdrawnAt?: string;
  readonly disputed?: boolean;
  readonly severities: readonly Severity[];
  readonly references: readonly string[];
  readonly affected: readonly AffectedPackage[];
}

// The contract of an enrichment feed: facts that decorate findings and never make one.
import type { Context, KnownExploited, Severity } from '@plombe/model';
import type { FeedDocument, FeedRequest } from '../feed.ts';

/** One release line of a product and when its support ends. Dates are ISO days; an absent one is unknown. */
export interface ProductCycle {
  /** endoflife.date's name: `debian`, `alpine`, `nodejs`, `python`. */
  readonly product: string;
  readonly title?: string;
  /** `os`, `lang`, `framework` … */
  readonly category?: string;
  /** The release line: `12`, `3.17`, `20`. */
  readonly cycle: string;
  readonly codename?: string;
  readonly releasedAt?: string;
  /** End of security support. */
  readonly eolDate?: string;
  /** Said without a date: true ended, false still supported. Absent where `eolDate` says it. */
  readonly ended?: boolean;
  /** End of the support that costs extra or is done by others (LTS, ESM). */
  readonly extendedDate?: string;
  readonly latest?: string;
  /** Package URLs, CPEs and Repology names of the product, as `purl:…`, `cpe:…`, `repology:…`. */
  readonly identifiers: readonly string[];
}

/** What an enrichment feed gives, one at a time so that memory stays bounded. Ids are as written by the source. */
export type EnrichmentItem =
  | { readonly kind: 'kev'; readonly vulnerability: string; readonly exploited: KnownExploited }
  | {
      readonly kind: 'epss';
      readonly vulnerability: string;
      /** Share 0–1. */
      readonly score: number;
      /** Share 0–1. */
      readonly percentile: number;
      /** ISO day the model was run. */
      readonly date: string;
    }
  | { readonly kind: 'eol'; readonly cycle: ProductCycle }
  | {
      readonly kind: 'severity';
      readonly vulnerability: string;
      /** Best first: the assigner's own before an addition by others. */
      readonly severities: readonly Severity[];
      readonly summary?: string;
      readonly publishedAt?: string;
      /** True where the record is rejected: it yields nothing. */
      readonly rejected?: boolean;
      readonly disputed?: boolean;
    }
  | { readonly kind: 'problem'; readonly record: string; readonly cause: string };

/**
 * A feed of facts about vulnerabilities or products; everything it reads goes into one shard named like its id.
 * `matches` tells whether a file of a feed directory (path relative to it) is its document. Register in `enrichments.ts`.
 */
export interface EnrichmentFeed {
  readonly id: string;
  readonly title: string;
  readonly homepage: string;
  readonly licence: string;
  /** Empty where there is no single document to fetch; such a feed is read from a directory only. */
  requests(): readonly FeedRequest[];
  matches(path: string): boolean;
  parse(document: FeedDocument, ctx: Pick<Context, 'signal'>): AsyncIterable<EnrichmentItem>;
}

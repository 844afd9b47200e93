// What the whole database says of one vulnerability, whatever is installed.
import { by, sortedUnique } from '@plombe/kit';
import type { ExploitPrediction, KnownExploited, Severity, VulnerabilityStatus } from '@plombe/model';
import type { ShardSet } from '../database/open.ts';
import { preferredId } from './closure.ts';
import { advisoriesAbout } from './explain.ts';
import { rangesText } from './range-text.ts';
import { chooseSeverity, type SaidSeverity } from './severity.ts';

/** What one advisory says of one package. */
export interface NamedPackage {
  readonly ecosystem: string;
  readonly name: string;
  readonly status: VulnerabilityStatus;
  /** The ranges in words: `>= 1, < 1.2.7 (semver)`. */
  readonly ranges: string;
  readonly advisory: string;
  readonly feed: string;
}

/** A vulnerability as the database knows it. */
export interface KnownVulnerability {
  readonly vulnerability: string;
  /** Other ids of it, sorted. */
  readonly aliases: readonly string[];
  /** Advisories about it, withdrawn ones too; sorted by feed. */
  readonly advisories: readonly { readonly id: string; readonly feed: string; readonly withdrawnAt?: string }[];
  readonly summary?: string;
  /** Earliest publication known, ISO 8601. */
  readonly publishedAt?: string;
  readonly disputed: boolean;
  /** The one that findings show, and every one. */
  readonly severity: Severity;
  readonly severities: readonly Severity[];
  readonly knownExploited?: KnownExploited;
  readonly epss?: ExploitPrediction;
  readonly references: readonly string[];
  /** Sorted by ecosystem and name. */
  readonly packages: readonly NamedPackage[];
  /** Shards that could not be read: they may say more. */
  readonly damaged: readonly string[];
}

/** Looks through every shard. Returns undefined where no advisory and no source of facts knows the id. */
export function aboutVulnerability(id: string, shards: ShardSet): KnownVulnerability | undefined {
  const { sources, damaged } = shards.all();
  const ids = new Set([id]);
  const about = new Map<(typeof sources)[number], ReadonlySet<string>>();
  // Twice: what one shard knows an alias of may be in a shard that was looked through before.
  for (const source of [...sources, ...sources]) about.set(source, advisoriesAbout(source, ids));
  const said = [...about].flatMap(([source, advisories]) =>
    [...advisories].flatMap((advisory) => {
      const body = source.shard.advisory(advisory);
      return body === undefined ? [] : [{ source, body }];
    }),
  );
  const facts = shards.facts();
  const statements = [...ids].flatMap((one) => facts.flatMap((fact) => fact.severity(one) ?? []));
  const fromFacts = <T>(read: (fact: (typeof facts)[number], id: string) => T | undefined): T | undefined =>
    [...ids].flatMap((one) => facts.flatMap((fact) => read(fact, one) ?? []))[0];
  const knownExploited = fromFacts((fact, one) => fact.knownExploited(one));
  const epss = fromFacts((fact, one) => fact.prediction(one));
  if (said.length === 0 && statements.length === 0 && knownExploited === undefined && epss === undefined)
    return undefined;
  const severities: SaidSeverity[] = [
    ...said.flatMap(({ body }) => body.severities.map((severity) => ({ severity, by: 'advisory' as const }))),
    ...statements.flatMap((fact) => fact.severities.map((severity) => ({ severity, by: 'facts' as const }))),
  ];
  const { shown, all } = chooseSeverity(severities);
  const told = [...said.map(({ body }) => body), ...statements];
  const summary = told.map((one) => one.summary).find((text) => text !== undefined && text !== '');
  const [publishedAt] = told.flatMap((one) => one.publishedAt ?? []).sort();
  const vulnerability = preferredId(ids);
  return {
    vulnerability,
    aliases: sortedUnique(ids).filter((other) => other !== vulnerability),
    advisories: said
      .map(({ source, body }) => ({
        id: body.id,
        feed: source.record.feed,
        ...(body.withdrawnAt === undefined ? {} : { withdrawnAt: body.withdrawnAt }),
      }))
      .sort(
        by(
          ({ feed }) => feed,
          (one) => one.id,
        ),
      ),
    ...(summary === undefined ? {} : { summary }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    disputed: told.some((one) => one.disputed === true),
    severity: shown,
    severities: all,
    ...(knownExploited === undefined ? {} : { knownExploited }),
    ...(epss === undefined ? {} : { epss }),
    references: sortedUnique(said.flatMap(({ body }) => body.references)),
    packages: said
      .flatMap(({ source, body }) =>
        source.shard.packagesOf(body.id).map(({ ecosystem, name, entry }): NamedPackage => ({
          ecosystem,
          name,
          status: entry.status,
          ranges: rangesText(entry),
          advisory: body.id,
          feed: source.record.feed,
        })),
      )
      .sort(
        by(
          ({ ecosystem }) => ecosystem,
          ({ name }) => name,
          ({ advisory }) => advisory,
          ({ ranges }) => ranges,
        ),
      ),
    damaged: damaged.map((record) => record.id),
  };
}

// Chooses the severity that is shown: the vendor's own first, then GHSA, the assigner, CISA and NVD.
import type { Severity } from '@plombe/model';
import { severityOrder } from '@plombe/model';

/** A severity with where it was said: on the package, in the advisory, or by a source of facts. */
export interface SaidSeverity {
  readonly severity: Severity;
  readonly by: 'package' | 'advisory' | 'facts';
}

function rankOf({ severity, by }: SaidSeverity): number {
  if (by === 'package') return 0;
  const { author } = severity;
  if (author === 'ghsa') return 2;
  if (author === 'cisa' || author.startsWith('cisa')) return 5;
  if (author === 'nvd') return 6;
  return by === 'advisory' ? 1 : 4;
}

const unknownSeverity: Severity = { author: 'none', word: 'unknown' };

/**
 * Returns the severity shown and all of them, best author first. Of several by authors of one rank the worst is shown. Where
 * nobody says anything the word is `unknown`, with the author `none`.
 */
export function chooseSeverity(said: readonly SaidSeverity[]): {
  readonly shown: Severity;
  readonly all: readonly Severity[];
} {
  const sorted = said
    .map((one) => ({ one, rank: rankOf(one), word: severityOrder.indexOf(one.severity.word) }))
    .sort((a, b) => a.rank - b.rank || a.word - b.word || (b.one.severity.score ?? 0) - (a.one.severity.score ?? 0))
    .map(({ one }) => one.severity);
  const all = new Map(
    sorted.map((severity) => [`${severity.author}\n${severity.word}\n${severity.vector ?? ''}`, severity]),
  );
  return { shown: sorted.find(({ word }) => word !== 'unknown') ?? unknownSeverity, all: [...all.values()] };
}

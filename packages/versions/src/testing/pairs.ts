// Generated versions that are close to each other, where orders differ: the same pieces, one of them changed.
import fc from 'fast-check';

export type Pair = readonly [a: string, b: string];
type Pieces = readonly string[];

/** Sequences of pieces: one of `first`, up to five of `middle`, then maybe one of each list in `ends`. */
export function piecesOf(first: Pieces, middle: Pieces, ...ends: readonly Pieces[]): fc.Arbitrary<Pieces> {
  return fc
    .tuple(
      fc.constantFrom(...first),
      middle.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...middle), { maxLength: 5 }),
      ...ends.map((end) => fc.constantFrom('', ...end)),
    )
    .map(([start, rest, ...last]) => [start as string, ...(rest as Pieces), ...(last as Pieces)]);
}

/** Versions made of such pieces. */
export function versionsOf(pieces: fc.Arbitrary<Pieces>): fc.Arbitrary<string> {
  return pieces.map((parts) => parts.join(''));
}

/**
 * Pairs: two versions; a version and itself with one end from another; a version and itself with a piece of `anywhere` put in or
 * instead of another, or a piece taken away.
 */
export function pairsOf(pieces: fc.Arbitrary<Pieces>, anywhere: Pieces): fc.Arbitrary<Pair> {
  return fc
    .tuple(pieces, pieces, fc.nat(999), fc.nat(9), fc.constantFrom(...anywhere))
    .map(([parts, others, place, kind, piece]): Pair => {
      const version = parts.join('');
      if (kind < 2) return [version, others.join('')];
      if (kind < 6) {
        const last = 1 + (place % Math.min(parts.length, others.length, 4));
        const end = others.length - last;
        return [
          version,
          [...parts.slice(0, -last), others[end] ?? '', ...parts.slice(parts.length - last + 1)].join(''),
        ];
      }
      const at = 1 + (place % parts.length);
      const changed = kind < 8 ? [piece, parts[at] ?? ''] : kind < 9 ? [piece] : [];
      return [version, [...parts.slice(0, at), ...changed, ...parts.slice(at + 1)].join('')];
    });
}

/** The same pairs in every run. */
export function samplePairs(pairs: fc.Arbitrary<Pair>, count: number): readonly Pair[] {
  return fc.sample(pairs, { numRuns: count, seed: 20_260_301 });
}

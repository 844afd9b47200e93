// Generated versions that are close to each other, where orders differ: the same pieces, one of them changed.
import fc from 'fast-check';

export type Pair = readonly [a: string, b: string];
type Pieces = readonly string[];

/** Sequences of pieces: `first`, then up to eight of `middle`, then maybe one of each list in `ends`. */
export function piecesOf(first: Pieces, middle: Pieces, ...ends: readonly Pieces[]): fc.Arbitrary<Pieces> {
  return fc
    .tuple(
      fc.constantFrom(...first),
      fc.array(fc.constantFrom(...middle), { maxLength: 8 }),
      ...ends.map((end) => fc.constantFrom('', ...end)),
    )
    .map(([start, rest, ...last]) => [start as string, ...(rest as Pieces), ...(last as Pieces)]);
}

/** Versions made of such pieces. */
export function versionsOf(pieces: fc.Arbitrary<Pieces>): fc.Arbitrary<string> {
  return pieces.map((parts) => parts.join(''));
}

/** Pairs: two versions, or a version and itself with one piece replaced, inserted or taken away. */
export function pairsOf(pieces: fc.Arbitrary<Pieces>, middle: Pieces): fc.Arbitrary<Pair> {
  const near = fc
    .tuple(pieces, fc.nat(), fc.nat(2), fc.constantFrom(...middle))
    .map(([parts, place, kind, piece]): Pair => {
      const at = 1 + (place % parts.length);
      const changed = kind === 0 ? [piece] : kind === 1 ? [piece, parts[at] ?? ''] : [];
      return [parts.join(''), [...parts.slice(0, at), ...changed, ...parts.slice(at + 1)].join('')];
    });
  const far = fc.tuple(pieces, pieces).map(([a, b]): Pair => [a.join(''), b.join('')]);
  return fc.oneof({ weight: 3, arbitrary: near }, { weight: 1, arbitrary: far });
}

/** The same pairs in every run. */
export function samplePairs(pairs: fc.Arbitrary<Pair>, count: number): readonly Pair[] {
  return fc.sample(pairs, { numRuns: count, seed: 20_260_301 });
}

// pacman's own vercmp is the judge; it compares one pair a run, so a shell asks it for many.
import { describe, it } from 'vitest';
import { alpmAnywhere, alpmPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, hasTool } from '../testing/oracle.ts';
import { type Pair, pairsOf, samplePairs } from '../testing/pairs.ts';

const script = 'while IFS="\t" read -r a b; do vercmp "$a" "$b"; done';

/** Where vercmp has an order: both with a release or none, no separator at the end of a part. */
const hasOrder = ([a, b]: Pair): boolean =>
  a.includes('-') === b.includes('-') &&
  ![a, b].some((text) => /[._+~](?:-|$)|^[^a-z0-9]|:[^a-z0-9]|-(?:$|-)|:$/i.test(text));

describe.skipIf(!hasTool('vercmp', 'vercmp', ['1', '2']))('vercmp', () => {
  it('agrees on 25,000 pairs of epoch, version and release', { timeout: 1_800_000 }, () => {
    const pairs = samplePairs(pairsOf(alpmPieces, alpmAnywhere).filter(hasOrder), 25_000);
    expectAnswers('alpm', pairs, answersOf('sh', ['-c', script], pairs));
  });
});

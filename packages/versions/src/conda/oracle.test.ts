// rattler, the library behind pixi and newer condas, is the judge.
import { describe, it } from 'vitest';
import { condaAnywhere, condaPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, fetchedJudge, hasTool } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const script = `
import sys
from rattler import Version
for line in sys.stdin:
    try:
        a, b = (Version(text) for text in line.rstrip('\\n').split('\\t'))
        print((a > b) - (a < b))
    except Exception:
        print('error')
`;

/** Where rattler differs from conda: an underscore behind a word, which is part of the word for conda, and at the end of a local version, which is no version for it. */
const isDisputed = (text: string): boolean => /[a-z]_(?:\+|$)|\+.*[_-]$/i.test(text);

const python = fetchedJudge('python/bin/python3') ?? 'python3';

describe.skipIf(!hasTool('rattler', python, ['-c', 'import rattler']))('rattler.Version', () => {
  it('agrees on 30,000 pairs', () => {
    const pairs = samplePairs(
      pairsOf(condaPieces, condaAnywhere).filter((pair) => !pair.some(isDisputed)),
      30_000,
    );
    expectAnswers('conda', pairs, answersOf(python, ['-c', script], pairs), { lenient: true });
  });
});

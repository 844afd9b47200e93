// The Python packaging library is the judge, also of what is a version.
import { describe, it } from 'vitest';
import { pep440Anywhere, pep440Pieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, hasTool } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const python = `
import sys
from packaging.version import Version
for line in sys.stdin:
    try:
        a, b = (Version(text) for text in line.rstrip('\\n').split('\\t'))
        print((a > b) - (a < b))
    except ValueError:
        print('error')
`;

describe.skipIf(!hasTool('packaging', 'python3', ['-c', 'import packaging.version']))('packaging.version', () => {
  it('agrees on 60,000 pairs', () => {
    const pairs = samplePairs(pairsOf(pep440Pieces, pep440Anywhere), 60_000);
    expectAnswers('pep440', pairs, answersOf('python3', ['-c', python], pairs));
  });
});

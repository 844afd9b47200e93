// Portage's own comparison is the judge, also of what is a version.
import { describe, it } from 'vitest';
import { ebuildAnywhere, ebuildPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, fetchedJudge, hasTool } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const script = `
import sys
from portage.versions import vercmp, ver_regexp
for line in sys.stdin:
    a, b = line.rstrip('\\n').split('\\t')
    if not (ver_regexp.match(a) and ver_regexp.match(b)):
        print('error')
        continue
    order = vercmp(a, b)
    print('error' if order is None else (order > 0) - (order < 0))
`;

const python = fetchedJudge('python/bin/python3') ?? 'python3';

describe.skipIf(!hasTool('Portage', python, ['-c', 'import portage.versions']))('portage.versions.vercmp', () => {
  it('agrees on 30,000 pairs', () => {
    const pairs = samplePairs(pairsOf(ebuildPieces, ebuildAnywhere), 30_000);
    expectAnswers('ebuild', pairs, answersOf(python, ['-c', script], pairs));
  });
});

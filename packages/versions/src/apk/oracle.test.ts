// apk's own order is the judge on machines that have it.
import { describe, it } from 'vitest';
import { apkMiddle, apkPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, hasTool } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const shell = `while IFS="\t" read -r a b; do
  case "$(apk version -t "$a" "$b")" in '<') echo -1;; '>') echo 1;; '=') echo 0;; *) echo error;; esac
done 2>/dev/null`;

describe.skipIf(!hasTool('apk', 'apk', ['--version']))('apk version -t', () => {
  it('agrees on 2,000 pairs, one process each', () => {
    const pairs = samplePairs(pairsOf(apkPieces, apkMiddle), 2000);
    expectAnswers('apk', pairs, answersOf('sh', ['-c', shell], pairs), { lenient: true });
  });
});

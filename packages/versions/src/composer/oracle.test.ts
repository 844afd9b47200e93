// Composer's own library is the judge: it normalises and compares.
import { describe, it } from 'vitest';
import { composerAnywhere, composerPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, hasTool } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const library = '/usr/share/php/Composer/Semver/autoload.php';
// Named branches have no order.
const php = `
require '${library}';
$parser = new Composer\\Semver\\VersionParser();
while (($line = fgets(STDIN)) !== false) {
  [$a, $b] = explode("\t", rtrim($line, "\n"));
  try {
    [$a, $b] = [$parser->normalize($a), $parser->normalize($b)];
    $named = str_starts_with($a, 'dev-') || str_starts_with($b, 'dev-');
    $less = Composer\\Semver\\Comparator::lessThan($a, $b);
    echo $named ? 'error' : ($less ? -1 : (int) Composer\\Semver\\Comparator::greaterThan($a, $b)), "\n";
  } catch (UnexpectedValueException $e) {
    echo "error\n";
  }
}`;

describe.skipIf(!hasTool('composer', 'php', ['-r', `require '${library}';`]))('composer/semver', () => {
  it('agrees on 60,000 pairs, of which it takes 25,000', () => {
    const pairs = samplePairs(pairsOf(composerPieces, composerAnywhere), 60_000);
    // Composer 2.6 takes a date with one more number than 2.5.
    expectAnswers('composer', pairs, answersOf('php', ['-r', php], pairs), { lenient: true, valid: 25_000 });
  });
});

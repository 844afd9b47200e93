// dpkg's own order is the judge: its Perl library over many pairs, its program over the numbers Perl cannot hold.
import { describe, it } from 'vitest';
import { debAnywhere, debPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, hasTool } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const perl = `
use Dpkg::Version;
while (<STDIN>) {
  chomp; my ($a, $b) = split /\\t/, $_, -1;
  my $answer = eval { version_compare($a, $b) };
  print defined $answer ? $answer : 'error', "\\n";
}`;

const shell = `while IFS="\t" read -r a b; do
  if dpkg --compare-versions "$a" lt "$b"; then echo -1
  elif dpkg --compare-versions "$a" gt "$b"; then echo 1
  elif dpkg --compare-versions "$a" eq "$b"; then echo 0
  else echo error; fi
done 2>/dev/null`;

describe.skipIf(!hasTool('libdpkg-perl', 'perl', ['-MDpkg::Version', '-e', '1']))('Dpkg::Version', () => {
  it('agrees on 25,000 pairs', () => {
    // The library takes an empty upstream version where the program does not.
    const pairs = samplePairs(
      pairsOf(debPieces, debAnywhere).filter(([a, b]) => !/:($|-[^-]*$)/.test(a) && !/:($|-[^-]*$)/.test(b)),
      25_000,
    );
    expectAnswers('deb', pairs, answersOf('perl', ['-e', perl], pairs), { lenient: true });
  });
});

describe.skipIf(!hasTool('dpkg', 'dpkg', ['--version']))('dpkg --compare-versions', () => {
  it('agrees on 400 pairs with numbers beyond 64 bits', () => {
    const huge = ['99999999999999999999', '100000000000000000000', '0099999999999999999999', ...debAnywhere];
    const pairs = samplePairs(pairsOf(debPieces, huge), 400);
    expectAnswers('deb', pairs, answersOf('sh', ['-c', shell], pairs), { valid: 250 });
  });
});

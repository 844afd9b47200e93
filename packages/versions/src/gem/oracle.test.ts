// RubyGems itself is the judge, also of what is a version.
import { describe, it } from 'vitest';
import { gemAnywhere, gemPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, hasTool } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const ruby = `
STDIN.each_line(chomp: true) do |line|
  a, b = line.split("\t", -1)
  valid = Gem::Version.correct?(a) && Gem::Version.correct?(b)
  puts valid ? (Gem::Version.new(a) <=> Gem::Version.new(b)) : 'error'
end`;

describe.skipIf(!hasTool('ruby', 'ruby', ['-e', 'Gem::Version']))('Gem::Version', () => {
  it('agrees on 60,000 pairs', () => {
    const pairs = samplePairs(pairsOf(gemPieces, gemAnywhere), 60_000);
    expectAnswers('gem', pairs, answersOf('ruby', ['-e', ruby], pairs), { valid: 50_000 });
  });
});

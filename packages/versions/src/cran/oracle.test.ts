// R is the judge, also of what is a version.
import { describe, it } from 'vitest';
import { cranPieces, numbersAnywhere } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, hasTool } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const program = `
lines <- strsplit(readLines('stdin'), '\\t', fixed = TRUE)
a <- numeric_version(vapply(lines, '[', '', 1), strict = FALSE)
b <- numeric_version(vapply(lines, '[', '', 2), strict = FALSE)
order <- (a > b) - (a < b)
writeLines(ifelse(is.na(order), 'error', as.character(order)))`;

describe.skipIf(!hasTool('R', 'Rscript', ['--version']))('numeric_version', () => {
  it('agrees on 40,000 pairs', () => {
    const pairs = samplePairs(pairsOf(cranPieces, numbersAnywhere), 40_000);
    const answers = answersOf('Rscript', ['--vanilla', '-e', program], pairs);
    expectAnswers('cran', pairs, answers, { valid: 30_000 });
  });
});

// Haskell's Data.Version is the judge, run by Hugs, which is small.
import { describe, it } from 'vitest';
import { numbersAnywhere, numbersPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, hasTool, scriptFile } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const haskell = String.raw`
import Data.Version
import Text.ParserCombinators.ReadP

parse :: String -> Maybe Version
parse text = case [v | (v, "") <- readP_to_S parseVersion text, null (versionTags v)] of { [v] -> Just v; _ -> Nothing }

judge :: String -> String
judge line = let (a, rest) = break (== '\t') line in case (parse a, parse (drop 1 rest)) of
  (Just x, Just y) -> show (fromEnum (compare x y) - 1)
  _ -> "error"

main :: IO ()
main = getContents >>= mapM_ (putStrLn . judge) . lines
`;

describe.skipIf(!hasTool('hugs', 'sh', ['-c', 'command -v runhugs']))('Data.Version', () => {
  it('agrees on 25,000 pairs', () => {
    const pairs = samplePairs(pairsOf(numbersPieces, numbersAnywhere), 25_000);
    const answers = answersOf('runhugs', ['-98', scriptFile('Judge.hs', haskell)], pairs);
    expectAnswers('hackage', pairs, answers);
  }, 1_800_000);
});

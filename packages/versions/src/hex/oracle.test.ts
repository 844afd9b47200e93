// Elixir is the judge.
import { describe, it } from 'vitest';
import { semverAnywhere, semverPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, hasTool } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const elixir = `
IO.stream(:stdio, :line) |> Enum.each(fn line ->
  [a, b] = line |> String.trim_trailing("\\n") |> String.split("\\t")
  answer = case {Version.parse(a), Version.parse(b)} do
    {{:ok, x}, {:ok, y}} -> %{lt: -1, eq: 0, gt: 1}[Version.compare(x, y)]
    _ -> "error"
  end
  IO.puts(answer)
end)`;

describe.skipIf(!hasTool('elixir', 'elixir', ['--version']))('Version.compare', () => {
  it('agrees on 40,000 pairs', () => {
    const pairs = samplePairs(pairsOf(semverPieces, semverAnywhere), 40_000);
    const answers = answersOf('elixir', ['-e', elixir], pairs);
    // Two numbers are a version for us.
    expectAnswers('hex', pairs, answers, { lenient: true, valid: 25_000 });
  });
});

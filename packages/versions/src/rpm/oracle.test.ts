// rpm's own order is the judge, asked through its Lua interpreter.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { rpmAnywhere, rpmPieces } from '../testing/arbitraries.ts';
import { answersOf, expectAnswers, hasTool } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

const lua = `for line in io.stdin:lines() do
  local a, b = line:match('^([^\\t]*)\\t([^\\t]*)$')
  local ok, answer = pcall(rpm.vercmp, a, b)
  io.stdout:write(ok and string.format('%d', answer) or 'error', '\\n')
end`;

describe.skipIf(!hasTool('rpm', 'rpm', ['--version']))('rpm.vercmp', () => {
  it('agrees on 25,000 pairs of epoch, version and release', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plombe-rpm-'));
    try {
      const script = join(folder, 'compare.lua');
      writeFileSync(script, lua);
      // rpm compares text without any letter or digit too; we say it is no version.
      const sample = pairsOf(rpmPieces, rpmAnywhere).filter((pair) => pair.every((text) => /[a-z0-9]/i.test(text)));
      const pairs = samplePairs(sample, 25_000);
      const answers = answersOf('rpm', ['--eval', `%{lua: dofile('${script}')}`], pairs);
      expectAnswers('rpm', pairs, answers);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

// npm's own comparison is the judge, taken from the npm that is installed here.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { describe, it } from 'vitest';
import { semverAnywhere, semverPieces } from '../testing/arbitraries.ts';
import { expectAnswers, type Answer } from '../testing/oracle.ts';
import { pairsOf, samplePairs } from '../testing/pairs.ts';

interface NpmSemver {
  valid(text: string): string | null;
  compare(a: string, b: string): -1 | 0 | 1;
}

const npm = loadNpmSemver();
if (npm === undefined) console.warn('SKIPPED: npm is not on this machine, its order was not compared');

describe.skipIf(npm === undefined)('npm', () => {
  it('agrees on 50,000 pairs', () => {
    const pairs = samplePairs(pairsOf(semverPieces, semverAnywhere), 50_000);
    const answers = pairs.map(([a, b]): Answer => {
      const judge = npm as NpmSemver;
      return judge.valid(a) === null || judge.valid(b) === null ? undefined : judge.compare(a, b);
    });
    expectAnswers('semver', pairs, answers, { lenient: true });
  });
});

function loadNpmSemver(): NpmSemver | undefined {
  const program = spawnSync('sh', ['-c', 'realpath "$(command -v npm)"'], { encoding: 'utf8' }).stdout.trim();
  try {
    return createRequire(program)('semver') as NpmSemver;
  } catch {
    return undefined;
  }
}

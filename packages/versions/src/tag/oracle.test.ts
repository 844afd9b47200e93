// git sorts tags by itself (`--sort=version:refname`): it is the judge of what it orders as we do, numbers and words for which it is told the place.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasTool } from '../testing/oracle.ts';
import { compareVersions } from '../schemes.ts';

/** Git reads a number with a zero in front as a fraction, and takes `1.0` and `1.0.0` for two: tags have no such numbers, and all have as many. */
const number = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 99, max: 101 }), fc.nat(999_999));
const words = ['-dev', '-alpha', '-beta', '-milestone', '-rc'];
const released = fc.tuple(number, number, number, number).map((numbers) => `v${numbers.join('.')}`);
const calendar = fc
  .tuple(fc.integer({ min: 1999, max: 2031 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }), number)
  .map((numbers) => `v${numbers.join('.')}`);
const before = fc.tuple(released, fc.constantFrom(...words), fc.integer({ min: 1, max: 120 }));
const tags = fc.oneof(
  released,
  calendar,
  before.map(([release, word, count]) => `${release}${word}.${count}`),
);

/** The tags as git lists them. */
function listed(names: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-tags-'));
  const git = (args: readonly string[], input = ''): string =>
    spawnSync('git', ['-C', folder, ...args], {
      input,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '' },
    }).stdout.trim();
  try {
    git(['init', '-q', '--bare', '.']);
    const object = git(['hash-object', '-w', '--stdin', '-t', 'blob']);
    writeFileSync(
      join(folder, 'packed-refs'),
      names
        .map((name) => `${object} refs/tags/${name}\n`)
        .sort()
        .join(''),
    );
    const suffixes = words.flatMap((word) => ['-c', `versionsort.suffix=${word}`]);
    return git([...suffixes, 'tag', '--sort=version:refname']).split('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it.skipIf(!hasTool('git', 'git', ['--version']))('git agrees on the 79,800 pairs of 400 tags', () => {
  const drawn = fc.sample(tags, { numRuns: 420, seed: 20_260_301 });
  // Neighbours are where orders differ: each tag once more as a release and with each word.
  const near = drawn
    .slice(0, 60)
    .flatMap((tag) => [tag.replace(/-.*/, ''), ...words.map((word) => `${tag.replace(/-.*/, '')}${word}.9`)]);
  const names = [...new Set([...near, ...drawn])].slice(0, 400);
  const order = listed(names);
  expect([...order].sort()).toEqual([...names].sort());
  const disputed = order.flatMap((a, index) =>
    order
      .slice(index + 1)
      .filter((b) => compareVersions('tag', a, b) !== -1)
      .map((b) => [a, b]),
  );
  expect(disputed).toEqual([]);
});

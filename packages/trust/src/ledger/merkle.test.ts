import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditPath, CompactRange, consistencyPath, coverOf, leafHash, nodeHash, type Span } from './merkle.ts';
import { InclusionChecker } from './paths.ts';

/** RFC 6962, 2.1, word for word. */
function treeHash(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return createHash('sha256').digest();
  if (leaves.length === 1)
    return createHash('sha256')
      .update('\0')
      .update(leaves[0] as Buffer)
      .digest();
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return createHash('sha256')
    .update('\u0001')
    .update(treeHash(leaves.slice(0, k)))
    .update(treeHash(leaves.slice(k)))
    .digest();
}

const leavesOf = (count: number): readonly Buffer[] =>
  Array.from({ length: count }, (_, i) => Buffer.from(`leaf ${i}`));
const hashesOf = (leaves: readonly Buffer[], spans: readonly Span[]): readonly Buffer[] =>
  spans.map(({ from, to }) => treeHash(leaves.slice(from, to)));

describe('trees', () => {
  test('a range grows to the tree of RFC 6962', () => {
    const leaves = leavesOf(70);
    const range = new CompactRange();
    expect(range.root().toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    for (const [i, leaf] of leaves.entries()) {
      range.append(leafHash(leaf));
      expect(range.root()).toEqual(treeHash(leaves.slice(0, i + 1)));
    }
  });

  test.each([
    [0, 7, ['2:0', '1:2', '0:6']],
    [3, 8, ['0:3', '2:1']],
    [4, 4, []],
    [5, 13, ['0:5', '1:3', '2:2', '0:12']],
  ])('leaves %i to %i are covered by %j', (from, to, parts) => {
    expect(coverOf(from, to).map(({ level, index }) => `${level}:${index}`)).toEqual(parts);
  });

  test('covering subtrees give the root, wherever the tree is split', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.array(fc.nat(200)), (size, splits) => {
        const leaves = leavesOf(size);
        const bounds = [...new Set([0, ...splits.filter((one) => one < size), size])].sort((a, b) => a - b);
        const range = new CompactRange();
        for (const [i, to] of bounds.slice(1).entries()) {
          for (const { level, index } of coverOf(bounds[i] as number, to)) {
            range.append(treeHash(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)), level);
          }
          expect(range.root()).toEqual(treeHash(leaves.slice(0, to)));
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** RFC 9162, 2.1.4.2. */
function provesConsistency(
  first: number,
  second: number,
  proof: readonly Buffer[],
  roots: readonly [Buffer, Buffer],
): boolean {
  const path = (first & (first - 1)) === 0 ? [roots[0], ...proof] : proof;
  let [fn, sn] = [first - 1, second - 1];
  while (fn % 2 === 1) [fn, sn] = [fn >> 1, sn >> 1];
  let [fr, sr] = [path[0] as Buffer, path[0] as Buffer];
  for (const c of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else sr = nodeHash(sr, c);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return fr.equals(roots[0]) && sr.equals(roots[1]) && sn === 0;
}

describe('proofs', () => {
  test('consistency proofs of all sizes to 40 hold by RFC 9162', () => {
    const leaves = leavesOf(40);
    for (let second = 2; second <= 40; second++) {
      for (let first = 1; first < second; first++) {
        const proof = hashesOf(leaves.slice(0, second), consistencyPath(first, second));
        const roots = [treeHash(leaves.slice(0, first)), treeHash(leaves.slice(0, second))] as const;
        expect(provesConsistency(first, second, proof, roots)).toBe(true);
      }
    }
  });

  test('inclusion proofs hold in any order, and no other leaf, index or path does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.array(fc.nat(89), { minLength: 1, maxLength: 40 }),
        fc.nat(1000),
        (size, wanted, chance) => {
          const leaves = leavesOf(size);
          const checker = new InclusionChecker(size, treeHash(leaves));
          for (const index of wanted.map((one) => one % size)) {
            const leaf = leafHash(leaves[index] as Buffer);
            const path = hashesOf(leaves, auditPath(index, size)).map((hash) => hash.toString('base64'));
            expect(checker.holds(index, leaf, path)).toBe(true);
            expect(checker.holds(index, leafHash(Buffer.from('another')), path)).toBe(false);
            expect(checker.holds((index + 1) % (size + 1), leaf, path)).toBe(false);
            if (path.length === 0) continue;
            const at = chance % path.length;
            expect(checker.holds(index, leaf, path.with(at, leaf.toString('base64')))).toBe(false);
            expect(checker.holds(index, leaf, path.toSpliced(at, 1))).toBe(false);
            expect(checker.holds(index, leaf, path.with(at, (path[at] as string).replace('=', '')))).toBe(false);
            expect(checker.holds(index, leaf, [...path, path[0] as string])).toBe(false);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

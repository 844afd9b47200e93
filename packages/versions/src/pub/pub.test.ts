// Pub's order: vectors, a plain second implementation as judge (Dart cannot be had from a package registry), the contract of every scheme.
import { describe, expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { pubAnywhere, pubPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { expectAnswers, type Answer } from '../testing/oracle.ts';
import { pairsOf, samplePairs, versionsOf } from '../testing/pairs.ts';
import { pub } from './index.ts';

it('orders pre-releases before, builds after the version', () => {
  const ascending = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0-rc.1+build.1',
    '1.0.0',
    '1.0.0+0.3.7',
    '1.3.7+build',
    '1.3.7+build.2.b8f12d7',
    '1.3.7+build.11.e0f985a',
    '2.0.0',
    '2.1.0',
    '2.2.0',
    '2.11.0',
    '2.11.1',
  ];
  const sorted = [...ascending].reverse().sort((a, b) => compareVersions('pub', a, b) ?? Number.NaN);
  expect(sorted).toEqual(ascending);
});

it.each([
  ['01.2.03', '1.2.3', 0],
  ['1.2.3-01.dev', '1.2.3-1.dev', 0],
  ['1.2', '1.2.0', 0],
  ['3.0.12+1', '3.0.12+0', 1],
  ['1.1.1+10', '1.1.1+9', 1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('pub', a, b)).toBe(order);
});

it.each(['', 'v1.0.0', '1.2.3.4', '1.0.0-', '1.0.0+', '1.0.0-a..b', '1.0.0+a_b', '1.x', '^1.0.0', '-1', '１.0.0'])(
  '%j is no version',
  (text) => {
    expect(pub.parse(text)).toBeUndefined();
  },
);

describe('the published rules, written plainly', () => {
  it('agree on 40,000 pairs', () => {
    const pairs = samplePairs(pairsOf(pubPieces, pubAnywhere), 40_000);
    expectAnswers(
      'pub',
      pairs,
      pairs.map(([a, b]) => plainOrder(a, b)),
      { lenient: true, valid: 25_000 },
    );
  });
});

const shape = /^(\d+)\.(\d+)\.(\d+)(?:-([\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*))?(?:\+([\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*))?$/;

function plainOrder(a: string, b: string): Answer {
  const [left, right] = [shape.exec(a), shape.exec(b)];
  if (left === null || right === null) return undefined;
  for (const at of [1, 2, 3]) {
    const order = Math.sign(Number(left[at]) - Number(right[at])) as -1 | 0 | 1;
    if (order !== 0) return order;
  }
  if ((left[4] === undefined) !== (right[4] === undefined)) return left[4] === undefined ? 1 : -1;
  const order = plainIdentifiers(left[4], right[4]);
  return order === 0 ? plainIdentifiers(left[5], right[5]) : order;
}

function plainIdentifiers(a = '', b = ''): -1 | 0 | 1 {
  const [left, right] = [a, b].map((text) => (text === '' ? [] : text.split('.'))) as [string[], string[]];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [x, y] = [left[at], right[at]];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    const [isNumber, isOther] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (isNumber !== isOther) return isNumber ? -1 : 1;
    if (isNumber && Number(x) !== Number(y)) return Number(x) < Number(y) ? -1 : 1;
    if (!isNumber && x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

schemeContract(pub, versionsOf(pubPieces), [
  (size) => `1.0.0-${'1.'.repeat(size / 2)}1`,
  (size) => `1.0.0+${'a'.repeat(size)}`,
  (size) => `${'9'.repeat(size)}.0.0`,
]);

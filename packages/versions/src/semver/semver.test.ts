// Semantic versions: the standard's own examples, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { semverPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { semver } from './index.ts';

it('orders the examples of section 11', () => {
  const ascending = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '2.0.0',
    '2.1.0',
    '2.1.1',
    '2.1.10',
    '2.10.0',
    '10.0.0',
  ];
  const sorted = [...ascending].reverse().sort((a, b) => compareVersions('semver', a, b) ?? Number.NaN);
  expect(sorted).toEqual(ascending);
});

it.each([
  ['1.0.0+a', '1.0.0+b', 0],
  ['1.0.0-rc.1+build', '1.0.0-rc.1', 0],
  ['v1.2.3', '=1.2.3', 0],
  ['1.2', '1.2.0', 0],
  ['1', '1.0.0', 0],
  ['2021.03.04', '2021.3.4', 0],
  ['1.0.0-1', '1.0.0-a', -1],
  ['1.0.0--', '1.0.0-a', -1],
  ['1.0.0-9007199254740993', '1.0.0-9007199254740992', 1],
  ['99999999999999999999.0.0', '100000000000000000000.0.0', -1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('semver', a, b)).toBe(order);
});

it.each([
  '',
  'v',
  '1.2.3.4',
  '1.0.0-',
  '1.0.0-01',
  '1.0.0-a..b',
  '1.0.0+',
  '1.0.0+a_b',
  '1.0.x',
  'vv1',
  '-1.0.0',
  '1.-1.0',
  '１.0.0',
])('%j is no version', (text) => {
  expect(semver.parse(text)).toBeUndefined();
});

schemeContract(semver, versionsOf(semverPieces), [
  (size) => `1.0.0-${'1.'.repeat(size / 2)}1`,
  (size) => `1.0.0-${'a'.repeat(size)}`,
  (size) => `${'9'.repeat(size)}.0.0`,
  (size) => `1.0.0+${'a.'.repeat(size / 2)}`,
]);

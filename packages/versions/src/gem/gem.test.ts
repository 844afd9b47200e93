// RubyGems' order: vectors of its guides, zeros beside letters, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { gemPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { gem } from './index.ts';

it.each([
  ['1', '1.0', 0],
  ['1', '1.0.0', 0],
  ['1.0.a', '1.a', 0],
  ['1.0.0.pre', '1.0.0', -1],
  ['1.0.0.rc1', '1.0.0.rc.1', 0],
  ['1.0.0-rc1', '1.0.0.pre.rc1', 0],
  ['1.0.0-rc1', '1.0.0.beta', 1],
  ['1.a', '1.b', -1],
  ['1.A', '1.a', -1],
  ['1.a.b', '1.a', -1],
  ['1.a.0.b', '1.a', -1],
  ['1.a.b', '1.a.0.b', -1],
  ['1.a.0.1', '1.a', 1],
  ['1.a.0.0.1', '1.a.0.1', -1],
  ['1.a.1', '1.a.0.1', 1],
  ['1.9', '1.10', -1],
  ['1.01', '1.1', 0],
  ['2.0.0.beta9', '2.0.0.beta10', -1],
  ['7.0.8.1', '7.0.8', 1],
  ['1.3.a', '1.3.0.pre', -1],
  ['1', '18446744073709551617', -1],
  ['4.2.11.1', '4.2.11', 1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('gem', a, b)).toBe(order);
  expect(compareVersions('gem', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each(['', 'a', '1.', '1..2', '.1', '1-', '1.-1', '1a', '1.0+b', 'v1', '1_2', '1 2', '１', '-1', '1-.a'])(
  '%j is no version',
  (text) => {
    expect(gem.parse(text)).toBeUndefined();
  },
);

schemeContract(gem, versionsOf(gemPieces), [
  (size) => `1${'.1'.repeat(size / 2)}`,
  (size) => `1${'.0'.repeat(size / 2)}`,
  (size) => `1.a${'.0'.repeat(size / 2)}.b`,
  (size) => '9'.repeat(size),
  (size) => `1-${'a-'.repeat(size / 2)}`,
  (size) => `1${'.a0'.repeat(size / 3)}`,
]);

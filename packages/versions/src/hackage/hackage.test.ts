// The order of Haskell's versions: vectors, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { numbersPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { hackage } from './index.ts';

it.each([
  ['1.0', '1.0.0', -1],
  ['1', '1.0', -1],
  ['1.2', '1.10', -1],
  ['0.9.9', '1', -1],
  ['2.1.0.1', '2.1', 1],
  ['1.01', '1.1', 0],
  ['1', '18446744073709551617', -1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('hackage', a, b)).toBe(order);
  expect(compareVersions('hackage', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each(['', '1.', '.1', '1..2', '1-2', '1.0a', '1.0-beta', 'v1', '-1', '1.٢'])('%j is no version', (text) => {
  expect(hackage.parse(text)).toBeUndefined();
});

schemeContract(hackage, versionsOf(numbersPieces), [
  (size) => `1${'.1'.repeat(size / 2)}`,
  (size) => `1${'.0'.repeat(size / 2)}`,
  (size) => '9'.repeat(size),
]);

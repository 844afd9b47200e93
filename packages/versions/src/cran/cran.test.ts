// R's order: vectors, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { cranPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { cran } from './index.ts';

it.each([
  ['1.0', '1.0.0', 0],
  ['1.0-1', '1.0.1', 0],
  ['1.2-3', '1.2-10', -1],
  ['0.9', '0.10', -1],
  ['1.01', '1.1', 0],
  ['1', '1.0', 0],
  ['1.0.0.9000', '1.0.0', 1],
  ['1.7-3.1', '1.7-3', 1],
  ['1', '18446744073709551617', -1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('cran', a, b)).toBe(order);
  expect(compareVersions('cran', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each(['', '1.', '.1', '1..2', '1-', '1.0a', '1_2', 'v1', '-1', '1.٢'])('%j is no version', (text) => {
  expect(cran.parse(text)).toBeUndefined();
});

schemeContract(cran, versionsOf(cranPieces), [
  (size) => `1${'.1'.repeat(size / 2)}`,
  (size) => `1${'.0'.repeat(size / 2)}`,
  (size) => '9'.repeat(size),
]);

// Hex' order: vectors of Elixir's Version, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { semverPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { hex } from './index.ts';

it.each([
  ['1.0.0', '1.0.0+build', 0],
  ['1.0.0-rc.1', '1.0.0', -1],
  ['1.0.0-rc.2', '1.0.0-rc.10', -1],
  ['1.0.0-1', '1.0.0-a', -1],
  ['1.0.0-a', '1.0.0-a.1', -1],
  ['1.10.0', '1.9.0', 1],
  ['1.7', '1.7.0', 0],
  ['2', '1.99.99', 1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('hex', a, b)).toBe(order);
  expect(compareVersions('hex', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each(['', 'v1.0.0', '01.0.0', '1.0.0.0', '1.0.0-01', '1.0.0-', '~> 1.0', '-1', '１.0.0'])(
  '%j is no version',
  (text) => {
    expect(hex.parse(text)).toBeUndefined();
  },
);

schemeContract(hex, versionsOf(semverPieces), [
  (size) => `1.0.0-${'1.'.repeat(size / 2)}1`,
  (size) => `1.0.0-${'a'.repeat(size)}`,
  (size) => `${'9'.repeat(size)}.0.0`,
]);

// Debian's order: vectors from the policy manual, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { debPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { deb } from './index.ts';

it.each([
  ['1.0', '1.0', 0],
  ['1.0', '0:1.0-0', 0],
  ['1.0', '1.0-1', -1],
  ['1.0~~', '1.0~~a', -1],
  ['1.0~~a', '1.0~', -1],
  ['1.0~', '1.0', -1],
  ['1.0', '1.0a', -1],
  ['1.0a', '1.0+', -1],
  ['1:0.1', '9.9', 1],
  ['1.09', '1.9', 0],
  ['1.10', '1.9', 1],
  ['2.36-9+deb12u4', '2.36-9+deb12u10', -1],
  ['2.36-9+deb12u4', '2.36-9', 1],
  ['1.2.3-1~bpo12+1', '1.2.3-1', -1],
  ['1.2-3-4', '1.2-3', 1],
  ['1.0-1+b1', '1.0-1', 1],
  ['7.88.1-10', '7.88.1-9', 1],
  ['1.2a', '1.2a0', 0],
  ['1', '18446744073709551617', -1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('deb', a, b)).toBe(order);
  expect(compareVersions('deb', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each(['', '1.0-', ':1', 'a:1', '1:', '1:-1', '-1', '1.0 2', '1.0_2', '2147483648:1', '１.0'])(
  '%j is no version',
  (text) => {
    expect(deb.parse(text)).toBeUndefined();
  },
);

schemeContract(deb, versionsOf(debPieces), [
  (size) => `1${'.1'.repeat(size / 2)}`,
  (size) => `1${'~'.repeat(size)}`,
  (size) => '9'.repeat(size),
  (size) => '1-'.repeat(size / 2),
]);

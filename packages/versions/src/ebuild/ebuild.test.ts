// Gentoo's order: vectors by the specification, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { ebuildPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { ebuild } from './index.ts';

it.each([
  ['1.0', '1', 1],
  ['1.0', '1.00', 0],
  ['1.01', '1.1', -1],
  ['1.010', '1.01', 0],
  ['1.02', '1.1', -1],
  ['01', '1', 0],
  ['1.9', '1.10', -1],
  ['1a', '1', 1],
  ['1a', '1b', -1],
  ['1a', '1.1', -1],
  ['1_alpha', '1_beta', -1],
  ['1_pre2', '1_rc', -1],
  ['1_rc1', '1', -1],
  ['1_p', '1', 1],
  ['1_p0', '1_p', 0],
  ['1_alpha_p1', '1_alpha', 1],
  ['1_alpha_beta', '1_alpha', -1],
  ['1.0-r0', '1.0', 0],
  ['1.0-r1', '1.0', 1],
  ['1.0-r10', '1.0-r9', 1],
  ['3.0.15-r1', '3.0.16', -1],
  ['1', '18446744073709551617', -1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('ebuild', a, b)).toBe(order);
  expect(compareVersions('ebuild', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each([
  '',
  'a',
  '1.',
  '.1',
  '1..2',
  '1-1',
  '1_',
  '1_foo',
  '1ab',
  '1A',
  '1-r',
  '1-r1a',
  '1_p1a',
  'cvs.1',
  '1.1 2',
  '１',
])('%j is no version', (text) => {
  expect(ebuild.parse(text)).toBeUndefined();
});

schemeContract(ebuild, versionsOf(ebuildPieces), [
  (size) => `1${'.1'.repeat(size / 2)}`,
  (size) => `1.${'0'.repeat(size)}`,
  (size) => '9'.repeat(size),
  (size) => `1${'_p1'.repeat(size / 3)}`,
]);

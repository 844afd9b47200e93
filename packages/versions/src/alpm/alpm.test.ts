// pacman's order: the vectors of vercmp(8), the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { alpmPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { alpm } from './index.ts';

it('has the order of the manual page', () => {
  const ordered = ['1.0a', '1.0b', '1.0beta', '1.0p', '1.0pre', '1.0rc', '1.0', '1.0.a', '1.0.1'];
  for (const [index, version] of ordered.slice(1).entries())
    expect(compareVersions('alpm', ordered[index] as string, version)).toBe(-1);
});

it.each([
  ['1', '1.0', -1],
  ['1.0', '1.1', -1],
  ['1.1.1', '1.2', -1],
  ['2.4-1', '1:1.0-1', -1],
  ['0:1.0-1', '1.0-1', 0],
  ['1.0-1', '1.0-2', -1],
  ['1.0-1', '1.0-1.1', -1],
  ['1.0', '1.0-1', -1],
  ['1.05', '1.5', 0],
  ['1_0', '1.0', 0],
  ['1..0', '1.0', 1],
  ['1.0a1', '1.0a.1', -1],
  ['6.12.9.arch1-1', '6.12.10.arch1-1', -1],
  ['1.0.r5.gabcdef0-1', '1.0.r10.gabcdef0-1', -1],
  ['1', '18446744073709551617', -1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('alpm', a, b)).toBe(order);
  expect(compareVersions('alpm', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each(['', '-', '.', '1.0 2', '1.\u0660'])('%j is no version', (text) => {
  expect(alpm.parse(text)).toBeUndefined();
});

schemeContract(alpm, versionsOf(alpmPieces), [
  (size) => `1${'.1'.repeat(size / 2)}`,
  (size) => `1${'.'.repeat(size)}1`,
  (size) => '9'.repeat(size),
  (size) => '1a'.repeat(size / 2),
]);

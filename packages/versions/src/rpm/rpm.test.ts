// rpm's order: vectors, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { rpmPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { rpm } from './index.ts';

it.each([
  ['1.0', '1.0', 0],
  ['1.0', '2.0', -1],
  ['2.0.1a', '2.0.1', 1],
  ['5.5p10', '5.5p1', 1],
  ['10xyz', '10.1xyz', -1],
  ['xyz10', 'xyz10.1', -1],
  ['xyz.4', '8', -1],
  ['1.05', '1.5', 0],
  ['1..0', '1_0', 0],
  ['1.0~rc1', '1.0', -1],
  ['1.0~rc1~git123', '1.0~rc1', -1],
  ['1.0^', '1.0', 1],
  ['1.0^git1', '1.01', -1],
  ['1.0^20160101', '1.0.1', -1],
  ['1.0~rc1^git1', '1.0~rc1', 1],
  ['1.0^git1~pre', '1.0^git1', -1],
  ['1:1.0-1', '2.0-1', 1],
  ['0:1.0-1', '1.0-1', 0],
  ['1.0', '1.0-1', -1],
  ['1.20.10-1.cm2', '0: 1.20.10-1.cm2', 0],
  ['3.0.7-28.el9_4', '3.0.7-27.el9', 1],
  ['1.1.1k-12.el8_9', '1.1.1k-9.el8_7', 1],
  ['1', '18446744073709551617', -1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('rpm', a, b)).toBe(order);
  expect(compareVersions('rpm', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each(['', '-', '~', '1.0 2', '1.\u0660'])('%j is no version', (text) => {
  expect(rpm.parse(text)).toBeUndefined();
});

schemeContract(rpm, versionsOf(rpmPieces), [
  (size) => `1${'.1'.repeat(size / 2)}`,
  (size) => `1${'~'.repeat(size)}`,
  (size) => '9'.repeat(size),
  (size) => '1a'.repeat(size / 2),
]);

// Alpine's order: vectors, real versions in the order they were released, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { apkPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { apk } from './index.ts';

it.each([
  ['1.0', '1.0', 0],
  ['1.0-r0', '1.0', 1],
  ['1.0-r1', '1.0-r0', 1],
  ['1.0-r10', '1.0-r9', 1],
  ['1.0', '1.0.0', -1],
  ['1.2', '1.10', -1],
  ['1.01', '1.1', -1],
  ['1.01', '1.010', -1],
  ['1.001', '1.01', -1],
  ['1.09', '1.010', -1],
  ['1.0', '1.00', 1],
  ['1a01', '1a1', 0],
  ['1.0-r1-r0', '1.0-r1', 1],
  ['1.0a', '1.0', 1],
  ['1.0a', '1.0b', -1],
  ['1.0a', '1.0.1', -1],
  ['1.0_alpha', '1.0_beta', -1],
  ['1.0_beta', '1.0_pre', -1],
  ['1.0_pre', '1.0_rc', -1],
  ['1.0_rc1', '1.0', -1],
  ['1.0_rc', '1.0_rc1', -1],
  ['1.0_rc2', '1.0_rc10', -1],
  ['1.0', '1.0_cvs', -1],
  ['1.0_cvs', '1.0_svn', -1],
  ['1.0_svn', '1.0_git', -1],
  ['1.0_git', '1.0_hg', -1],
  ['1.0_hg', '1.0_p', -1],
  ['9.8_p1-r3', '9.8_p1-r2', 1],
  ['1.0_p1', '1.0-r9', 1],
  ['1.0_alpha_pre2', '1.0_alpha', -1],
  ['1.0_p1_alpha', '1.0_p1', -1],
  ['6.0_rc1-r5', '6.0-r0', -1],
  ['1.1.1w-r1', '1.1.1v-r0', 1],
  ['1.1.1w-r1', '3.0.0-r0', -1],
  ['1.0~ab12', '1.0', 1],
  ['1.0~ab12-r1', '1.0~ab12', 1],
  ['20230506-r0', '20220614-r0', 1],
  ['1', '18446744073709551617', -1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('apk', a, b)).toBe(order);
  expect(compareVersions('apk', b, a)).toBe(order === 0 ? 0 : -order);
});

const released = [
  ['1.33.0-r6', '1.33.1-r0', '1.33.1-r8', '1.34.1-r7', '1.35.0-r29', '1.36.1-r15', '1.37.0-r12'],
  ['1.1.1c-r0', '1.1.1k-r0', '1.1.1q-r0', '3.0.0_beta2-r0', '3.0.5-r0', '3.0.15-r1', '3.1.0_alpha1-r0', '3.1.0-r0'],
  ['7.9_p1-r0', '8.0_p1-r0', '8.8_p1-r1', '9.3_p2-r0', '9.7_p1-r4', '9.9_p2-r0', '10.0_p1-r0'],
  ['0_git20200101-r0', '0.1_git20210101-r0', '0.1_git20210101-r1', '0.1_git20220101-r0'],
];

it.each(released)('orders releases as they came: %s …', (...versions) => {
  const sorted = [...versions].reverse().sort((a, b) => compareVersions('apk', a, b) ?? Number.NaN);
  expect(sorted).toEqual(versions);
});

it.each(['', 'a', '.1', '1.', '1..0', '1.0-', '1.0-r', '1.0-1', '1.0_', '1.0_foo', '1.0A', '1.0 ', '1.٢', 'v1', '-1'])(
  '%j is no version',
  (text) => {
    expect(apk.parse(text)).toBeUndefined();
  },
);

schemeContract(apk, versionsOf(apkPieces), [
  (size) => `1${'.1'.repeat(size / 2)}`,
  (size) => `1${'_p'.repeat(size / 2)}`,
  (size) => '9'.repeat(size),
  (size) => `1.${'0'.repeat(size)}`,
]);

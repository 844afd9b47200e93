// Maven's order: vectors of the POM reference, real versions, its circles made total, the contract of every scheme.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { mavenPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { maven } from './index.ts';

it.each([
  ['1', '1.1', -1],
  ['1-snapshot', '1', -1],
  ['1', '1-sp', -1],
  ['1-foo2', '1-foo10', -1],
  ['1.foo', '1-foo', 0],
  ['1-foo', '1-1', -1],
  ['1-1', '1.1', -1],
  ['1.ga', '1-ga', 0],
  ['1-ga', '1-0', 0],
  ['1-0', '1.0', 0],
  ['1.0', '1', 0],
  ['1-sp', '1-ga', 1],
  ['1-a1', '1-alpha-1', 0],
  ['1-b2', '1-beta-2', 0],
  ['1-m3', '1-milestone3', 0],
  ['1-a', '1', 1],
  ['1-cr1', '1-RC1', 0],
  ['1-rc', '1-rc1', -1],
  ['1.0-alpha', '1.0-beta', -1],
  ['1.0-beta', '1.0-M1', -1],
  ['1.0-M1', '1.0-RC1', -1],
  ['1.0-RC1', '1.0-SNAPSHOT', -1],
  ['1.0-SNAPSHOT', '1.0.Final', -1],
  ['1.0.0', '1', 0],
  ['1.0.RC2', '1.0-RC3', -1],
  ['1.0-RC3', '1.0.1', -1],
  ['2.0.1.MR', '2.0.1', 1],
  ['1.01', '1.1', 0],
  ['3.2.0.Final', '3.2.0.Final-redhat-1', -1],
  ['3.2.0.CR1', '3.2.0.Final-redhat-1', -1],
  ['3.2.0', '3.2.0.Final-redhat-1', -1],
  ['4.1.100.Final', '4.1.99.Final', 1],
  ['31.1-jre', '31.1-android', 1],
  ['31.1', '31.1-jre', -1],
  ['9.4.53.v20231009', '9.4.52.v20230823', 1],
  ['1.0.0.RELEASE', '1.0.0', 0],
  ['2.17.1', '2.3.2', 1],
  ['1-1', '1.0-0-rc', 1],
  ['1.foo.1', '1', 1],
  ['1.foo.1', '1-rc', 1],
  ['1-ga1', '1', 1],
  ['1-ga1', '1-ga2', -1],
  ['1-ga0', '1', 0],
  ['1-0-rc', '1-rc', 0],
  ['1--1', '1', 1],
  ['1-constructor', '1-toString', -1],
  ['1', '18446744073709551617', -1],
  ['20230101', '20221231', 1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('maven', a, b)).toBe(order);
  expect(compareVersions('maven', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each(['', '[1.0,2.0)', '(,1]', '1,2', '1 0', '١.0', '１'])('%j is no version', (text) => {
  expect(maven.parse(text)).toBeUndefined();
});

schemeContract(maven, versionsOf(mavenPieces), [
  (size) => `1${'.1'.repeat(size / 2)}`,
  (size) => `1${'-0'.repeat(size / 2)}`,
  (size) => `1${'a1'.repeat(size / 2)}`,
  (size) => '9'.repeat(size),
  (size) => `1${'-ga.x'.repeat(size / 5)}`,
]);

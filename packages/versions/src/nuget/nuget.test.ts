// NuGet's order: vectors of its documentation, labels beyond 32 bits, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { nugetPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { nuget } from './index.ts';

it.each([
  ['1', '1.0.0.0', 0],
  ['1.0', '1.0.0', 0],
  ['1.01.1', '1.1.1', 0],
  ['1.00.0.1', '1.0.0.1', 0],
  ['1.0.7.0', '1.0.7', 0],
  ['1.0.0+a', '1.0.0+b', 0],
  ['1.0.0.1', '1.0.0', 1],
  ['1.0.0.1', '1.0.1', -1],
  ['1.0.1-zzz', '1.0.1', -1],
  ['1.0.1-rc.10', '1.0.1-rc.2', 1],
  ['1.0.1-open', '1.0.1-beta', 1],
  ['1.0.1-Beta', '1.0.1-beta', 0],
  ['1.0.1-alpha2', '1.0.1-alpha10', 1],
  ['1.0.1-aaa', '1.0.1-alpha', -1],
  ['1.0.0-alpha', '1.0.0-alpha.1', -1],
  ['1.0.0-1', '1.0.0-a', -1],
  ['1.0.0--5', '1.0.0-1', -1],
  ['1.0.0--5', '1.0.0--4', -1],
  ['1.0.0-2147483647', '1.0.0-2147483648', -1],
  ['1.0.0-3000000000', '1.0.0-20000000000', 1],
  ['1.0.0-20240101123456', '1.0.0-a', -1],
  ['8.0.0-preview.7.23375.6', '8.0.0-rc.1.23419.4', -1],
  ['6.0.25', '6.0.3', 1],
  ['2147483647', '2147483646', 1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('nuget', a, b)).toBe(order);
  expect(compareVersions('nuget', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each([
  '',
  'v1',
  '1.',
  '1.2.3.4.5',
  '1.0-',
  '1.0+',
  '1.0-a..b',
  '1.0-a_b',
  '2147483648',
  '1.0 beta',
  '1.*',
  '[1.0]',
  '-1',
  '１.0',
  '1.0-ä',
])('%j is no version', (text) => {
  expect(nuget.parse(text)).toBeUndefined();
});

schemeContract(nuget, versionsOf(nugetPieces), [
  (size) => `1.0-${'a.'.repeat(size / 2)}a`,
  (size) => `1.0-${'9'.repeat(size)}`,
  (size) => '9'.repeat(size),
  (size) => `1.0+${'a.'.repeat(size / 2)}`,
]);

// Composer's order: vectors, stabilities and branches, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { composerPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { composer } from './index.ts';

it.each([
  ['1', '1.0.0.0', 0],
  ['v1.2', '1.2.0', 0],
  ['V1.2', '1.2', 0],
  ['1.0-dev', '1.0-alpha', -1],
  ['1.0-alpha', '1.0-alpha1', -1],
  ['1.0a1', '1.0-alpha.1', 0],
  ['1.0-alpha2', '1.0-beta', -1],
  ['1.0b3', '1.0-RC', -1],
  ['1.0-rc1', '1.0', -1],
  ['1.0', '1.0-p1', -1],
  ['1.0-patch1', '1.0pl1', 0],
  ['1.0-p1', '1.0.1', -1],
  ['1.0-stable', '1.0', 0],
  ['1.0-stable3', '1.0', 0],
  ['1.0-beta1-dev', '1.0-beta1', -1],
  ['1.0+build', '1.0', 0],
  ['1.x-dev', '1.99.0', 1],
  ['1.x-dev', '2.0.0-alpha1', -1],
  ['2.1.x-dev', '2.1.99999', 1],
  ['1.0@dev', '1.0', 0],
  ['1.0 as 2.0', '1.0', 0],
  ['2024-01-02', '2024.01.02', -1],
  ['1.0.', '1.0', 0],
  ['1.0-', '1.0', 0],
  ['20240102', '20240103', -1],
  ['2010.01.02.03.04', '2010.01.02.03.05', -1],
  ['5.4.0', '5.4.0.0', 0],
  ['5.4.10', '5.4.9', 1],
  ['01.2', '1.2', 0],
  ['8.0.0-rc.1', '8.0.0-rc1', 0],
  ['1.0.0.1-dev', '1.0.0.1', -1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('composer', a, b)).toBe(order);
  expect(compareVersions('composer', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each([
  '',
  'v',
  'dev-main',
  'master',
  '1.0.0.0.0',
  '1.0-foo',
  '1.0-alpha-beta',
  'x',
  '1.*',
  '1.x',
  '^1.0',
  '1.0-1-',
  '１.0',
  '-1',
])('%j is no version', (text) => {
  expect(composer.parse(text)).toBeUndefined();
});

schemeContract(composer, versionsOf(composerPieces), [
  (size) => `1.0-alpha${'.1'.repeat(size / 2)}`,
  (size) => `1.0-alpha${'1'.repeat(size)}x`,
  (size) => '9'.repeat(size),
  (size) => `1.0${'@dev'.repeat(size / 4)}`,
  (size) => `${'a'.repeat(size)} as`,
  (size) => `1.0+${'+'.repeat(size)} `,
  (size) => `${'1.'.repeat(size / 2)}x-dev`,
]);

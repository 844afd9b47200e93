// conda's order: vectors by its documentation, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { condaPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { conda } from './index.ts';

it('has the order that the documentation shows', () => {
  const ordered = [
    '0.4',
    '0.4.1.rc',
    '0.4.1',
    '0.5a1',
    '0.5b3',
    '0.5c1',
    '0.5',
    '0.9.6',
    '0.960923',
    '1.0',
    '1.1dev1',
    '1.1_',
    '1.1a1',
    '1.1',
    '1.1.post1',
    '1996.07.12',
    '1!0.4.1',
    '1!3.1.1.6',
    '2!0.4.1',
  ];
  for (const [index, version] of ordered.slice(1).entries())
    expect(compareVersions('conda', ordered[index] as string, version), `${ordered[index]} ${version}`).toBe(-1);
});

it.each([
  ['0.4', '0.4.0', 0],
  ['0.4.1.rc', '0.4.1.RC', 0],
  ['1.1.a1', '1.1.0a1', 0],
  ['1.0.1_', '1.0.1a', -1],
  ['1.0.1_', '1.0.1', -1],
  ['1.0-1', '1.0_1', 0],
  ['1.0_1', '1.0.1', 0],
  ['1.0+1', '1.0', 1],
  ['1.0+1', '1.0.0+1', 0],
  ['1.0+1.1', '1.0+1.1.0', 0],
  ['3.0.0.dev1', '3.0.0', -1],
  ['1', '18446744073709551617', -1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('conda', a, b)).toBe(order);
  expect(compareVersions('conda', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each(['', '1..2', '.1', '1.', '1!', '!1', 'a!1', '1+', '1+2+3', '1 2', '1-2_3', '1.*', '１', '_'])(
  '%j is no version',
  (text) => {
    expect(conda.parse(text)).toBeUndefined();
  },
);

schemeContract(conda, versionsOf(condaPieces), [
  (size) => `1${'.1'.repeat(size / 2)}`,
  (size) => `1${'.0'.repeat(size / 2)}`,
  (size) => '9'.repeat(size),
  (size) => `1${'a0'.repeat(size / 2)}`,
]);

// Python versions: the order of PEP 440, its spellings, the contract of every scheme, hostile versions.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { pep440Pieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { pep440 } from './index.ts';

it('orders every kind of release', () => {
  const ascending = [
    '1.dev0',
    '1.0.dev456',
    '1.0a1',
    '1.0a2.dev456',
    '1.0a12.dev456',
    '1.0a12',
    '1.0b1.dev456',
    '1.0b2',
    '1.0b2.post345.dev456',
    '1.0b2.post345',
    '1.0rc1.dev456',
    '1.0rc1',
    '1.0',
    '1.0+abc.5',
    '1.0+abc.7',
    '1.0+5',
    '1.0.post456.dev34',
    '1.0.post456',
    '1.0.15',
    '1.1.dev1',
    '2.0',
    '1!0.1',
  ];
  const sorted = [...ascending].reverse().sort((a, b) => compareVersions('pep440', a, b) ?? Number.NaN);
  expect(sorted).toEqual(ascending);
});

it.each([
  ['1.0', '1', '1.0.0', 'v1.0', ' 1.0 ', '0!1.0', '01.00'],
  ['1.0a1', '1.0-alpha-1', '1.0.ALPHA.1', '1.0_a1', '1a1'],
  ['1.0rc2', '1.0c2', '1.0.pre-2', '1.0preview2'],
  ['1.0a0', '1.0a', '1.0alpha-', '1.0a.'],
  ['1.0.post1', '1.0-1', '1.0r1', '1.0-rev.1'],
  ['1.0.dev0', '1.0dev', '1.0-dev'],
  ['1.0+a.1', '1.0+A-1', '1.0+a_01'],
  ['1.0a0.post1', '1.0apost1'],
])('spellings of %s are equal', (first, ...rest) => {
  for (const text of rest) expect([text, compareVersions('pep440', first, text)]).toEqual([text, 0]);
});

it.each([
  '',
  'v',
  '1.0.',
  '1.0-final',
  '1.0-1-1',
  '1!',
  '!1',
  '1.0+',
  '1.0+a..b',
  '1.0+\u212a',
  '١.0',
  '-1',
  '1.0a1b1',
  '1..0',
])('%j is no version', (text) => {
  expect(pep440.parse(text)).toBeUndefined();
});

schemeContract(pep440, versionsOf(pep440Pieces), [
  (size) => `1${'.0'.repeat(size / 2)}`,
  (size) => `1${'.1'.repeat(size / 2)}`,
  (size) => '9'.repeat(size),
  (size) => `1+${'a.'.repeat(size / 2)}`,
]);

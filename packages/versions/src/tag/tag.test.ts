// Tags of releases: names, separators, words, calendar versions, what is refused rather than guessed, the contract of every scheme.
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { tagPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { tag } from './index.ts';

it.each([
  ['v1.2.3', '1.2.3', 0],
  ['curl-8_5_0', '8.5.0', 0],
  ['OpenSSL_1_1_1w', '1.1.1w', 0],
  ['OpenSSL_1_1_1w', 'openssl-1.1.1v', 1],
  ['1.1.1', '1.1.1a', -1],
  ['1.1.1w', '1.1.2', -1],
  ['1.0.2zn', '1.0.2k', 1],
  ['1.0.2zn', '1.0.2za', 1],
  ['1.0.2za', '1.0.2z', 1],
  ['0.9.8zh', '0.9.8y', 1],
  ['1.1.1zd', '3.1.1', -1],
  ['1.1.1zd-rc1', '1.1.1zd', -1],
  ['v1', 'v1.0.0', 0],
  ['release/2.0', '2.0-rc.1', 1],
  ['1.0-rc1', '1.0.0', -1],
  ['1.0-rc1', '1.0rc2', -1],
  ['1.0-dev', '1.0-alpha', -1],
  ['1.0a1', '1.0b1', -1],
  ['1.0-beta.2', '1.0-beta.10', -1],
  ['9.8p1', '9.8', 1],
  ['9.8_P1', '9.8p2', -1],
  ['9.8p1', '9.8.1', -1],
  ['2024.03.1', '2024.3', 1],
  ['2024-03-04', '2024.03.04', 0],
  ['2024.10', '2024.9', 1],
  ['20240304', '20240305', -1],
  ['1.0.Final', '1.0', 0],
  ['1.0+meta', '1.0', 0],
  ['1.0.0.1', '1.0', 1],
  ['REL_15_2', 'REL_15_10', -1],
  ['llvmorg-17.0.6', '17.0.6', 0],
  ['OTP-27.3.4.2', 'OTP-27.3.4', 1],
  ['1.0-rc1.1', '1.0-rc1', 1],
  ['b4321', 'b4320', 1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('tag', a, b)).toBe(order);
  expect(compareVersions('tag', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each([
  '',
  'v',
  'main',
  '1.',
  '1..2',
  '1.0-foo',
  '1.0-2-gabcdef',
  'beta-2',
  'rc1',
  'log4j2-2.17',
  '1.0-',
  'release-',
  'feature/x',
  '-1',
  '１.0',
  'v-',
  '1.0/',
  '--1',
])('%j is no version', (text) => {
  expect(tag.parse(text)).toBeUndefined();
});

schemeContract(tag, versionsOf(tagPieces), [
  (size) => `1${'.1'.repeat(size / 2)}`,
  (size) => `1${'.0'.repeat(size / 2)}`,
  (size) => '9'.repeat(size),
  (size) => `1${'.rc1'.repeat(size / 4)}`,
  (size) => 'a-'.repeat(size / 2),
  (size) => 'a'.repeat(size),
]);

// Go's versions: modules, toolchains and both against the vulnerability database, the contract of every scheme, hostile versions.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareVersions } from '../schemes.ts';
import { goModulePieces, goToolchainPieces } from '../testing/arbitraries.ts';
import { schemeContract } from '../testing/contract.ts';
import { versionsOf } from '../testing/pairs.ts';
import { go } from './index.ts';

it.each([
  ['v1.2.3', '1.2.3', 0],
  ['v1.2.3', 'v1.2.4', -1],
  ['v1.9.0', 'v1.10.0', -1],
  ['v2.0.0+incompatible', '2.0.0', 0],
  ['v0.0.0-20191109021931-daa7c04131f5', 'v0.0.0', -1],
  ['v0.0.0-20191109021931-daa7c04131f5', '0.0.0-20200101000000-000000000000', -1],
  ['v1.2.3-0.20191109021931-daa7c04131f5', 'v1.2.2', 1],
  ['v1.2.3-pre.0.20191109021931-daa7c04131f5', 'v1.2.3-pre', 1],
  ['go1.22.3', '1.22.3', 0],
  ['go1.22.3 X:boringcrypto', 'go1.22.3', 0],
  ['go1.22.3-X:boringcrypto', 'go1.22.3', 0],
  ['go1.22.3-20240507-RC00 cl/1', 'go1.22.3', 0],
  ['1.22rc1', '1.22.0', -1],
  ['1.22rc1', 'go1.22rc2', -1],
  ['go1.22beta1', 'go1.22rc1', -1],
  ['go1.22rc1', '1.22.0-0', 1],
  ['go1.22rc1', '1.22.0-rc.1', 0],
  ['go1.22.0-rc.1', 'go1.22rc1', 0],
  ['go1.22.0-0', '1.22.0-0', 0],
  ['go1.22.0-rc1', '1.22.0-rc.1', 0],
  ['go1.22.3-beta2', '1.22.3', -1],
  ['go1.22.0-pre', '1.22.0', -1],
  ['go1.22.0-alpha.1', 'go1.22beta1', -1],
  ['go1.22.4-1', 'go1.22.4', 0],
  ['go1.22.4-1-fips', '1.22.4', 0],
  ['go1.21.0-1', '1.21.0', 0],
  ['1.21.0-1', '1.21.0', -1],
  ['go1.20.6-fips', '1.20.6', 0],
  ['go1.20.6+boringcrypto', '1.20.6', 0],
  ['go1.22.0-rcorp', '1.22.0', 0],
  ['go1.21.13', '1.22.0-0', -1],
  ['go1.22', '1.22.0-0', 0],
  ['go1.22', 'go1.22rc1', -1],
  ['go1.20', 'go1.20.0', 0],
  ['go1', '1.0.0', 0],
  ['devel go1.24-0123abcd Tue Jan 7 10:00:00 2025 +0000', 'go1.24rc1', -1],
] as const)('%s against %s is %i', (a, b, order) => {
  expect(compareVersions('go', a, b)).toBe(order);
  expect(compareVersions('go', b, a)).toBe(order === 0 ? 0 : -order);
});

it.each([
  '',
  '(devel)',
  'unknown',
  'devel +abcdef',
  'v',
  'go',
  'go1.',
  'go01.2',
  'v01.0.0',
  'v1.2-rc1',
  'v1.0.0-01',
  '1.2.3.4',
  '-1',
])('%j is no version', (text) => {
  expect(go.parse(text)).toBeUndefined();
});

schemeContract(go, fc.oneof(versionsOf(goModulePieces), versionsOf(goToolchainPieces)), [
  (size) => `v1.0.0-${'1.'.repeat(size / 2)}1`,
  (size) => `go1.${'9'.repeat(size)}`,
  (size) => `go1.22${'rc'.repeat(size / 2)}`,
  (size) => `1.22${'a'.repeat(size)}1a`,
]);

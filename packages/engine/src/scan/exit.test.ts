import { expect, it } from 'vitest';
import type { Assessment, EndOfLife } from '@plombe/model';
import { findingOf, packageOf, resultOf } from '../testing/results.ts';
import { exitCodeOf, isAllowed, type Allowed } from './exit.ts';

const partial = (...codes: readonly string[]): Assessment => ({
  state: 'partial',
  causes: codes.map((code) => ({ code, message: code })),
});

it.each<[Assessment, readonly Allowed[], boolean]>([
  [{ state: 'assessed', causes: [] }, [], true],
  [partial('inventory/excluded'), [], false],
  [partial('inventory/excluded'), ['partial'], true],
  [partial('inventory/excluded', 'inventory/excluded'), ['excluded'], true],
  [partial('inventory/excluded', 'archive/corrupt'), ['excluded'], false],
  // Old data beside it has a word of its own.
  [partial('feed/stale', 'inventory/excluded'), ['excluded'], false],
  [partial('feed/stale', 'inventory/excluded'), ['excluded', 'stale'], true],
  [{ state: 'unassessable', causes: [{ code: 'inventory/excluded', message: 'all' }] }, ['excluded'], false],
])('%j with %j allowed: %s', (assessment, allow, allowed) => {
  expect(isAllowed(assessment, allow)).toBe(allowed);
});

const item = packageOf('openssl');
const supported = (endOfLife: readonly EndOfLife[]) => {
  const result = resultOf([item], []);
  const distribution = { id: 'alpine', versionId: '3.20', evidencePath: 'etc/os-release' };
  return {
    ...result,
    assessment: { state: 'assessed', causes: [] } as const,
    inventory: { ...result.inventory, distribution },
    match: { ...result.match, endOfLife },
  };
};
const end = (ended: boolean, distribution?: boolean): EndOfLife => ({
  product: 'alpine-linux',
  release: '3.20',
  date: '2026-04-01',
  ended,
  ...(distribution === undefined ? {} : { distribution }),
});

it.each([
  ['has ended', [end(true, true)], 1],
  ['goes on', [end(false, true)], 0],
  ['is not known, whatever has ended beside it', [end(true)], 3],
] as const)('the support of the distribution %s', (_, endOfLife, code) => {
  const result = supported(endOfLife);
  expect(exitCodeOf(result, { allow: [] })).toBe(0);
  expect(exitCodeOf(result, { allow: [], failOnEndOfLife: true })).toBe(code);
});

it('what has no distribution has no support that ends, and findings still fail', () => {
  const result = { ...resultOf([item], [findingOf('CVE-1-0', item)]), assessment: partial() };
  const { distribution: _, ...inventory } = result.inventory;
  const options = { allow: ['partial'], failOnEndOfLife: true } as const;
  expect(exitCodeOf({ ...result, inventory }, options)).toBe(0);
  expect(exitCodeOf({ ...result, inventory }, { ...options, failOn: 'low' })).toBe(1);
});

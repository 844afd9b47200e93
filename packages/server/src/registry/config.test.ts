import { expect, test } from 'vitest';
import { defaultRules } from '@plombe/store';
import { parseRegistryConfig } from './config.ts';

const head = { apiVersion: 'plombe/v1', kind: 'RegistryConfig' };

test('reads every rule', () => {
  const rules = parseRegistryConfig(
    {
      ...head,
      garbageCollection: { grace: '2h', every: '30m' },
      uploads: { expire: '1d' },
      quotas: [{ repositories: ['team/**'], limit: '50GiB' }],
      immutableTags: [{ repositories: ['team/**'], tags: ['v*'] }],
      retention: [{ repositories: ['ci/**'], tags: ['*'], keepLast: 10, keepFor: '30d', untaggedAfter: '7d' }],
    },
    'x.yaml',
  );
  expect([rules.graceMs, rules.everyMs, rules.uploadsMs]).toEqual([7_200_000, 1_800_000, 86_400_000]);
  expect([
    rules.isImmutable('team/a', 'v1'),
    rules.isImmutable('team/a', 'latest'),
    rules.isImmutable('x', 'v1'),
  ]).toEqual([true, false, false]);
  expect(rules.quotas[0]).toMatchObject({ name: 'team/**', limitBytes: 50 * 2 ** 30 });
  expect(rules.retention[0]).toMatchObject({
    keepLast: 10,
    keepForMs: 30 * 86_400_000,
    untaggedAfterMs: 7 * 86_400_000,
  });
  expect(parseRegistryConfig(head, 'x').graceMs).toBe(defaultRules.graceMs);
});

test.each([
  ['no object', [], 'must be an object'],
  ['another kind', { ...head, kind: 'Policy' }, 'kind must be RegistryConfig'],
  ['another version', { ...head, apiVersion: 'v2' }, 'apiVersion must be plombe/v1'],
  ['an unknown field', { ...head, quota: [] }, 'quota is no field'],
  [
    'a prototype',
    JSON.parse('{"apiVersion":"plombe/v1","kind":"RegistryConfig","__proto__":{}}'),
    '__proto__ is no field',
  ],
  ['no list', { ...head, quotas: {} }, 'quotas must be a list'],
  [
    'no globs',
    { ...head, quotas: [{ repositories: [], limit: '1GiB' }] },
    'quotas[0].repositories must be a list of globs',
  ],
  ['a wrong size', { ...head, quotas: [{ repositories: ['a'], limit: '1GB' }] }, 'quotas[0].limit must be a size'],
  ['a wrong time', { ...head, garbageCollection: { grace: '1 day' } }, 'garbageCollection.grace must be a time'],
  ['a long interval', { ...head, garbageCollection: { every: '90d' } }, 'at most 24d'],
  ['a rule that keeps nothing', { ...head, retention: [{ repositories: ['a'] }] }, 'retention[0] must have keepLast'],
  ['half a tag', { ...head, retention: [{ repositories: ['a'], keepLast: 1.5 }] }, 'retention[0].keepLast must be'],
])('refuses %s', (_, document: unknown, part) => {
  expect(() => parseRegistryConfig(document, 'x.yaml')).toThrow(part);
});

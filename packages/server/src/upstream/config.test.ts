import { expect, test } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import { parseRegistryConfig } from '../registry/config.ts';
import { parseFarConfig, parseOrigin } from './config.ts';

const base = { apiVersion: 'plombe/v1', kind: 'RegistryConfig' };
const cache = { prefix: 'docker-hub/**', upstream: 'https://registry-1.docker.io' };
const replication = { name: 'mirror', from: ['prod/**'], to: { registry: 'https://r.example.com' } };

test('what is left out has defaults', () => {
  const document = { ...base, cache: [cache], replication: [replication] };
  parseRegistryConfig(document, 'f');
  const { front, caches, replication: rules, spoolBytes } = parseFarConfig(document, 'f');
  expect([front.tagTtlMs, front.waitMs, front.offline('prod/app'), spoolBytes]).toEqual([
    0,
    50_000,
    false,
    20 * 2 ** 30,
  ]);
  expect(caches[0]).toMatchObject({ prefix: 'docker-hub', isCache: true, tagTtlMs: 300_000 });
  expect(rules[0]).toMatchObject({ prefix: '', on: 'push', everyMs: 3_600_000, referrers: true });
});

test('every field is read', () => {
  const document = {
    ...base,
    upstream: { tagTtl: '10s', offline: ['prod/**'], wait: '5s', spool: '1GiB' },
    cache: [{ ...cache, ttl: '1m', offline: true, wait: '1s' }],
    replication: [
      { ...replication, to: { ...replication.to, prefix: 'a/b' }, on: 'schedule', every: '1d', referrers: false },
    ],
  };
  const { front, caches, replication: rules, spoolBytes } = parseFarConfig(document, 'f');
  expect([front.tagTtlMs, front.waitMs, spoolBytes]).toEqual([10_000, 5000, 2 ** 30]);
  expect([front.offline('prod/app'), front.offline('dev/app'), caches[0]?.offline('x')]).toEqual([true, false, true]);
  expect(rules[0]).toMatchObject({ prefix: 'a/b', on: 'schedule', everyMs: 86_400_000, referrers: false });
});

test.each([
  [{ upstream: { url: 'x' } }, 'upstream.url'],
  [{ upstream: { spool: 5 } }, 'upstream.spool'],
  [{ upstream: { offline: [] } }, 'upstream.offline'],
  [{ cache: [{ ...cache, prefix: '**' }] }, 'cache[0].prefix'],
  [{ cache: [{ ...cache, prefix: '../x/**' }] }, 'cache[0].prefix'],
  [{ cache: [{ ...cache, upstream: 'http://registry.example.com' }] }, 'cache[0].upstream'],
  [{ cache: [{ ...cache, offline: 'yes' }] }, 'cache[0].offline'],
  [{ replication: [{ ...replication, name: 'A b' }] }, 'replication[0].name'],
  [{ replication: [{ ...replication, from: [] }] }, 'replication[0].from'],
  [{ replication: [{ ...replication, on: 'whim' }] }, 'replication[0].on'],
  [{ replication: [{ ...replication, to: { registry: 'https://u:p@r.example.com' } }] }, 'replication[0].to.registry'],
  [{ replication: [{ ...replication, to: { registry: 'https://r.example.com', prefix: 'A' } }] }, 'to.prefix'],
])('%j is refused where it is wrong', (part, place) => {
  try {
    parseFarConfig({ ...base, ...part }, 'f');
  } catch (error) {
    expect(isPlombeError(error, 'config/invalid')).toBe(true);
    expect(String(error)).toContain(place);
    expect(String(error)).not.toContain('u:p@');
    return;
  }
  throw new Error('accepted');
});

test.each([
  ['https://r.example.com', true],
  ['https://r.example.com:5000/', true],
  ['http://127.0.0.1:5000', true],
  ['http://[::1]:5000', true],
  ['http://localhost:5000', true],
  ['http://127.0.0.1.evil.tld', false],
  ['http://localhost.evil.tld', false],
  ['http://10.0.0.1', false],
  ['https://r.example.com/v2/', false],
  ['https://r.example.com?x', false],
  ['ftp://r.example.com', false],
  ['r.example.com', false],
])('%s as an address', (text, isOne) => {
  expect(parseOrigin(text) !== undefined).toBe(isOne);
});

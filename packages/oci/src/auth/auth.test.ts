import { execFile as execFileWithCallback } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../sources/testing/context.ts';
import { parseChallenges, pullScopes } from './challenge.ts';
import { dockerConfigSource } from './docker-config.ts';
import { realmTrust } from './realm.ts';

const signal = new AbortController().signal;
const path = process.env['PATH'] ?? '';
afterEach(() => {
  process.env['PATH'] = path;
});

const plain = (header: string): unknown =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }]);

const execFile = promisify(execFileWithCallback);

describe('parseChallenges', () => {
  test.each<[string, unknown]>([
    ['Basic realm="Registry Realm"', [['basic', { realm: 'Registry Realm' }]]],
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      [
        [
          'bearer',
          { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:a/b:pull,push' },
        ],
      ],
    ],
    ['BEARER Realm=https://x/token , service = y', [['bearer', { realm: 'https://x/token', service: 'y' }]]],
    [
      'Basic realm="a", Bearer realm="b"',
      [
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'b' }],
      ],
    ],
    [
      'Negotiate, Basic realm="a\\"b"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'a"b' }],
      ],
    ],
    ['Bearer realm="a",realm="b"', [['bearer', { realm: 'a' }]]],
    ['Bearer __proto__="x"', [['bearer', { ['__proto__']: 'x' }]]],
    ['realm="a"', []],
    ['', []],
    ['Bearer realm="unclosed', [['bearer', {}]]],
  ])('%s', (header, expected) => {
    expect(JSON.stringify(plain(header))).toBe(JSON.stringify(expected));
  });

  test('T18 takes any text, in linear time', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseChallenges(text)));
    parseChallenges(`Bearer ${'a="'.repeat(2700)}`);
    parseChallenges(`Bearer realm="${'\\'.repeat(8000)}`);
    expect(parseChallenges('x'.repeat(10_000))).toEqual([]);
  });
});

test.each([
  ['repository:a/b:pull,push', ['repository:a/b:pull']],
  ['repository:a/b:* repository:c:pull', ['repository:a/b:pull', 'repository:c:pull']],
  ['registry:catalog:*', ['repository:own:pull']],
  ['repository:a\u0000b:pull', ['repository:own:pull']],
  ['', ['repository:own:pull']],
])('T30 asked for "%s", only reading is asked for', (scope, expected) => {
  expect(pullScopes({ scheme: 'bearer', parameters: { scope } }, 'own')).toEqual(expected);
});

test.each([
  ['registry:catalog:*', ['registry:catalog:*']],
  ['registry:catalog:* repository:x:push', ['registry:catalog:*']],
  ['registry:catalog:*,delete', []],
  ['registry:other:*', []],
])('of a request for the whole registry, a challenge for %j asks for %j', (scope, expected) => {
  expect(pullScopes({ scheme: 'bearer', parameters: { scope } }, undefined)).toEqual(expected);
});

test.each([
  ['https://x.io/token', 'credentials'],
  ['https://x.io:443/token', 'credentials'],
  ['https://x.io:8443/token', 'anonymous'],
  ['https://sub.x.io/token', 'anonymous'],
  ['https://x.io.evil.tld/token', 'anonymous'],
  ['https://allowed.example/token', 'credentials'],
  ['https://auth.docker.io/token', 'anonymous'],
  ['http://x.io/token', 'refused'],
  ['https://u@x.io/token', 'refused'],
  ['//x.io/token', 'refused'],
])('T30 the realm %s gets: %s', (realm, expected) => {
  const rule = { registry: 'x.io', origin: 'https://x.io', allowed: ['Allowed.example'] };
  const verdict = realmTrust(realm, rule);
  expect(verdict === 'refused' ? verdict : verdict.trust).toBe(expected);
});

test('T30 Docker Hub is known to have its tokens elsewhere', () => {
  const rule = { registry: 'docker.io', origin: 'https://registry-1.docker.io', allowed: [] };
  expect(realmTrust('https://auth.docker.io/token', rule)).toMatchObject({ trust: 'credentials' });
});

describe('docker config', () => {
  const auth = (pair: string): object => ({ auth: Buffer.from(pair).toString('base64') });
  async function find(config: unknown, registry: string, repository?: string): Promise<unknown> {
    const file = `${temporaryFolder()}/config.json`;
    writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
    return dockerConfigSource(file).find(registry, repository, signal);
  }
  const user = (username: string, password: string): object => ({ kind: 'password', username, password });

  test.each<[string, string, string | undefined, unknown]>([
    ['the host', 'x.io', undefined, user('u', 'p:q')],
    ['a host with scheme and /v1/', 'y.io', undefined, user('y', '1')],
    ['Docker Hub under its old name', 'docker.io', 'library/alpine', user('hub', 'h')],
    ['user and password apart', 'z.io', undefined, user('zed', 'z')],
    ['an identity token', 'i.io', undefined, { kind: 'identity', token: 'idt' }],
    ['a registry token', 'r.io', undefined, { kind: 'bearer', token: 'rt' }],
    ['the longest namespace', 'n.io', 'team/a/b', user('team-a', '2')],
    ['the namespace, not a longer name', 'n.io', 'team-x', user('n', '0')],
    ['an entry without anything', 'e.io', undefined, undefined],
    ['another port', 'x.io:5000', undefined, undefined],
    ['a subdomain', 'a.x.io', undefined, undefined],
    ['a suffix', 'io', undefined, undefined],
  ])('finds %s', async (_, registry, repository, expected) => {
    const config = {
      auths: {
        'x.io': auth('u:p:q'),
        'https://y.io/v1/': auth('y:1'),
        'https://index.docker.io/v1/': auth('hub:h'),
        'z.io': { username: 'zed', password: 'z' },
        'i.io': { ...auth('0000:'), identitytoken: 'idt' },
        'r.io': { registrytoken: 'rt' },
        'n.io': auth('n:0'),
        'n.io/team': auth('team:1'),
        'n.io/team/a': auth('team-a:2'),
        'e.io': {},
      },
    };
    expect(await find(config, registry, repository)).toEqual(expected);
  });

  test('a file that cannot be used is said, one that is not there is not', async () => {
    await expect(find('{', 'x.io')).rejects.toThrow('is not JSON');
    await expect(find('[]', 'x.io')).rejects.toThrow('not a JSON object');
    await expect(dockerConfigSource(temporaryFolder()).find('x.io', undefined, signal)).rejects.toThrow('EISDIR');
    expect(await dockerConfigSource('/no/such/file').find('x.io', undefined, signal)).toBeUndefined();
  });

  test('helpers are asked for exactly this registry', async () => {
    const folder = temporaryFolder();
    const helper = (name: string, body: string): void => {
      writeFileSync(`${folder}/docker-credential-${name}`, `#!/bin/sh\nread server\n${body}\n`);
      chmodSync(`${folder}/docker-credential-${name}`, 0o755);
    };
    process.env['PATH'] = `${folder}:${path}`;
    helper('one', `[ "$1 $server" = "get x.io" ] && echo '{"Username":"u","Secret":"s"}'`);
    helper('token', `echo '{"Username":"<token>","Secret":"idt"}'`);
    helper('none', 'echo "credentials not found in native keychain"; exit 1');
    helper('broken', 'echo secret-text; exit 3');
    helper('endless', 'yes');
    const config = (name: string): object => ({ credHelpers: { 'x.io': name }, auths: { 'x.io': auth('file:f') } });
    expect(await find(config('one'), 'x.io')).toEqual(user('u', 's'));
    expect(await find(config('token'), 'x.io')).toEqual({ kind: 'identity', token: 'idt' });
    expect(await find(config('none'), 'x.io')).toEqual(user('file', 'f'));
    expect(await find({ credsStore: 'one' }, 'x.io')).toEqual(user('u', 's'));
    expect(await find({ ...config('broken'), auths: {} }, 'y.io')).toBeUndefined();
    await expect(find(config('broken'), 'x.io')).rejects.toThrow(/failed for x.io \(exit code 3\)/);
    await expect(find(config('endless'), 'x.io')).rejects.toThrow('answered too much');
    await expect(find(config('missing'), 'x.io')).rejects.toThrow('is not installed');
    await expect(find(config('../../evil'), 'x.io')).rejects.toThrow('name that is not allowed');
  });

  test('one that is not installed leaves nothing behind that keeps the process', async () => {
    const script = `import { run } from ${JSON.stringify(new URL('helper.ts', import.meta.url).href)};
      await run('docker-credential-none-at-all', ['get'], 'x.io', new AbortController().signal, (why) => new Error(why)).catch(({ message }) => console.log(message));`;
    const node = execFile(process.execPath, ['--input-type=module', '-e', script], { timeout: 25_000 });
    expect((await node).stdout).toBe('is not installed\n');
  }, 30_000);
});

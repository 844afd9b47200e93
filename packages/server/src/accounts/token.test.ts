// The server's own tokens and its token endpoint, with everything that is not one.
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { basic, startFront, type Front } from './testing/front.ts';

type Document = Record<string, unknown>;

async function ask({ host }: Front, query: string, headers: Record<string, string> = {}): Promise<Document> {
  const answer = await fetch(`http://${host}/auth/token?${query}`, { headers });
  return {
    status: answer.status,
    challenge: answer.headers.get('www-authenticate'),
    ...((await answer.json()) as Document),
  };
}

async function post({ host }: Front, form: Record<string, string>): Promise<Document> {
  const answer = await fetch(`http://${host}/auth/token`, { method: 'POST', body: new URLSearchParams(form) });
  return { status: answer.status, ...((await answer.json()) as Document) };
}

const claimsOf = (token: unknown): Document =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString('utf8')) as Document;

const read = async (
  { host }: Front,
  token: string,
  path = '/v2/team/app/tags/list',
): Promise<[number, string | null]> => {
  const answer = await fetch(`http://${host}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return [answer.status, answer.headers.get('www-authenticate')];
};

describe('challenges', () => {
  /** Asks with any Host header, which fetch does not let through. */
  const challengeFor = ({ host }: Front, named: string | undefined, path = '/v2/'): Promise<string> =>
    new Promise((resolve, reject) => {
      const [hostname = '', port] = host.split(':');
      httpRequest({ hostname, port, path, setHost: false, headers: named === undefined ? {} : { host: named } })
        .on('response', (answer) => resolve(String(answer.headers['www-authenticate'] ?? answer.statusCode)))
        .on('error', reject)
        .end();
    });

  test.each<[string, string | undefined]>([
    ['registry.example.com', 'registry.example.com'],
    ['registry.example.com:5000', 'registry.example.com:5000'],
    ['[::1]:5000', '[::1]:5000'],
    ['evil"x', undefined],
    ['evil.example/path', undefined],
    ['user@evil.example', undefined],
    ['evil.example:99999', undefined],
    ['a,b', undefined],
    ['', undefined],
  ])('T65 for Host %j name %s', async (named, expected) => {
    const front = await startFront();
    expect(await challengeFor(front, named)).toBe(
      `Bearer realm="http://${expected ?? front.host}/auth/token",service="plombe"`,
    );
  });

  test('name the public address where there is one, and the scope that is needed', async () => {
    const front = await startFront({ publicUrl: 'https://registry.example.com:8443' });
    const start = 'Bearer realm="https://registry.example.com:8443/auth/token",service="plombe"';
    expect(await challengeFor(front, 'evil.example', '/v2/team/app/tags/list')).toBe(
      `${start},scope="repository:team/app:pull"`,
    );
    expect(await challengeFor(front, 'evil.example', '/v2/_catalog')).toBe(`${start},scope="registry:catalog:*"`);
    expect(await challengeFor(front, 'evil.example', '/v2/a"b/tags/list')).toBe(start);
  });
});

describe('the token endpoint', () => {
  test('grants what is asked and allowed', async () => {
    const front = await startFront();
    const { username, password } = front.robot({ actions: ['pull', 'push', 'sign'] });
    const login = basic(username, password);
    const answer = await ask(
      front,
      'service=plombe&scope=repository:team/app:pull,push,delete&scope=repository:other/app:pull%20registry:catalog:*%20x:y:z',
      login,
    );
    expect(answer).toMatchObject({ status: 200, expires_in: 300, token_type: 'Bearer' });
    expect(answer['token']).toBe(answer['access_token']);
    expect(claimsOf(answer['token'])).toMatchObject({
      sub: 'robot:ci',
      access: [
        { type: 'repository', name: 'team/app', actions: ['pull', 'push', 'sign'] },
        { type: 'registry', name: 'catalog', actions: ['*'] },
      ],
    });
    expect(claimsOf((await ask(front, 'scope=repository:team/app:*', login))['token'])['access']).toEqual([
      { type: 'repository', name: 'team/app', actions: ['pull', 'push', 'sign'] },
    ]);
  });

  test('answers forms as OAuth 2 does', async () => {
    const front = await startFront();
    const { username, password } = front.robot();
    const scope = 'repository:team/app:pull';
    const given = await post(front, {
      grant_type: 'password',
      username,
      password,
      scope,
      client_id: 'c',
      access_type: 'offline',
    });
    expect(given).toMatchObject({ status: 200 });
    const refreshed = await post(front, {
      grant_type: 'refresh_token',
      refresh_token: String(given['refresh_token']),
      scope,
    });
    expect(refreshed).toMatchObject({ status: 200 });
    expect(refreshed['refresh_token']).toBeUndefined();
    expect(await read(front, String(refreshed['token']))).toEqual([200, null]);
    // Neither is the other.
    expect((await read(front, String(given['refresh_token'])))[0]).toBe(401);
    expect(
      await post(front, { grant_type: 'refresh_token', refresh_token: String(given['token']), scope }),
    ).toMatchObject({ status: 401 });
    expect(await post(front, { grant_type: 'password', username, password: 'x' })).toMatchObject({
      status: 401,
      error: 'invalid_grant',
    });
    expect(await post(front, { grant_type: 'client_credentials' })).toMatchObject({ status: 400 });
    expect(await post(front, { grant_type: 'password', username, password, pad: 'x'.repeat(70_000) })).toMatchObject({
      status: 400,
    });
    expect((await fetch(`http://${front.host}/auth/token`, { method: 'PUT' })).status).toBe(405);
  });

  test('without a login: nobody, or whoever pulls', async () => {
    expect(await ask(await startFront(), 'scope=repository:team/app:pull')).toMatchObject({
      status: 401,
      errors: [{ code: 'UNAUTHORIZED', message: 'Log in to do this.' }],
      challenge: 'Basic realm="plombe"',
    });
    const open = await startFront({ anonymous: 'pull' });
    const { token } = await ask(open, 'scope=repository:team/app:pull,push');
    expect(claimsOf(token)).toMatchObject({ sub: 'anonymous', access: [{ name: 'team/app', actions: ['pull'] }] });
    expect((await read(open, String(token)))[0]).toBe(200);
    expect((await fetch(`http://${open.host}/v2/`)).status).toBe(401);
    expect((await fetch(`http://${open.host}/v2/team/app/tags/list`)).status).toBe(200);
    expect((await fetch(`http://${open.host}/v2/team/app/manifests/1`, { method: 'PUT' })).status).toBe(401);
    expect(await ask(open, '', basic('robot-x', 'y'))).toMatchObject({ status: 401 });
  });

  test('tokens end with the account, at the latest after five minutes', async () => {
    const front = await startFront();
    const { username, password } = front.robot({ lifeMs: 90_000 });
    const first = await ask(front, 'scope=repository:team/app:pull', basic(username, password));
    expect(first['expires_in']).toBe(90);
    front.clock.advance(90_000);
    expect((await read(front, String(first['token'])))[0]).toBe(401);
    const long = front.robot({ name: 'long', lifeMs: 900_000 });
    const second = await ask(front, 'scope=repository:team/app:pull', basic(long.username, long.password));
    front.clock.advance(300_000);
    const [status, challenge] = await read(front, String(second['token']));
    expect([status, challenge]).toEqual([401, expect.stringContaining('error="invalid_token"')]);
  });

  test('T61 says the same of what is not there and what is not allowed', async () => {
    const front = await startFront();
    const { username, password } = front.robot({ repositories: ['team/app'] });
    const said = async (repository: string): Promise<string> => {
      const answer = await fetch(`http://${front.host}/v2/${repository}/tags/list`, {
        headers: basic(username, password),
      });
      return `${answer.status} ${(await answer.text()).replaceAll(repository, 'R')}`;
    };
    expect(await said('other/app')).toBe(await said('nobody/has/this'));
    const { token } = await ask(front, 'scope=repository:team/app:pull', basic(username, password));
    expect((await read(front, String(token), '/v2/other/app/tags/list'))[0]).toBe(403);
    const none = await ask(front, '', basic(username, password));
    expect(await read(front, String(none['token']))).toEqual([
      401,
      expect.stringContaining('scope="repository:team/app:pull",error="insufficient_scope"'),
    ]);
  });

  test('T65 answers an unknown account as a wrong password', async () => {
    const front = await startFront();
    const { username } = front.robot();
    const [unknown, wrong] = [
      await ask(front, '', basic('robot-nobody', 'x')),
      await ask(front, '', basic(username, 'x')),
    ];
    expect(unknown).toEqual(wrong);
    expect(unknown['error_description']).toContain('password is wrong');
    expect(unknown).toMatchObject({ status: 401 });
  });
});

describe('T63 tokens that are none', () => {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const stranger = generateKeyPairSync('ed25519');
  const own = (front: Front): { pem: string } => ({ pem: readFileSync(join(front.data, 'keys', 'token.key'), 'utf8') });
  type Make = (parts: { header: Document; claims: Document; signature: string; front: Front }) => string;
  const signed = (header: unknown, claims: unknown, key: Parameters<typeof sign>[2]): string => {
    const input = `${encode(header)}.${encode(claims)}`;
    return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
  };

  test.each<[string, Make]>([
    ['alg none', ({ header, claims }) => `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`],
    [
      'alg none with the signature',
      ({ header, claims, signature }) => `${encode({ ...header, alg: 'none' })}.${encode(claims)}.${signature}`,
    ],
    [
      'HS256 with the public key as secret',
      ({ header, claims, front }) => {
        const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
        const secret = createPublicKey(own(front).pem).export({ type: 'spki', format: 'pem' });
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      },
    ],
    [
      'a key in jwk',
      ({ header, claims }) =>
        signed({ ...header, jwk: stranger.publicKey.export({ format: 'jwk' }) }, claims, stranger.privateKey),
    ],
    [
      'an address in jku',
      ({ header, claims }) => signed({ ...header, jku: 'https://evil.example/keys' }, claims, stranger.privateKey),
    ],
    [
      'an address in x5u, by the right key',
      ({ header, claims, front }) => signed({ ...header, x5u: 'https://evil.example' }, claims, own(front).pem),
    ],
    [
      'another kid, by the right key',
      ({ header, claims, front }) => signed({ ...header, kid: '../../dev/null' }, claims, own(front).pem),
    ],
    ['a stranger’s signature', ({ header, claims }) => signed(header, claims, stranger.privateKey)],
    [
      'other claims',
      ({ header, claims, signature }) => `${encode(header)}.${encode({ ...claims, account: 'robot:2' })}.${signature}`,
    ],
    [
      'a longer life',
      ({ header, claims, signature }) => `${encode(header)}.${encode({ ...claims, exp: 9e9 })}.${signature}`,
    ],
    ['no signature', ({ header, claims }) => `${encode(header)}.${encode(claims)}`],
    ['four parts', ({ header, claims, signature }) => `${encode(header)}.${encode(claims)}.${signature}.x`],
    [
      'another audience, by the right key',
      ({ header, claims, front }) => signed(header, { ...claims, aud: 'other' }, own(front).pem),
    ],
    [
      'no end, by the right key',
      ({ header, claims, front }) => signed(header, { ...claims, exp: undefined }, own(front).pem),
    ],
    [
      'an account that is none, by the right key',
      ({ header, claims, front }) => signed(header, { ...claims, account: 'robot:999' }, own(front).pem),
    ],
    [
      'an account that is SQL, by the right key',
      ({ header, claims, front }) => signed(header, { ...claims, account: 'robot:1 OR 1=1' }, own(front).pem),
    ],
    ['claims that are a list, by the right key', ({ header, front }) => signed(header, [], own(front).pem)],
    ['nothing but dots', () => '..'],
    ['a text', () => 'token'],
  ])('%s', async (_, make) => {
    const front = await startFront();
    const { username, password } = front.robot();
    const answer = await ask(front, 'scope=repository:team/app:pull', basic(username, password));
    const [header = '', , signature = ''] = String(answer['token']).split('.');
    const parts = {
      header: JSON.parse(Buffer.from(header, 'base64url').toString()) as Document,
      claims: claimsOf(answer['token']),
      signature,
      front,
    };
    expect((await read(front, String(answer['token'])))[0]).toBe(200);
    expect((await read(front, make(parts)))[0]).toBe(401);
  });

  test('a token of another server', async () => {
    const [one, two] = [await startFront(), await startFront()];
    const { username, password } = one.robot();
    two.robot();
    const { token } = await ask(one, 'scope=repository:team/app:pull', basic(username, password));
    expect([(await read(one, String(token)))[0], (await read(two, String(token)))[0]]).toEqual([200, 401]);
  });

  test.each([
    'Basic',
    'Basic ',
    'Basic !!!',
    `Basic ${Buffer.from('nocolon').toString('base64')}`,
    `Basic ${Buffer.from(':x').toString('base64')}`,
    'Bearer',
    'Negotiate abc',
    `Basic ${'A'.repeat(12_000)}`,
    'Bearer a b',
  ])('Authorization: %s', async (authorization) => {
    const front = await startFront({ anonymous: 'pull' });
    const answer = await fetch(`http://${front.host}/v2/team/app/tags/list`, { headers: { authorization } });
    expect(answer.status).toBe(401);
  });
});

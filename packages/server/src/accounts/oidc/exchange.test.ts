// ID tokens of programs: by device code to the end, and all the wrong ones that are presented.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { networkContext } from '@plombe/oci/testing/context';
import { addGrant } from '../grants.ts';
import { disablePerson } from '../people.ts';
import { basic, startFront, type Front } from '../testing/front.ts';
import { startIssuer, type SignOptions, type TestIssuer } from '../testing/issuer.ts';
import { endCredential, loginByDevice } from './device.ts';

async function startWorld(): Promise<{ issuer: TestIssuer; front: Front; at: string }> {
  const issuer = await startIssuer();
  const front = await startFront({ oidc: { issuer: issuer.url, clientId: issuer.clientId } });
  return { issuer, front, at: `http://${front.host}` };
}

async function exchange(at: string, body: unknown): Promise<{ status: number; document: Record<string, unknown> }> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${at}/auth/exchange`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, document: (await answer.json()) as Record<string, unknown> };
}

describe('device login', () => {
  test('gives a credential, which logging out ends', async () => {
    const { issuer, front, at } = await startWorld();
    addGrant(
      front.database,
      { role: 'guest', project: 'team/**', principal: { kind: 'person', issuer: issuer.url, value: 'alice' } },
      front.author,
    );
    const prompts: unknown[] = [];
    const prompt = (what: unknown): void => {
      prompts.push(what);
      issuer.approveDevices();
    };
    const made = await loginByDevice({ origin: at, network: {}, prompt }, networkContext());
    expect(prompts).toEqual([{ issuer: issuer.url, url: `${issuer.url}/enter`, code: 'ABCD-EFGH' }]);
    expect(made).toMatchObject({ name: 'Alice', warning: undefined });
    expect(made.expiresAtMs - Date.now()).toBeLessThanOrEqual(12 * 3_600_000);
    const headers = basic(made.username, made.password);
    expect((await fetch(`${at}/v2/team/app/tags/list`, { headers })).status).toBe(200);
    expect(await endCredential({ origin: at, network: {} }, made, networkContext())).toBe(true);
    expect((await fetch(`${at}/v2/team/app/tags/list`, { headers })).status).toBe(401);
    expect(await endCredential({ origin: at, network: {} }, made, networkContext())).toBe(false);
  });

  test('a registry without people says what to use', async () => {
    const front = await startFront();
    const login = loginByDevice({ origin: `http://${front.host}`, network: {}, prompt: () => {} }, networkContext());
    await expect(login).rejects.toThrow(
      expect.objectContaining({ code: 'accounts/login', remedy: expect.stringContaining('robots') }),
    );
  });

  test.each(['http://evil.example', 'file:///etc/passwd', 'https://169.254.169.254', 'nonsense'])(
    'T67 a registry that names the issuer %s leads nowhere',
    async (evil) => {
      const { front, at } = await startWorld();
      const wrong = await startFront({ oidc: { issuer: evil, clientId: 'x' } });
      expect(front.host).not.toBe(wrong.host);
      await expect(
        loginByDevice({ origin: at.replace(front.host, wrong.host), network: {}, prompt: () => {} }, networkContext()),
      ).rejects.toThrow(/no https address|not called/);
    },
  );

  test('is given up with the signal', async () => {
    const { at } = await startWorld();
    const controller = new AbortController();
    const login = loginByDevice(
      { origin: at, network: {}, prompt: () => controller.abort(new Error('enough')) },
      networkContext(controller.signal),
    );
    await expect(login).rejects.toThrow('enough');
  });
});

describe('presented ID tokens', () => {
  test('open once', async () => {
    const { issuer, at } = await startWorld();
    const idToken = issuer.idToken();
    expect((await exchange(at, { id_token: idToken, expires_in: 600 })).status).toBe(200);
    expect(await exchange(at, { id_token: idToken })).toMatchObject({
      status: 401,
      document: { error: 'invalid_grant' },
    });
    const last = idToken.at(-1) ?? '';
    const other = Array.from({ length: 62 }, (_, at) =>
      '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.charAt(at),
    ).filter((char) => char !== last);
    for (const char of other)
      expect((await exchange(at, { id_token: idToken.slice(0, -1) + char })).status).toBeGreaterThanOrEqual(401);
  });

  test('of somebody disabled open nothing', async () => {
    const { issuer, front, at } = await startWorld();
    expect((await exchange(at, { id_token: issuer.idToken() })).status).toBe(200);
    disablePerson(front.database, `${issuer.url}#alice`, front.author);
    expect(await exchange(at, { id_token: issuer.idToken({ jti: 'two' }) })).toMatchObject({ status: 401 });
  });

  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const empty = (): Buffer => Buffer.alloc(0);
  test.each<[string, (issuer: TestIssuer) => [Record<string, unknown>, SignOptions?]]>([
    ['alg none', () => [{}, { header: { alg: 'none' }, signature: empty }]],
    ['alg None', () => [{}, { header: { alg: 'None' }, signature: empty }]],
    ['alg none and a signature', () => [{}, { header: { alg: 'none' } }]],
    [
      'HS256 with the public key as secret',
      ({ publicKey }) => {
        const secret = publicKey.export({ type: 'spki', format: 'pem' }).toString();
        return [
          {},
          { header: { alg: 'HS256' }, signature: (input) => createHmac('sha256', secret).update(input).digest() },
        ];
      },
    ],
    [
      'a key of its own in jwk',
      () => [{}, { header: { jwk: stranger.publicKey.export({ format: 'jwk' }) }, key: stranger.privateKey }],
    ],
    [
      'a key of its own in jwk without kid',
      () => [
        {},
        { header: { kid: undefined, jwk: stranger.publicKey.export({ format: 'jwk' }) }, key: stranger.privateKey },
      ],
    ],
    [
      'a key set in jku',
      ({ url }) => [{}, { header: { jku: `${url}/other-keys`, kid: 'evil' }, key: stranger.privateKey }],
    ],
    [
      'a chain in x5u',
      ({ url }) => [{}, { header: { x5u: `${url}/other-chain`, kid: 'evil' }, key: stranger.privateKey }],
    ],
    ['a kid that is a path', () => [{}, { header: { kid: '../../../dev/null' }, key: stranger.privateKey }]],
    ['a stranger’s key', () => [{}, { key: stranger.privateKey }]],
    [
      'ES256 where the key is RSA',
      () => [
        {},
        {
          header: { alg: 'ES256' },
          signature: (input) =>
            sign('sha256', Buffer.from(input), { key: curve.privateKey, dsaEncoding: 'ieee-p1363' }),
        },
      ],
    ],
    ['an unknown critical header', () => [{}, { header: { crit: ['x'], x: 1 } }]],
    ['another audience', () => [{ aud: 'other' }]],
    ['two audiences', () => [{ aud: ['plombe-test', 'other'] }]],
    ['another azp', () => [{ azp: 'other' }]],
    ['another issuer', () => [{ iss: 'https://accounts.example.com' }]],
    ['the issuer with a slash', ({ url }) => [{ iss: `${url}/` }]],
    ['no issuer', () => [{ iss: undefined }]],
    ['an end in the past', () => [{ exp: 1000 }]],
    ['no end', () => [{ exp: undefined }]],
    ['a beginning in the future', () => [{ nbf: 32_503_680_000 }]],
    ['no time', () => [{ iat: undefined }]],
    ['a time of yesterday', () => [{ iat: Math.floor(Date.now() / 1000) - 86_400 }]],
    ['a nonce: it is a browser’s', () => [{ nonce: 'n' }]],
    ['no subject', () => [{ sub: undefined }]],
    ['a subject that is a list', () => [{ sub: ['alice'] }]],
    ['an empty subject', () => [{ sub: '' }]],
  ])('T63 with %s are refused', async (_, make) => {
    const { issuer, front, at } = await startWorld();
    const answer = await exchange(at, { id_token: issuer.idToken(...make(issuer)) });
    expect(answer).toMatchObject({ status: 401, document: { error_description: 'The ID token was refused.' } });
    expect(front.database.all('SELECT 1 FROM people')).toEqual([]);
    // Nothing but the discovery document says where keys are.
    expect(issuer.asked.filter((path) => !/^GET \/(?:\.well-known\/openid-configuration|keys)$/.test(path))).toEqual(
      [],
    );
  });

  test.each<unknown>([
    {},
    { id_token: 1 },
    { id_token: '' },
    { id_token: 'a.b.c' },
    { id_token: 'x'.repeat(60_000) },
    [],
    null,
    { __proto__: { id_token: 'x' } },
  ])('that are none are answered as wrong: %j', async (body) => {
    const { at } = await startWorld();
    expect((await exchange(at, body)).status).toBeOneOf([400, 401]);
  });

  test('T62 cannot carry roles', async () => {
    const { issuer, at } = await startWorld();
    const { document } = await exchange(at, {
      id_token: issuer.idToken({ is_admin: true, isAdmin: true, roles: ['admin'], role: 'admin', groups: 'admins' }),
      isAdmin: true,
    });
    const answer = await fetch(`${at}/v2/`, {
      headers: basic(String(document['username']), String(document['password'])),
    });
    expect(await answer.json()).toMatchObject({ isAdmin: false, seen: [] });
  });

  test('too many wrong ones must wait', async () => {
    const { at } = await startWorld();
    const statuses = [];
    for (let count = 0; count < 12; count++) statuses.push((await exchange(at, { id_token: 'a.b.c' })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  });
});

// People in a browser: login by code with PKCE, roles, credentials, and what others try with their sessions.
import { describe, expect, test } from 'vitest';
import { addGrant, defineRole } from '../grants.ts';
import { disablePerson, enablePerson, listPeople } from '../people.ts';
import { openBrowser, type Browser } from '../testing/browser.ts';
import { basic, startFront, type Front } from '../testing/front.ts';
import { startIssuer, type TestIssuer } from '../testing/issuer.ts';

interface World {
  readonly issuer: TestIssuer;
  readonly front: Front;
  readonly at: string;
  readonly browser: Browser;
}

async function startWorld(language = 'en', adminGroup = 'admins'): Promise<World> {
  const issuer = await startIssuer();
  const { url, clientId, clientSecret } = issuer;
  const front = await startFront({ oidc: { issuer: url, clientId, clientSecret, adminGroup } });
  return { issuer, front, at: `http://${front.host}`, browser: openBrowser(front.host, language) };
}

const csrfOf = (page: string): string => /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
const outputs = (page: string): string[] =>
  [...page.matchAll(/<output>([^<]*)<\/output>/g)].map(([, text]) => text ?? '');

async function makeCredential({ browser, at }: World, hours = '1'): Promise<{ username: string; password: string }> {
  const { text } = await browser.open(`${at}/auth/`);
  const answer = await browser.ask(`${at}/auth/credential`, { form: { csrf: csrfOf(text), hours } });
  expect(answer.status).toBe(200);
  const [username = '', password = ''] = outputs(await answer.text());
  return { username, password };
}

async function who({ at }: World, { username, password }: { username: string; password: string }): Promise<unknown> {
  const answer = await fetch(`${at}/v2/`, { headers: basic(username, password) });
  return answer.status === 200 ? answer.json() : answer.status;
}

describe('login in a browser', () => {
  test('shows who is logged in and makes a credential that docker login takes', async () => {
    const world = await startWorld();
    const { browser, at, front, issuer } = world;
    expect((await browser.open(`${at}/auth/`)).text).toContain('Log in');
    const page = await browser.open(`${at}/auth/login`);
    expect(page.url).toBe(`${at}/auth/`);
    expect(page.text).toContain('Alice');
    expect(page.text).toContain('You have no role yet');
    expect(
      browser.set.every((cookie) => cookie.endsWith('HttpOnly; Secure; SameSite=Lax') && cookie.startsWith('__Host-')),
    ).toBe(true);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('cache-control')).toBe('no-store');

    const principal = { kind: 'person', issuer: issuer.url, value: 'alice' } as const;
    addGrant(front.database, { role: 'developer', project: 'team/**', principal }, front.author);
    expect((await browser.open(`${at}/auth/`)).text).toContain('developer');
    const credential = await makeCredential(world);
    expect(credential.username).toMatch(/^login-[0-9a-f]{16}$/);
    expect(credential.password).toMatch(/^plombe_login_[0-9A-Za-z]{49}$/);
    expect(await who(world, credential)).toEqual({
      id: `person:${issuer.url}#alice`,
      kind: 'person',
      isAdmin: false,
      seen: ['team/app'],
    });
    front.clock.advance(3_600_000);
    expect(await who(world, credential)).toBe(401);
  });

  test('speaks German where that is wanted', async () => {
    const { browser, at } = await startWorld('de-AT, en;q=0.8');
    const page = await browser.open(`${at}/auth/login`);
    for (const text of ['lang="de"', 'Angemeldet als', 'Abmelden']) expect(page.text).toContain(text);
    expect((await openBrowser(new URL(at).host, 'fr, en;q=0.1, de;q=0').open(`${at}/auth/`)).text).toContain(
      'lang="en"',
    );
  });

  test('members of the group are administrators, of this issuer alone', async () => {
    const world = await startWorld();
    world.issuer.person = { sub: 'root', name: 'Root', groups: ['admins'] };
    await world.browser.open(`${world.at}/auth/login`);
    expect(await who(world, await makeCredential(world))).toMatchObject({
      isAdmin: true,
      seen: ['team/app', 'other/app'],
    });
  });

  test('T62 a group, address or subject of another issuer is another one', async () => {
    const world = await startWorld('en', 'nobody');
    const { front, issuer } = world;
    issuer.person = {
      sub: 'eve',
      name: 'Eve',
      email: 'alice@example.com',
      email_verified: false,
      groups: ['developers'],
    };
    const elsewhere = 'https://other.example.com';
    for (const principal of [
      { kind: 'group', issuer: elsewhere, value: 'developers' },
      { kind: 'email', issuer: elsewhere, value: 'alice@example.com' },
      { kind: 'person', issuer: elsewhere, value: 'eve' },
      { kind: 'email', issuer: issuer.url, value: 'alice@example.com' },
      { kind: 'person', issuer: issuer.url, value: 'developers' },
      { kind: 'group', issuer: issuer.url, value: 'eve' },
      { kind: 'group', issuer: issuer.url, value: 'Developers' },
    ] as const) {
      addGrant(front.database, { role: 'admin', project: '*', principal }, front.author);
    }
    await world.browser.open(`${world.at}/auth/login`);
    expect(await who(world, await makeCredential(world))).toMatchObject({ isAdmin: false, seen: [] });
    addGrant(
      front.database,
      { role: 'guest', project: 'other/*', principal: { kind: 'group', issuer: issuer.url, value: 'developers' } },
      front.author,
    );
    expect(await who(world, await makeCredential(world))).toMatchObject({ seen: ['other/app'] });
  });

  test('a mover has the rights of his new groups from the next login on, with old credentials too', async () => {
    const world = await startWorld();
    const { front, issuer, browser, at } = world;
    defineRole(front.database, 'reader', ['pull'], front.author);
    const group = (value: string, project: string): void =>
      void addGrant(
        front.database,
        { role: 'reader', project, principal: { kind: 'group', issuer: issuer.url, value } },
        front.author,
      );
    group('a', 'team/**');
    group('b', 'other/**');
    issuer.person = { sub: 'mo', name: 'Mo', groups: ['a'] };
    await browser.open(`${at}/auth/login`);
    const credential = await makeCredential(world);
    expect(await who(world, credential)).toMatchObject({ seen: ['team/app'] });
    issuer.person = { sub: 'mo', name: 'Mo', groups: ['b'] };
    await browser.open(`${at}/auth/login`);
    expect(await who(world, credential)).toMatchObject({ seen: ['other/app'] });
  });

  test('a leaver is out at once: session, credential, token, and the next login', async () => {
    const world = await startWorld();
    const { front, issuer, browser, at } = world;
    addGrant(
      front.database,
      { role: 'guest', project: '*', principal: { kind: 'email', issuer: issuer.url, value: 'Alice@Example.com' } },
      front.author,
    );
    await browser.open(`${at}/auth/login`);
    const credential = await makeCredential(world);
    const login = basic(credential.username, credential.password);
    const { token } = (await (
      await fetch(`${at}/auth/token?scope=repository:team/app:pull`, { headers: login })
    ).json()) as { token: string };
    const read = async (): Promise<number> =>
      (await fetch(`${at}/v2/team/app/tags/list`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await read()).toBe(200);
    expect(disablePerson(front.database, 'Alice@Example.com', front.author)).toBe(`${issuer.url}#alice`);
    expect(await read()).toBe(401);
    expect(await who(world, credential)).toBe(401);
    expect((await browser.open(`${at}/auth/`)).text).toContain('Log in');
    const again = await browser.open(`${at}/auth/login`);
    expect([again.status, again.text.includes('disabled')]).toEqual([403, true]);
    enablePerson(front.database, `${issuer.url}#alice`, front.author);
    expect(await who(world, credential)).toBe(401);
    expect((await browser.open(`${at}/auth/login`)).text).toContain('Alice');
    expect(listPeople(front.database, front.clock.nowMs())).toMatchObject([
      { disabled: false, credentials: 0, email: 'alice@example.com' },
    ]);
  });
});

describe('what others try', () => {
  test('T65 a form without the token of its session, or from another site, changes nothing', async () => {
    const world = await startWorld();
    const { browser, at } = world;
    const page = await browser.open(`${at}/auth/login`);
    const csrf = csrfOf(page.text);
    const ask = async (
      form: Record<string, string>,
      headers: Record<string, string> = {},
      path = 'credential',
    ): Promise<number> => (await browser.ask(`${at}/auth/${path}`, { form, headers })).status;
    expect(await ask({ hours: '1' })).toBe(403);
    expect(await ask({ hours: '1', csrf: 'x' })).toBe(403);
    expect(await ask({ hours: '1', csrf }, { origin: 'https://evil.example' })).toBe(403);
    expect(await ask({ hours: '1', csrf }, { origin: 'null' })).toBe(403);
    expect(await ask({ hours: '1', csrf }, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await ask({}, {}, 'logout')).toBe(403);
    expect(
      (
        await fetch(`${at}/auth/credential?csrf=${csrf}`, {
          headers: { cookie: `__Host-plombe=${browser.cookies.get('__Host-plombe')}` },
        })
      ).status,
    ).toBe(404);
    const other = openBrowser(new URL(at).host);
    await other.open(`${at}/auth/login`);
    expect((await other.ask(`${at}/auth/credential`, { form: { hours: '1', csrf } })).status).toBe(403);
    expect(await ask({ hours: '1', csrf }, { origin: at, 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await ask({ csrf }, {}, 'logout')).toBe(303);
    expect(browser.cookies.size).toBe(0);
    expect(world.front.database.all('SELECT 1 FROM credentials')).toHaveLength(1);
  });

  test('T65 nothing in a request says where the browser goes', async () => {
    const { at, issuer } = await startWorld();
    for (const query of ['return=https://evil.example', 'redirect_uri=https://evil.example', 'next=//evil.example']) {
      const answer = await fetch(`${at}/auth/login?${query}`, { redirect: 'manual' });
      const location = new URL(answer.headers.get('location') ?? '');
      expect(location.origin).toBe(issuer.url);
      expect(location.href).not.toContain('evil');
    }
    const answer = await fetch(`${at}//evil.example/auth/login`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBeNull();
  });

  test('a login ends only in the browser that began it, once, within ten minutes', async () => {
    const { browser, at, front } = await startWorld();
    const begun = await browser.ask(`${at}/auth/login`);
    const back =
      (await fetch(begun.headers.get('location') ?? '', { redirect: 'manual' })).headers.get('location') ?? '';
    expect((await openBrowser(front.host).ask(back)).status).toBe(403);
    const sealed = browser.cookies.get('__Host-plombe-login') ?? '';
    const ask = async (cookie: string, url = back): Promise<number> =>
      (await fetch(url, { redirect: 'manual', headers: { cookie: `__Host-plombe-login=${cookie}` } })).status;
    expect(await ask(`${sealed.slice(0, -2)}xx`)).toBe(403);
    expect(await ask(`${sealed}; __Host-plombe-login=${sealed}`)).toBe(403);
    expect(await ask(sealed, back.replace(/state=[^&]+/, 'state=other'))).toBe(403);
    expect(await ask(sealed)).toBe(303);
    expect(await ask(sealed)).toBe(403);
    const late = await browser.ask(`${at}/auth/login`);
    const lateBack =
      (await fetch(late.headers.get('location') ?? '', { redirect: 'manual' })).headers.get('location') ?? '';
    front.clock.advance(600_000);
    expect((await browser.ask(lateBack)).status).toBe(403);
  });

  test('a name full of markup stays text', async () => {
    const { issuer, browser, at } = await startWorld();
    issuer.person = { sub: 'x', name: `<script>alert(1)</script>"'&\u001b[31m\u202e` };
    const { text } = await browser.open(`${at}/auth/login`);
    expect(text).not.toMatch(/<script|\u001b|\u202e/);
    expect(text).toContain('&lt;script&gt;');
  });

  test.each<[string, Record<string, unknown>]>([
    ['another nonce', { nonce: 'other' }],
    ['no nonce', { nonce: undefined }],
    ['another audience', { aud: 'other' }],
    ['a second audience without azp', { aud: ['plombe-test', 'other'] }],
    ['another azp', { azp: 'other' }],
    ['another issuer', { iss: 'https://other.example' }],
    ['an end in the past', { exp: 1 }],
    ['no subject', { sub: undefined }],
    ['a subject with spaces', { sub: 'a b' }],
  ])('T63 an ID token with %s logs nobody in', async (_, twist) => {
    const { issuer, browser, at, front } = await startWorld();
    issuer.twist = twist;
    const page = await browser.open(`${at}/auth/login`);
    expect([page.status, page.text.includes('refused')]).toEqual([403, true]);
    expect(front.database.all('SELECT 1 FROM people')).toEqual([]);
  });

  test.each<[string, (issuer: TestIssuer) => Record<string, unknown>]>([
    ['another issuer', () => ({ issuer: 'https://other.example' })],
    ['a slash at its end', ({ url }) => ({ issuer: `${url}/` })],
    ['keys over http elsewhere', () => ({ jwks_uri: 'http://keys.example/' })],
    ['keys that redirect', ({ url }) => ({ jwks_uri: `${url}/elsewhere` })],
    ['keys at the metadata service', () => ({ jwks_uri: 'https://169.254.169.254/keys' })],
    ['no keys', () => ({ jwks_uri: undefined })],
  ])('T63 a discovery document with %s opens nothing', async (_, metadata) => {
    const { issuer, browser, at, front } = await startWorld();
    issuer.metadata = metadata(issuer);
    expect((await browser.open(`${at}/auth/login`)).status).toBeGreaterThanOrEqual(403);
    expect(front.database.all('SELECT 1 FROM people')).toEqual([]);
    issuer.metadata = {};
  });
});

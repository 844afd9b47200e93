// Project administrators grant roles of their projects, and of nothing else.
import { describe, expect, test } from 'vitest';
import { createCredential } from '../credentials.ts';
import { addGrant, defineRole, listGrants } from '../grants.ts';
import { noteLogin } from '../people.ts';
import { basic, startFront, type Front } from '../testing/front.ts';

const issuer = 'https://issuer.example.com';

/** A person with a role on a project. Returns what he logs in with. */
function person(front: Front, subject: string, role?: string, project = 'team/**'): { authorization: string } {
  const claims = { issuer, subject, name: subject, groups: [], groupsLeftOut: false };
  const number = noteLogin(front.database, claims, front.author) ?? 0;
  if (role !== undefined)
    addGrant(front.database, { role, project, principal: { kind: 'person', issuer, value: subject } }, front.author);
  const { username, password } = createCredential(
    front.database,
    { number, id: `person:${issuer}#${subject}` },
    3_600_000,
    front.author,
  );
  return basic(username, password);
}

const startWorld = (): Promise<Front> => startFront({ oidc: { issuer, clientId: 'x' } });

async function post(
  { host }: Front,
  headers: Record<string, string>,
  body: unknown,
): Promise<[number, Record<string, unknown>]> {
  const answer = await fetch(`http://${host}/auth/grants`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return [answer.status, (await answer.json()) as Record<string, unknown>];
}

const grant = (role: string, project: string): object => ({
  role,
  project,
  principal: { kind: 'person', value: 'bob' },
});

describe('grants by project administrators', () => {
  test('are given, listed and taken back', async () => {
    const front = await startWorld();
    const lead = person(front, 'lead', 'project-admin');
    const bob = person(front, 'bob');
    const read = async (): Promise<number> =>
      (await fetch(`http://${front.host}/v2/team/app/tags/list`, { headers: bob })).status;
    expect(await read()).toBe(403);
    const [status, { id }] = await post(front, lead, { ...grant('guest', 'team/app'), expiresIn: 3600 });
    expect([status, typeof id]).toEqual([201, 'number']);
    expect(await read()).toBe(200);
    const list = (await (await fetch(`http://${front.host}/auth/grants`, { headers: lead })).json()) as {
      grants: { id: number }[];
    };
    expect(list.grants.map((one) => one.id)).toContain(id);
    const remove = async (): Promise<number> =>
      (await fetch(`http://${front.host}/auth/grants?id=${String(id)}`, { method: 'DELETE', headers: lead })).status;
    expect(await remove()).toBe(200);
    expect(await read()).toBe(403);
    expect(await remove()).toBe(403);
    const events = front.database.all<{ actor: string }>(
      "SELECT actor FROM account_events WHERE event IN ('grant.add', 'grant.remove') ORDER BY id DESC LIMIT 2",
    );
    expect(events.map(({ actor }) => actor)).toEqual([`person:${issuer}#lead`, `person:${issuer}#lead`]);
  });

  test('end when they say', async () => {
    const front = await startWorld();
    await post(front, person(front, 'lead', 'project-admin'), { ...grant('guest', 'team/app'), expiresIn: 600 });
    const bob = person(front, 'bob');
    const read = async (): Promise<number> =>
      (await fetch(`http://${front.host}/v2/team/app/tags/list`, { headers: bob })).status;
    expect(await read()).toBe(200);
    front.clock.advance(600_000);
    expect(await read()).toBe(403);
  });

  test.each<[string, string | undefined, string, string]>([
    ['of another project', 'project-admin', 'guest', 'other/app'],
    ['of everything', 'project-admin', 'guest', '*'],
    ['of a glob that only looks inside', 'project-admin', 'guest', '**/app'],
    ['of a name that only begins the same', 'project-admin', 'guest', 'team'],
    ['of the role admin', 'project-admin', 'admin', 'team/app'],
    ['by a maintainer', 'maintainer', 'guest', 'team/app'],
    ['by somebody without a role', undefined, 'guest', 'team/app'],
    ['of more than one has', 'hr', 'developer', 'team/app'],
  ])('T61, T62 refuse one %s', async (_, own, role, project) => {
    const front = await startWorld();
    defineRole(front.database, 'hr', ['pull', 'grant'], front.author);
    const someone = person(front, 'someone', own);
    const before = listGrants(front.database).length;
    const [status] = await post(front, someone, grant(role, project));
    expect(status).toBe(403);
    expect(listGrants(front.database)).toHaveLength(before);
  });

  test('T61 those of others are as if they were not there', async () => {
    const front = await startWorld();
    const lead = person(front, 'lead', 'project-admin');
    person(front, 'other', 'project-admin', 'other/**');
    const theirs = listGrants(front.database).find(({ project }) => project === 'other/**')?.id ?? 0;
    const said = async (id: number): Promise<string> => {
      const answer = await fetch(`http://${front.host}/auth/grants?id=${id}`, { method: 'DELETE', headers: lead });
      return `${answer.status} ${await answer.text()}`;
    };
    expect(await said(theirs)).toBe(await said(999));
    const list = await (await fetch(`http://${front.host}/auth/grants`, { headers: lead })).text();
    expect(list).not.toContain('other/**');
  });

  test('take no robot, token, cookie or nobody', async () => {
    const front = await startWorld();
    const { username, password } = front.robot({ repositories: ['*'], actions: ['pull', 'push', 'delete', 'sign'] });
    expect((await post(front, basic(username, password), grant('guest', 'team/app')))[0]).toBe(401);
    expect((await post(front, {}, grant('guest', 'team/app')))[0]).toBe(401);
    const lead = person(front, 'lead', 'project-admin');
    const { token } = (await (await fetch(`http://${front.host}/auth/token`, { headers: lead })).json()) as {
      token: string;
    };
    expect((await post(front, { authorization: `Bearer ${token}` }, grant('guest', 'team/app')))[0]).toBe(401);
  });

  test.each<unknown>([
    {},
    null,
    [],
    { role: 'guest', project: 'team/app' },
    { role: 'guest', project: 'team/app', principal: { kind: 'robot', value: 'x' } },
    { role: 'guest', project: 'team/app', principal: { kind: 'person', value: 7 } },
    { role: 'guest', project: 'team/app', principal: { kind: 'person', value: '' } },
    { role: 'guest', project: 'team/app', principal: { kind: 'email', value: 'nobody' } },
    { role: 'guest', project: 'team/App', principal: { kind: 'person', value: 'bob' } },
    { role: '__proto__', project: 'team/app', principal: { kind: 'person', value: 'bob' } },
    { ...grant('guest', 'team/app'), expiresIn: -1 },
  ])('that are none are answered as wrong: %j', async (body) => {
    const front = await startWorld();
    const [status] = await post(front, person(front, 'lead', 'project-admin'), body);
    expect(status).toBe(400);
    expect(listGrants(front.database)).toHaveLength(1);
  });

  test('T60 T73 what looks like SQL or a prototype is text, and what is no field of a grant is nothing', async () => {
    const front = await startWorld();
    const lead = person(front, 'lead', 'project-admin');
    const before = listGrants(front.database).length;
    const raw = async (body: string): Promise<number> =>
      (
        await fetch(`http://${front.host}/auth/grants`, {
          method: 'POST',
          headers: { ...lead, 'content-type': 'application/json' },
          body,
        })
      ).status;
    const principal = '"principal":{"kind":"person","value":"bob"}';
    for (const body of [
      `{"__proto__":{"role":"guest","project":"team/app"},${principal}}`,
      `{"role":"guest","project":"team/app","__proto__":{"principal":{"kind":"person","value":"bob"}}}`,
      `{"role":"__proto__","project":"team/app",${principal}}`,
      `{"role":"constructor","project":"team/app",${principal}}`,
      `{"role":"guest' OR 1=1 --","project":"team/app",${principal}}`,
      `{"role":"guest","project":"team/'; DROP TABLE grants; --",${principal}}`,
      `{"role":["guest"],"project":{"toString":"team/app"},${principal}}`,
      `{"role":"guest","project":"team/app","principal":{"kind":"__proto__","value":"bob"}}`,
      '[]',
      'null',
      '{',
    ]) {
      expect([body, await raw(body)]).toEqual([
        body,
        expect.toSatisfy((status: number) => status >= 400 && status < 500),
      ]);
    }
    for (const id of ["1' OR '1'='1", '__proto__', '-1', '1e9', '%00', '9'.repeat(400)]) {
      const answer = await fetch(`http://${front.host}/auth/grants?id=${encodeURIComponent(id)}`, {
        method: 'DELETE',
        headers: lead,
      });
      expect(answer.status).toBe(403);
    }
    expect(listGrants(front.database)).toHaveLength(before);
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  test('T62 the issuer is the server’s own, whatever is sent', async () => {
    const front = await startWorld();
    const body = {
      ...grant('guest', 'team/app'),
      principal: { kind: 'group', value: 'g', issuer: 'https://evil.example' },
      is_admin: true,
    };
    expect((await post(front, person(front, 'root', 'admin', '*'), body))[0]).toBe(201);
    expect(listGrants(front.database).find(({ project }) => project === 'team/app')?.principal).toEqual({
      kind: 'group',
      issuer,
      value: 'g',
    });
  });
});

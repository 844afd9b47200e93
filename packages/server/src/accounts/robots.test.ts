// Robots: made, used, ended, also by another process.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { listRobots, revokeRobot } from './robots.ts';
import { basic, startFront, type Front } from './testing/front.ts';

const statusOf = async (
  { host }: Front,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<number> => (await fetch(`http://${host}${path}`, { headers, method })).status;

describe('robots', () => {
  test('T59 there is no account before the first is made', async () => {
    const front = await startFront();
    for (const [user, password] of [
      ['admin', 'admin'],
      ['admin', ''],
      ['admin', 'Harbor12345'],
      ['robot-admin', 'admin'],
      ['plombe', 'plombe'],
    ] as const) {
      expect(await statusOf(front, '/v2/', basic(user, password))).toBe(401);
    }
    expect(front.database.get('SELECT 1 FROM robots')).toBeUndefined();
  });

  test('T59 no guess, empty password or other account’s password opens one that is there', async () => {
    const front = await startFront();
    const { username, password } = front.robot();
    const other = front.robot({ name: 'other' });
    const guesses = ['', ' ', 'password', 'admin', 'plombe', username, 'ci', 'null', 'undefined', '\0', other.password];
    const end = password.slice(-1) === 'a' ? 'b' : 'a';
    const near = [
      password.slice(0, -1),
      `${password}a`,
      password.slice(0, -1) + end,
      password.toUpperCase(),
      ` ${password}`,
    ];
    for (const guess of [...guesses, ...near]) {
      // Slowed down as everybody who guesses; what is asked here is whether one is right.
      front.clock.advance(120_000);
      expect([guess, await statusOf(front, '/v2/', basic(username, guess))]).toEqual([guess, 401]);
      const form = new URLSearchParams({ grant_type: 'password', service: 'plombe', username, password: guess });
      const answer = await fetch(`http://${front.host}/auth/token`, { method: 'POST', body: form });
      expect([guess, answer.status]).not.toEqual([guess, 200]);
    }
    for (const authorization of ['', 'Basic', 'Basic Og==', 'Bearer', 'Bearer ', 'Bearer null', `Bearer ${password}`])
      expect([authorization, await statusOf(front, '/v2/', { authorization })]).toEqual([authorization, 401]);
    front.clock.advance(120_000);
    expect(await statusOf(front, '/v2/', basic(username, password))).toBe(200);
  });

  test('T59 keys are each server’s own, and nobody else’s to read', async () => {
    const [one, two] = [await startFront(), await startFront()];
    const keys = [one, two].map(({ data }) => readFileSync(join(data, 'keys/token.key'), 'utf8'));
    expect(keys[0]).not.toBe(keys[1]);
    for (const { data } of [one, two]) expect(statSync(join(data, 'keys/token.key')).mode & 0o777).toBe(0o600);
    const { username, password } = one.robot();
    const answer = await fetch(`http://${one.host}/auth/token?service=plombe`, { headers: basic(username, password) });
    const { token } = (await answer.json()) as { readonly token: string };
    expect(await statusOf(one, '/v2/', { authorization: `Bearer ${token}` })).toBe(200);
    two.robot();
    expect(await statusOf(two, '/v2/', { authorization: `Bearer ${token}` })).toBe(401);
    expect(await statusOf(two, '/v2/', basic(username, password))).toBe(401);
  });

  test('may do what they were made for and nothing else', async () => {
    const front = await startFront();
    const { username, password } = front.robot();
    const login = { ...basic(username, password) };
    const cases: [string, string, number][] = [
      ['GET', '/v2/', 200],
      ['GET', '/v2/team/app/tags/list', 200],
      ['PUT', '/v2/team/a/b/manifests/1', 200],
      ['DELETE', '/v2/team/app/manifests/1', 403],
      ['GET', '/v2/team/tags/list', 403],
      ['GET', '/v2/teamx/app/tags/list', 403],
      ['POST', '/v2/team/app/blobs/uploads/?mount=sha256:0&from=other/app', 403],
      ['POST', '/v2/team/app/blobs/uploads/?mount=sha256:0&from=team/other', 200],
      ['GET', '/v2/team/../other/app/tags/list', 403],
      ['GET', '/v2/team/App/tags/list', 403],
      ['GET', '/v2/team%2fapp/tags/list', 403],
      ['GET', '/v2/team//app/tags/list', 403],
    ];
    for (const [method, path, status] of cases)
      expect([method, path, await statusOf(front, path, login, method)]).toEqual([method, path, status]);
  });

  test('passwords are long, recognisable, checkable, and nowhere on the disk', async () => {
    const front = await startFront();
    const { username, password } = front.robot();
    expect(username).toBe('robot-ci');
    expect(password).toMatch(/^plombe_robot_[0-9A-Za-z]{49}$/);
    await front.database.durable();
    for (const name of ['state.db', 'state.db-wal']) {
      expect(readFileSync(join(front.data, name)).includes(password)).toBe(false);
      expect(statSync(join(front.data, name)).mode & 0o077).toBe(0);
    }
    expect(JSON.stringify(listRobots(front.database, 0))).not.toContain('hash');
    expect(statSync(join(front.data, 'keys', 'token.key')).mode & 0o777).toBe(0o600);
  });

  test('always end, at most after a year, and then their name is free again', async () => {
    const front = await startFront();
    for (const lifeMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 366 * 86_400_000]) {
      expect(() => front.robot({ lifeMs })).toThrow('at most 365 days');
    }
    const { username, password } = front.robot();
    expect(() => front.robot()).toThrow('already');
    front.clock.advance(3_600_000);
    expect(await statusOf(front, '/v2/', basic(username, password))).toBe(401);
    const next = front.robot();
    expect(await statusOf(front, '/v2/', basic(next.username, next.password))).toBe(200);
    expect(await statusOf(front, '/v2/', basic(username, password))).toBe(401);
    expect(listRobots(front.database, front.clock.nowMs()).map(({ state }) => state)).toEqual(['expired', 'active']);
  });

  test.each<[string, object]>([
    ['a name with a colon', { name: 'a:b' }],
    ['a name in upper case', { name: 'CI' }],
    ['no name', { name: '' }],
    ['a long name', { name: 'a'.repeat(64) }],
    ['no repository', { repositories: [] }],
    ['a glob that is none', { repositories: ['Team/**'] }],
    ['no action', { actions: [] }],
  ])('refuse %s', async (_, request) => {
    const front = await startFront();
    expect(() => front.robot(request)).toThrow(expect.objectContaining({ code: 'config/invalid' }));
    expect(front.database.get('SELECT 1 FROM account_events')).toBeUndefined();
  });

  test('made and revoked by another process, the running server knows at once, also of tokens', async () => {
    const front = await startFront();
    const script = `
      import { openDatabase } from '@plombe/store';
      import { accountMigrations, createRobot, revokeRobot } from '@plombe/server';
      const [path, what] = process.argv.slice(1);
      const database = openDatabase(path, accountMigrations);
      const author = { actor: 'command:other', clock: { nowMs: () => Date.now() } };
      const request = { name: 'far', repositories: ['*'], actions: ['pull'], lifeMs: 60000 };
      if (what === 'create') console.log(JSON.stringify(createRobot(database, request, author)));
      else revokeRobot(database, 'far', author);
      database.close();`;
    const run = (what: string): string =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script, '--', join(front.data, 'state.db'), what], {
        cwd: import.meta.dirname,
        encoding: 'utf8',
      });
    expect(await statusOf(front, '/v2/', basic('robot-far', 'x'))).toBe(401);
    const { username, password } = JSON.parse(run('create')) as { username: string; password: string };
    expect(await statusOf(front, '/v2/team/app/tags/list', basic(username, password))).toBe(200);
    const answer = await fetch(`http://${front.host}/auth/token?scope=repository:team/app:pull`, {
      headers: basic(username, password),
    });
    const { token } = (await answer.json()) as { token: string };
    const bearer = { authorization: `Bearer ${token}` };
    expect(await statusOf(front, '/v2/team/app/tags/list', bearer)).toBe(200);
    run('revoke');
    expect(await statusOf(front, '/v2/team/app/tags/list', bearer)).toBe(401);
    expect(await statusOf(front, '/v2/team/app/tags/list', basic(username, password))).toBe(401);
  });

  test('revoked and made anew, the old token stays out', async () => {
    const front = await startFront();
    const first = front.robot();
    const answer = await fetch(`http://${front.host}/auth/token?scope=repository:team/app:pull`, {
      headers: basic(first.username, first.password),
    });
    const { token } = (await answer.json()) as { token: string };
    revokeRobot(front.database, 'ci', front.author);
    expect(() => revokeRobot(front.database, 'ci', front.author)).toThrow('No robot ci');
    front.robot();
    expect(await statusOf(front, '/v2/team/app/tags/list', { authorization: `Bearer ${token}` })).toBe(401);
  });

  test('every change is kept, and cannot be changed', async () => {
    const front = await startFront();
    front.robot();
    revokeRobot(front.database, 'ci', front.author);
    const events = front.database.all<{ event: string; actor: string; target: string; details: string }>(
      'SELECT * FROM account_events',
    );
    expect(events.map(({ event, actor, target }) => [event, actor, target])).toEqual([
      ['robot.create', 'command:test', 'robot:ci'],
      ['robot.revoke', 'command:test', 'robot:ci'],
    ]);
    expect(JSON.stringify(events)).not.toContain('plombe_robot');
    expect(() => front.database.run('DELETE FROM account_events')).toThrow('append only');
    expect(() => front.database.run("UPDATE account_events SET actor = 'x'")).toThrow('append only');
  });
});

// Who may do what in a Harbor and what happened, and what a partial view must say.
import { describe, expect, it } from 'vitest';
import { openHarbor } from '../../testing/harbor/open.ts';
import { description, startHarbor } from '../../testing/harbor/server.ts';
import { digestOf, project } from '../../testing/harbor/state.ts';
import type { Known } from '../connector.ts';

const { signal } = new AbortController();
const call = { signal };

const reads = { resource: 'repository', action: 'pull' };
const robot = { secret: 'S3cret', level: 'system', projectId: 0 } as const;

function valueOf<T>(answer: Known<T>): T {
  if (answer.kind === 'known') return answer.value;
  throw new Error(answer.reason);
}

describe.skipIf(description === undefined)('access to a Harbor', () => {
  it('tells who may do what: people, groups of one name, robots, everybody', async () => {
    const harbor = await startHarbor();
    const { state } = harbor;
    state.users.push({ id: 2, name: 'jo', password: 'x' }, { id: 3, name: 'ops', password: 'x', adminByGroup: true });
    state.groups.push({ id: 7, name: 'ops', type: 1 }, { id: 8, name: 'ops', type: 3 });
    state.configuration = { ...state.configuration, auth_mode: 'oidc_auth', oidc_admin_group: 'ops' };
    state.projects.push(
      project(
        2,
        'prod',
        {},
        {
          members: [
            { name: 'jo', type: 'u', entityId: 2, roleId: 2 },
            { name: 'ops', type: 'g', entityId: 7, roleId: 1 },
            { name: 'ops', type: 'u', entityId: 3, roleId: 3 },
            { name: 'odd', type: 'u', entityId: 4, roleId: 99 },
          ],
        },
      ),
    );
    state.robots.push(
      {
        ...robot,
        name: 'robot$all',
        expiresAt: -1,
        permissions: [{ kind: 'project', namespace: '*', access: [reads, { resource: 'member', action: 'create' }] }],
      },
      {
        ...robot,
        name: 'robot$prod+ci',
        level: 'project',
        projectId: 2,
        expiresAt: 1000,
        permissions: [
          {
            kind: 'project',
            namespace: 'prod',
            access: [
              reads,
              { resource: 'repository', action: 'push' },
              { resource: 'artifact', action: 'delete' },
              { resource: 'artifact', action: 'delete', effect: 'deny' },
            ],
          },
        ],
      },
    );
    const connector = openHarbor(harbor, undefined, {}, () => 2_000_000);
    const principals = valueOf(await connector.principals(call));
    expect(principals.map(({ id, kind, state: word }) => [id, kind, word])).toEqual([
      ['user:admin', 'human', 'active'],
      ['user:jo', 'human', 'active'],
      ['user:ops', 'human', 'active'],
      ['group:ops', 'group', 'active'],
      ['group:ops#8', 'group', 'active'],
      ['robot:robot$all', 'robot', 'active'],
      ['robot:robot$prod+ci', 'robot', 'expired'],
      ['anonymous', 'anonymous', 'active'],
    ]);
    expect(principals.at(-2)?.expiresAt).toBe('1970-01-01T00:16:40.000Z');
    const all = ['list', 'pull', 'push', 'delete', 'sign', 'admin'];
    expect(
      valueOf(await connector.grants(call)).map(({ principal, repositories, permissions }) => [
        principal,
        repositories,
        permissions,
      ]),
    ).toEqual([
      ['user:admin', '**', all],
      ['user:ops', '**', all],
      ['group:ops#8', '**', all],
      ['anonymous', 'library/**', ['list', 'pull']],
      ['user:jo', 'prod/**', ['list', 'pull', 'push', 'sign']],
      ['group:ops', 'prod/**', all],
      ['user:ops', 'prod/**', ['list', 'pull']],
      // An unknown role counts as everything.
      ['user:odd', 'prod/**', all],
      ['robot:robot$all', '**', ['pull', 'admin']],
      ['robot:robot$prod+ci', 'prod/**', ['pull', 'push', 'sign']],
    ]);
  });

  it('says what is missing where an account sees only a part, which Harbor does not say', async () => {
    const harbor = await startHarbor();
    harbor.state.users.push({ id: 2, name: 'jo', password: 'x' });
    harbor.state.projects.push(
      project(2, 'team', {}, { members: [{ name: 'jo', type: 'u', entityId: 2, roleId: 1 }] }),
      project(3, 'hidden'),
    );
    const connector = openHarbor(harbor, ['jo', 'x']);
    const grants = await connector.grants(call);
    expect(valueOf(grants).map(({ principal, repositories }) => [principal, repositories])).toEqual([
      ['anonymous', 'library/**'],
      ['user:jo', 'team/**'],
    ]);
    for (const answer of [grants, await connector.principals(call), await connector.auditEvents(0, call)]) {
      const gap = expect.stringContaining('The account jo sees only some of the projects') as unknown;
      expect(answer).toMatchObject({ kind: 'known', incomplete: expect.arrayContaining([gap]) as unknown });
    }
    const facts = await connector.facts(call);
    expect(facts['projectsWithoutCveGate']).toMatchObject({
      value: ['library', 'team'],
      incomplete: [expect.any(String)],
    });
    expect(facts['systemAdministrators']).toMatchObject({ kind: 'unknown' });
    expect(facts['authMode']).toEqual({ kind: 'known', value: 'db_auth' });
  });

  it('is content with a robot of all projects, as far as its permissions go', async () => {
    const harbor = await startHarbor();
    harbor.state.projects.push(project(2, 'prod'));
    const list = (resource: string): { resource: string; action: string } => ({ resource, action: 'list' });
    const all = ['member', 'robot', 'immutable-tag', 'artifact'].map(list);
    harbor.state.robots.push({
      ...robot,
      name: 'robot$plombe',
      expiresAt: -1,
      permissions: [
        { kind: 'project', namespace: '*', access: all },
        { kind: 'system', namespace: '/', access: [list('robot'), list('quota')] },
      ],
    });
    const facts = await openHarbor(harbor, ['robot$plombe', 'S3cret']).facts(call);
    expect(facts['publicProjects']).toEqual({ kind: 'known', value: ['library'] });
    expect(facts['projectsWithoutImmutability']).toEqual({ kind: 'known', value: ['library', 'prod'] });
    expect(facts['wideRobots']).toEqual({ kind: 'known', value: ['robot$plombe'] });
    const gap = expect.stringContaining('/projects/library/webhook') as unknown;
    expect(facts['insecureWebhooks']).toMatchObject({
      value: [],
      incomplete: expect.arrayContaining([gap]) as unknown,
    });
    expect(facts['systemAdministrators']).toMatchObject({ kind: 'unknown' });
    harbor.state.audit.push({
      username: 'a',
      operation: 'create',
      resource: 'x',
      type: 'project',
      time: '2026-01-01T00:00:00Z',
    });
    const connector = openHarbor(harbor, ['robot$plombe', 'S3cret']);
    const missing = expect.stringContaining('audit-log:list') as unknown;
    expect(await connector.auditEvents(0, call)).toEqual({ kind: 'known', value: [], incomplete: [missing] });
    harbor.state.robots[0]?.permissions[1]?.access.push(list('audit-log'));
    expect(await connector.auditEvents(0, call)).toEqual({ kind: 'known', value: [expect.anything()] });
  });

  it('reads the extended audit log, and the older one where there is no other', async () => {
    const harbor = await startHarbor();
    const at = (minute: number): string => `2026-11-01T08:0${minute}:00.000Z`;
    harbor.state.audit = [
      { username: 'admin', operation: 'create', resource: 'library/app:1', type: 'artifact', time: at(3) },
      {
        username: 'robot$ci',
        operation: 'delete',
        resource: `library/app@${digestOf('a')}`,
        type: 'artifact',
        time: at(1),
        success: false,
      },
      { username: 'jo', operation: 'update', resource: 'prod', type: 'project', time: at(2) },
      { username: 'jo', operation: 'login', resource: 'jo', type: 'user', time: at(0) },
    ];
    const connector = openHarbor(harbor);
    const since = Date.parse(at(1));
    expect(valueOf(await connector.auditEvents(since, call))).toEqual([
      {
        id: 'harbor:auditlog-exts:2',
        time: at(1),
        principal: 'robot:robot$ci',
        operation: 'delete artifact',
        repository: 'library/app',
        digest: digestOf('a'),
        outcome: 'failure',
      },
      {
        id: 'harbor:auditlog-exts:3',
        time: at(2),
        principal: 'user:jo',
        operation: 'update project',
        outcome: 'success',
      },
      {
        id: 'harbor:auditlog-exts:1',
        time: at(3),
        principal: 'user:admin',
        operation: 'create artifact',
        repository: 'library/app',
        tag: '1',
        outcome: 'success',
      },
    ]);
    harbor.state.extendedAudit = false;
    expect(
      valueOf(await connector.auditEvents(since, call)).map(({ principal, outcome }) => [principal, outcome]),
    ).toEqual([
      ['robot:robot$ci', 'success'],
      ['user:admin', 'success'],
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConnectedGrant, ConnectedPrincipal } from '../registries/connector.ts';
import { effectiveAccess } from './effective.ts';
import { coversRepository } from './glob.ts';
import { groupAccess } from './group.ts';

describe('globs', () => {
  test.each([
    ['**', 'a', true],
    ['**', 'a/b/c', true],
    ['prod/**', 'prod/app', true],
    ['prod/**', 'prod/team/app', true],
    ['prod/**', 'production/app', false],
    ['prod/app', 'prod/app', true],
    ['prod/app', 'prod/app2', false],
    ['prod/*', 'prod/app', true],
    ['prod/*', 'prod/team/app', false],
    ['*/app', 'prod/app', true],
    ['**/app', 'a/b/app', true],
    ['team-*', 'team-a', true],
    ['*', 'a/b', false],
    ['', 'a', false],
  ])('%s over %s: %s', (glob, repository, expected) => {
    expect(coversRepository(glob, repository)).toBe(expected);
  });

  test('a name covers itself and everything below its two stars', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), part, (parts, last) => {
        const name = parts.join('/');
        expect(coversRepository(name, name)).toBe(true);
        expect(coversRepository(`${name}/**`, `${name}/${last}`)).toBe(true);
        expect(coversRepository(`${name}/*`, `${name}/x/${last}`)).toBe(false);
      }),
    );
  });

  test('T22 a hostile glob takes no time', () => {
    expect(coversRepository('*a'.repeat(500), 'a'.repeat(1000))).toBe(true);
    expect(coversRepository(`${'**/'.repeat(300)}x`, 'a/'.repeat(300))).toBe(false);
    expect(coversRepository('*'.repeat(5000), 'a')).toBe(false);
  });
});

const principal = (id: string, more: Partial<ConnectedPrincipal> = {}): ConnectedPrincipal => ({
  id,
  kind: id.startsWith('group:') ? 'group' : 'human',
  name: id,
  state: 'active',
  ...more,
});
const grant = (who: string, repositories: string, permissions: ConnectedGrant['permissions']): ConnectedGrant => ({
  principal: who,
  repositories,
  permissions,
  source: 'role',
});
const rows = (
  principals: readonly ConnectedPrincipal[],
  grants: readonly ConnectedGrant[],
  repositories = ['prod/app', 'dev/app'],
) => effectiveAccess(repositories, principals, grants);

describe('effective access', () => {
  test('unites grants, over globs and groups', () => {
    const found = rows(
      [principal('user:jo'), principal('group:ops', { members: ['user:jo'] })],
      [grant('user:jo', '**', ['pull']), grant('group:ops', 'prod/**', ['push', 'delete'])],
    );
    expect(found.map(({ repository, permissions }) => `${repository} ${permissions.join()}`)).toEqual([
      'dev/app pull',
      'prod/app pull,push,delete',
    ]);
    expect(found[1]?.paths[1]).toMatchObject({ via: ['group:ops'], source: 'role' });
  });

  test('groups in groups, also in a circle', () => {
    const found = rows(
      [
        principal('user:jo'),
        principal('group:a', { members: ['group:b'] }),
        principal('group:b', { members: ['group:a', 'user:jo'] }),
      ],
      [grant('group:a', 'prod/app', ['pull'])],
    );
    expect(found).toMatchObject([{ principal: { id: 'user:jo' }, paths: [{ via: ['group:b', 'group:a'] }] }]);
  });

  test('T22 a lattice of groups takes no time', () => {
    const groups = Array.from({ length: 300 }, (_, at) =>
      principal(`group:${at}`, { members: Array.from({ length: 10 }, (__, next) => `group:${at + 1 + next}`) }),
    );
    expect(rows(groups, [grant('group:0', 'prod/app', ['pull'])]).length).toBeGreaterThan(0);
  });

  test('who is disabled can do nothing, and what it could do is told', () => {
    const found = rows([principal('user:gone', { state: 'disabled' })], [grant('user:gone', '**', ['push'])]);
    expect(found[0]).toMatchObject({ permissions: [], granted: ['push'] });
  });

  test('a group whose members are not known, and a stranger, count', () => {
    const found = rows(
      [principal('group:ldap')],
      [grant('group:ldap', 'dev/app', ['pull']), grant('entra:1', 'dev/app', ['admin'])],
    );
    expect(found.map(({ principal: { id, state } }) => `${id} ${state}`)).toEqual([
      'entra:1 unknown',
      'group:ldap active',
    ]);
  });

  test('nobody has more than the union of what was granted', () => {
    const names = fc.constantFrom('user:a', 'user:b', 'group:c');
    const some = fc.array(fc.record({ who: names, glob: fc.constantFrom('**', 'prod/**', 'dev/app') }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(some, (list) => {
        const everybody = [principal('user:a'), principal('user:b'), principal('group:c', { members: ['user:a'] })];
        const found = rows(
          everybody,
          list.map(({ who, glob }) => grant(who, glob, ['pull'])),
        );
        for (const {
          principal: { id },
          repository,
        } of found) {
          const own = list.filter(({ who }) => who === id || (who === 'group:c' && id === 'user:a'));
          expect(own.some(({ glob }) => coversRepository(glob, repository))).toBe(true);
        }
      }),
    );
  });
});

test('repositories in which everybody may do the same are one group, and one that differs is its own', () => {
  const names = Array.from({ length: 1000 }, (_, n) => `library/app-${n}`);
  const may = (who: string, repositories: string): ConnectedGrant => ({
    principal: who,
    repositories,
    permissions: ['pull'],
    source: 'role',
  });
  const groups = groupAccess(
    effectiveAccess(names, [], [may('user:jo', 'library/**'), may('user:lee', 'library/app-7')]),
  );
  expect(groups.map(({ repositories, rows }) => [repositories.length, rows.length])).toEqual([
    [999, 1],
    [1, 2],
  ]);
  expect(groups[1]?.repositories).toEqual(['library/app-7']);
});

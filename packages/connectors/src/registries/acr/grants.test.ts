// Who may do what from role assignments: the two permission modes, denials, the admin user's password, scope maps.
import { expect, test } from 'vitest';
import { covers, matchesAction } from './actions.ts';
import { grantsOf, scopeMapGrants, type Denial } from './grants.ts';
import { builtInRoles } from './roles.ts';
import type { RoleMode } from './routes.ts';

const legacy = 'LegacyRegistryPermissions';
const abac = 'AbacRepositoryPermissions';
const principalId = '22222222-0000-0000-0000-000000000001';

const held = (role: string, mode: RoleMode, adminUser = false, denials: readonly Denial[] = []): string => {
  const known = Object.values(builtInRoles).find(({ name }) => name === role);
  const permissions = known?.permissions ?? [];
  const grants = grantsOf(
    { principalId, principalType: 'User', role: { name: role, permissions }, scope: '/s' },
    denials,
    mode,
    adminUser,
  );
  return (
    grants.map(({ repositories, permissions: given }) => `${repositories}: ${given.join(' ')}`).join('; ') || 'nothing'
  );
};

test.each([
  ['AcrPull', '**: list pull', 'nothing'],
  ['AcrPush', '**: list pull push sign', 'nothing'],
  ['AcrDelete', '**: delete', 'nothing'],
  ['Reader', '**: list pull', 'nothing'],
  ['Monitoring Reader', '**: list pull', 'nothing'],
  ['Container Registry Repository Reader', 'nothing', '**: list pull'],
  ['Container Registry Repository Writer', 'nothing', '**: list pull push sign'],
  ['Container Registry Repository Contributor', 'nothing', '**: list pull push delete sign'],
  ['Container Registry Repository Catalog Lister', 'nothing', '**: list'],
  ['Container Registry Configuration Reader and Data Access Configuration Reader', 'nothing', 'nothing'],
  ['AcrQuarantineReader', 'nothing', 'nothing'],
])('%s: legacy %s, ABAC %s', (role, inLegacy, inAbac) => {
  expect(held(role, legacy)).toBe(inLegacy);
  expect(held(role, abac)).toBe(inAbac);
});

test('Owner and Contributor rule the registry in both modes, and its images in legacy mode', () => {
  expect(held('Owner', legacy)).toMatch(/^\*\*: list pull push delete sign;/);
  expect(held('Owner', abac)).not.toContain('pull');
  expect(held('Owner', abac).match(/admin/g)).toHaveLength(4);
  expect(held('Contributor', abac).match(/admin/g)).toHaveLength(3);
  expect(held('User Access Administrator', abac)).toBe('**: admin');
});

test('with the admin user on, a reader of the configuration is one who pushes', () => {
  const reader = 'Container Registry Configuration Reader and Data Access Configuration Reader';
  expect(held(reader, abac, true)).toBe('**: list pull push delete sign');
});

const denial = (change: Partial<Denial>): Denial => ({
  principals: ['00000000-0000-0000-0000-000000000000'],
  excluded: [],
  indirect: false,
  permissions: [
    {
      actions: ['Microsoft.ContainerRegistry/registries/push/*'],
      notActions: [],
      dataActions: ['*/write'],
      notDataActions: [],
    },
  ],
  ...change,
});

test.each([
  [denial({}), '**: list pull'],
  [denial({ principals: [principalId] }), '**: list pull'],
  [denial({ principals: ['other'] }), '**: list pull push sign'],
  [denial({ excluded: [principalId] }), '**: list pull push sign'],
  [denial({ indirect: true }), '**: list pull push sign'],
  [denial({ condition: "@x[y] StringEquals 'z'" }), '**: list pull push sign'],
])('a denial %# leaves %s', (one, expected) => {
  expect(held('AcrPush', legacy, false, [one])).toBe(expected);
});

test('a condition cuts repositories out of a role, and is named where it cannot be told', () => {
  const role = builtInRoles['2a1e307c-b015-4ebd-883e-5b7698a07328'];
  const grants = (condition: string): unknown =>
    grantsOf(
      {
        principalId,
        principalType: 'User',
        role: { name: 'w', permissions: role?.permissions ?? [] },
        scope: '/s',
        condition,
      },
      [],
      abac,
      false,
    );
  const name = '@Request[Microsoft.ContainerRegistry/registries/repositories:name]';
  const write = "ActionMatches{'Microsoft.ContainerRegistry/registries/repositories/content/write'}";
  expect(grants(`!${write} OR ${name} StringStartsWith 'quarantine/'`)).toEqual([
    { principal: `entra:${principalId}`, repositories: '**', permissions: ['list', 'pull'], source: 'w at /s' },
    {
      principal: `entra:${principalId}`,
      repositories: 'quarantine/**',
      permissions: ['push', 'sign'],
      source: 'w at /s',
    },
  ]);
  const condition = `${name} StringNotEquals 'prod/app'`;
  expect(grants(condition)).toEqual([
    {
      principal: `entra:${principalId}`,
      repositories: '**',
      permissions: ['list', 'pull', 'push', 'sign'],
      source: 'w at /s',
      condition,
    },
  ]);
  expect(grants(`${name} StringEquals 'a' AND ${name} StringEquals 'b'`)).toEqual([]);
});

test('scope maps with names, wildcards and actions that are none', () => {
  const actions = [
    'repositories/sample/*/content/read',
    'repositories/sample/teamA/*/content/write',
    'repositories/sample/teamA/projectB/content/delete',
    'repositories/*/metadata/read',
    'repositories/x/metadata/write',
    'gateway/edge/config/read',
    'repositories//content/read',
  ];
  expect(Object.fromEntries(scopeMapGrants(actions))).toEqual({
    'sample/**': ['pull'],
    'sample/teamA/**': ['push', 'sign'],
    'sample/teamA/projectB': ['delete'],
    '**': ['list'],
  });
});

test.each([
  ['*', 'a/b', true],
  ['*/read', 'Microsoft.ContainerRegistry/registries/pull/read', true],
  ['*/read', 'Microsoft.ContainerRegistry/registries/push/write', false],
  ['microsoft.containerregistry/*/READ', 'Microsoft.ContainerRegistry/registries/pull/read', true],
  ['a/*/a', 'a/a', false],
  ['a*a', 'a', false],
  ['*a*b*', 'xxbxa', false],
  ['*a*b*', 'xaxb', true],
  ['a/b', 'a/b/c', false],
])('%s stands for %s: %s', (pattern, action, expected) => {
  expect(matchesAction(pattern, action)).toBe(expected);
});

test('what is excepted is not given', () => {
  const set = { actions: ['*'], notActions: ['Microsoft.Authorization/*/write'], dataActions: [], notDataActions: [] };
  expect(covers(set, 'control', 'Microsoft.Authorization/roleAssignments/write')).toBe(false);
  expect(covers(set, 'control', 'Microsoft.ContainerRegistry/registries/write')).toBe(true);
  expect(covers(set, 'data', 'Microsoft.ContainerRegistry/registries/catalog/read')).toBe(false);
});

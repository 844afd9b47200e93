// Who may do what in Harbor: people, groups, robots and anonymous callers, and the roles and permissions they hold.
import { isObject, objectField, textField, type JsonObject } from '@plombe/kit';
import type { CallOptions, ConnectedGrant, ConnectedPrincipal, Known, Permission } from '../connector.ts';
import { pathPart, type HarborApi } from './api.ts';
import { count, instant } from './contents.ts';
import { openGaps } from './gaps.ts';
import { listProjects, notePartialView, readAllRobots, type HarborRobot } from './projects.ts';

/**
 * What each role of a project may (Harbor's `rbac_role.go`, 2.15). Whoever pushes may also attach signatures: Harbor knows no permission for
 * signing of its own.
 */
const roles: Readonly<Record<string, readonly Permission[]>> = {
  projectAdmin: ['list', 'pull', 'push', 'delete', 'sign', 'admin'],
  maintainer: ['list', 'pull', 'push', 'delete', 'sign'],
  developer: ['list', 'pull', 'push', 'sign'],
  guest: ['list', 'pull'],
  limitedGuest: ['list', 'pull'],
};

/** `role_id` of a member → role; the names are for people and may be translated. */
const roleNames: Readonly<Record<number, string>> = {
  1: 'projectAdmin',
  2: 'developer',
  3: 'guest',
  4: 'maintainer',
  5: 'limitedGuest',
};

const everything: readonly Permission[] = ['list', 'pull', 'push', 'delete', 'sign', 'admin'];

const administrator = 'a system administrator, or a system robot with the permission to list this';

/** Lists people, groups, robots of system and projects, and `anonymous` where a project is public. */
export async function readPrincipals(
  api: HarborApi,
  account: string | undefined,
  nowMs: number,
  options: CallOptions,
): Promise<Known<readonly ConnectedPrincipal[]>> {
  const gaps = openGaps();
  await notePartialView(api, account, gaps, options);
  const people = await gaps.read(administrator, [], () => readPeople(api, options));
  const groups = await gaps.read(administrator, noGroups, () => readGroups(api, options));
  const projects = await listProjects(api, options);
  const robots = await readAllRobots(api, projects, gaps, options);
  if (groups.size > 0) gaps.note("Harbor does not know who is in a group: that is the identity provider's.");
  return gaps.known([
    ...people.map(personOf),
    ...[...groups.values()].map(({ id, name }): ConnectedPrincipal => ({ id, kind: 'group', name, state: 'active' })),
    ...robots.map((robot) => robotOf(robot, nowMs)),
    ...(projects.some(({ isPublic }) => isPublic) ? [anonymous] : []),
  ]);
}

const anonymous: ConnectedPrincipal = { id: 'anonymous', kind: 'anonymous', name: 'anonymous', state: 'active' };

/** Lists the grants of members, administrators, robots and everybody. */
export async function readGrants(
  api: HarborApi,
  account: string | undefined,
  options: CallOptions,
): Promise<Known<readonly ConnectedGrant[]>> {
  const gaps = openGaps();
  await notePartialView(api, account, gaps, options);
  const people = await gaps.read(administrator, [], () => readPeople(api, options));
  const groups = await gaps.read(administrator, noGroups, () => readGroups(api, options));
  const grants: ConnectedGrant[] = people
    .filter(isAdministrator)
    .map((person) => grant(personId(person), '**', everything, 'system administrator'));
  grants.push(...(await gaps.read(administrator, [], () => administratorGroups(api, groups, options))));
  const projects = await listProjects(api, options);
  for (const { name, isPublic } of projects) {
    if (isPublic) grants.push(grant('anonymous', `${name}/**`, ['list', 'pull'], `public project ${name}`));
    const needs = `a member of the project ${name}, or ${administrator}`;
    grants.push(...(await gaps.read(needs, [], () => memberGrants(api, name, groups, options))));
  }
  for (const robot of await readAllRobots(api, projects, gaps, options)) grants.push(...robotGrants(robot));
  return gaps.known(grants);
}

async function memberGrants(
  api: HarborApi,
  project: string,
  groups: Groups,
  { signal }: CallOptions,
): Promise<readonly ConnectedGrant[]> {
  const members = await Array.fromAsync(api.list({ path: `/projects/${pathPart(project)}/members`, signal }));
  return members.map((member) => {
    const role = roleNames[count(member, 'role_id') ?? 0] ?? textField(member, 'role_name') ?? '';
    // A role that is not known here may do anything until it is.
    const permissions = Object.hasOwn(roles, role) ? (roles[role] ?? everything) : everything;
    return grant(memberId(member, groups), `${project}/**`, permissions, `role ${role} in project ${project}`);
  });
}

function grant(
  principal: string,
  repositories: string,
  permissions: readonly Permission[],
  source: string,
): ConnectedGrant {
  return { principal, repositories, permissions, source };
}

/**
 * Lists people. Harbor leaves its first administrator (id 1) out of the list, although he cannot be removed, so he is read by himself.
 */
export async function readPeople(api: HarborApi, { signal }: CallOptions): Promise<readonly JsonObject[]> {
  const listed = await Array.fromAsync(api.list({ path: '/users', query: { sort: 'user_id' }, signal }));
  if (listed.some((person) => person['user_id'] === 1)) return listed;
  const first = await api.call({ path: '/users/1', signal, expect: [404] });
  return isObject(first.value) ? [first.value, ...listed] : listed;
}

/** True for an administrator of the whole system, set in Harbor or by a group of the identity provider. */
export function isAdministrator(person: JsonObject): boolean {
  return person['sysadmin_flag'] === true || person['admin_role_in_auth'] === true;
}

function personId(person: JsonObject): string {
  return `user:${textField(person, 'username') ?? ''}`;
}

function personOf(person: JsonObject): ConnectedPrincipal {
  const createdAt = instant(person, 'creation_time');
  const name = textField(person, 'username') ?? '';
  return {
    id: personId(person),
    kind: 'human',
    name,
    state: 'active',
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}

type Groups = ReadonlyMap<number, { readonly id: string; readonly name: string; readonly type: number }>;

const noGroups: Groups = new Map();

/** Groups by number. Those of one name in two identity sources stay two (T62): the second carries its number. */
async function readGroups(api: HarborApi, { signal }: CallOptions): Promise<Groups> {
  const groups = new Map<number, { id: string; name: string; type: number }>();
  const taken = new Set<string>();
  for await (const entry of api.list({ path: '/usergroups', signal })) {
    const number = count(entry, 'id');
    const name = textField(entry, 'group_name');
    if (number === undefined || name === undefined) continue;
    const id = taken.has(name) ? `group:${name}#${number}` : `group:${name}`;
    taken.add(name);
    groups.set(number, { id, name, type: count(entry, 'group_type') ?? 0 });
  }
  return groups;
}

/** A member is a person or a group by its type and number, never by its name (T62). */
function memberId(member: JsonObject, groups: Groups): string {
  const name = textField(member, 'entity_name') ?? '';
  if (textField(member, 'entity_type') !== 'g') return `user:${name}`;
  return groups.get(count(member, 'entity_id') ?? -1)?.id ?? `group:${name}`;
}

/** Groups whose members administer the system; they are named in the configuration, which only administrators read. */
async function administratorGroups(
  api: HarborApi,
  groups: Groups,
  { signal }: CallOptions,
): Promise<readonly ConnectedGrant[]> {
  const configuration = await api.read({ path: '/configurations', signal });
  const valueOf = (key: string): string => textField(objectField(configuration, key) ?? {}, 'value') ?? '';
  const mode = valueOf('auth_mode');
  const key = {
    oidc_auth: 'oidc_admin_group',
    ldap_auth: 'ldap_group_admin_dn',
    http_auth: 'http_authproxy_admin_groups',
  }[mode];
  if (key === undefined || valueOf(key) === '') return [];
  const names = mode === 'http_auth' ? valueOf(key).split(',') : [valueOf(key)];
  return names.map((text) => {
    const name = text.trim();
    const type = { ldap_auth: 1, http_auth: 2, oidc_auth: 3 }[mode];
    const known = [...groups.values()].find((group) => group.name === name && group.type === type);
    return grant(known?.id ?? `group:${name}`, '**', everything, `system administrator (${key})`);
  });
}

function robotOf(robot: HarborRobot, nowMs: number): ConnectedPrincipal {
  const { name, expiresAtMs, isDisabled, createdAt } = robot;
  const isExpired = expiresAtMs !== undefined && expiresAtMs <= nowMs;
  return {
    id: `robot:${name}`,
    kind: 'robot',
    name,
    state: isDisabled ? 'disabled' : isExpired ? 'expired' : 'active',
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(expiresAtMs === undefined ? {} : { expiresAt: new Date(expiresAtMs).toISOString() }),
  };
}

function robotGrants(robot: HarborRobot): readonly ConnectedGrant[] {
  return robot.permissions.flatMap(({ kind, namespace, access }) => {
    const repositories = kind === 'project' && namespace !== '*' ? `${namespace}/**` : '**';
    const permissions = robotPermissions(access);
    const place = kind === 'project' ? (namespace === '*' ? 'all projects' : `project ${namespace}`) : 'the system';
    return permissions.length === 0
      ? []
      : [grant(`robot:${robot.name}`, repositories, permissions, `${robot.level} robot on ${place}`)];
  });
}

const contents: ReadonlySet<string> = new Set(['repository', 'artifact', 'tag']);
/** What changes who may do what, or which rules hold. */
const governing: ReadonlySet<string> = new Set([
  '*',
  '',
  'configuration',
  'immutable-tag',
  'member',
  'metadata',
  'notification-policy',
  'project',
  'quota',
  'registry',
  'replication',
  'replication-policy',
  'robot',
  'scanner',
  'tag-retention',
  'user',
  'user-group',
]);
const changing: ReadonlySet<string> = new Set(['*', 'create', 'update', 'delete', 'operate']);

/** Harbor's pairs of resource and action in neutral words; a pair that is denied anywhere in the list does not count. */
export function robotPermissions(access: readonly JsonObject[]): readonly Permission[] {
  const pairs = (effect: (text: string) => boolean): readonly string[] =>
    access
      .filter((entry) => effect(textField(entry, 'effect') ?? ''))
      .map((entry) => `${textField(entry, 'resource') ?? ''}:${textField(entry, 'action') ?? ''}`);
  const denied = new Set(pairs((effect) => effect === 'deny'));
  const found = new Set<Permission>();
  for (const pair of pairs((effect) => effect !== 'deny')) {
    if (denied.has(pair)) continue;
    const [resource = '', action = ''] = pair.split(':');
    const isContent = contents.has(resource) || resource === '*';
    if (isContent && (action === 'list' || action === 'read' || action === '*')) found.add('list');
    if (isContent && (action === 'pull' || action === 'scanner-pull' || action === '*')) found.add('pull');
    if (isContent && (action === 'push' || action === 'create' || action === '*')) found.add('push').add('sign');
    if (isContent && (action === 'delete' || action === '*')) found.add('delete');
    if (governing.has(resource) && changing.has(action)) found.add('admin');
  }
  return everything.filter((permission) => found.has(permission));
}

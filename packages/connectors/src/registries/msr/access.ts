// Who may do what in MSR: accounts of eNZi, organisations with their owners and teams, and what teams were given on namespaces and repositories.
import { field, isPlombeError, messageOf, objectField, textField, type JsonObject } from '@plombe/kit';
import type { CallOptions, ConnectedGrant, ConnectedPrincipal, Known, Permission } from '../connector.ts';
import { pathOf, type MsrApi } from './api.ts';
import { listRepositories } from './contents.ts';

/** `read-only`, `read-write`, `admin` in the neutral words: whoever may write may also delete tags and manifests. */
const levels: Readonly<Record<string, readonly Permission[]>> = {
  'read-only': ['list', 'pull'],
  'read-write': ['list', 'pull', 'push', 'delete'],
  admin: ['list', 'pull', 'push', 'delete', 'admin'],
};
const everything: readonly Permission[] = ['list', 'pull', 'push', 'delete', 'sign', 'admin'];

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly isOrg: boolean;
  readonly isActive: boolean;
  readonly isAdmin: boolean;
  /** From LDAP, SAML or SCIM. */
  readonly isImported: boolean;
}

interface Team {
  readonly organization: string;
  readonly name: string;
  readonly id: string;
  readonly members: readonly string[];
}

/** Lists users and organisations. */
export async function listAccounts(api: MsrApi, { signal }: CallOptions): Promise<readonly Account[]> {
  const accounts: Account[] = [];
  for await (const entry of api.accounts('/enzi/v0/accounts', 'accounts', signal)) {
    const name = textField(entry, 'name');
    if (name === undefined) continue;
    accounts.push({
      name,
      id: textField(entry, 'id') ?? name,
      isOrg: field(entry, 'isOrg') === true,
      isActive: field(entry, 'isActive') === true,
      isAdmin: field(entry, 'isAdmin') === true,
      isImported: field(entry, 'isImported') === true,
    });
  }
  return accounts;
}

/** Users, teams as groups, access tokens, and everybody where a repository is public. */
export async function readPrincipals(api: MsrApi, call: CallOptions): Promise<Known<readonly ConnectedPrincipal[]>> {
  return orUnknown(async (gaps) => {
    const accounts = await listAccounts(api, call);
    const users = accounts.filter(({ isOrg }) => !isOrg);
    const principals: ConnectedPrincipal[] = users.map(({ name, isActive }) => ({
      id: `user:${name}`,
      kind: 'human',
      name,
      state: isActive ? 'active' : 'disabled',
    }));
    for (const { organization, name, members } of await teamsOf(api, accounts, gaps, call)) {
      const id = `group:${organization}/${name}`;
      principals.push({
        id,
        kind: 'group',
        name: `${organization}/${name}`,
        state: 'active',
        members: members.map((member) => `user:${member}`),
      });
    }
    for (const { name, isActive } of users) {
      if (isActive) principals.push(...(await tokensOf(api, name, gaps, call)));
    }
    principals.push({ id: 'anonymous', kind: 'anonymous', name: 'anonymous', state: 'active' });
    return principals;
  });
}

/** A token acts as its user and has no rights of its own. */
async function tokensOf(
  api: MsrApi,
  user: string,
  gaps: string[],
  { signal }: CallOptions,
): Promise<readonly ConnectedPrincipal[]> {
  const tokens: ConnectedPrincipal[] = [];
  await orGap(gaps, `access tokens of ${user}`, async () => {
    const path = `/api/v0/api_tokens?username=${encodeURIComponent(user.toWellFormed())}`;
    for await (const entry of api.list(path, undefined, signal)) {
      const hash = textField(entry, 'hashedToken');
      if (hash === undefined) continue;
      const created = instant(entry, 'createdAt');
      const used = instant(entry, 'lastUsed');
      tokens.push({
        id: `token:${hash.slice(0, 16)}`,
        kind: 'registry-token',
        name: `${textField(entry, 'tokenLabel') ?? ''} (acts as ${user})`.trim(),
        state: field(entry, 'isActive') === true ? 'active' : 'disabled',
        ...(created === undefined ? {} : { createdAt: created }),
        ...(used === undefined ? {} : { lastUsedAt: used }),
      });
    }
  });
  return tokens;
}

/** Administrators, owners of namespaces, teams on namespaces and repositories, and the public. */
export async function readGrants(api: MsrApi, call: CallOptions): Promise<Known<readonly ConnectedGrant[]>> {
  return orUnknown(async (gaps) => {
    const accounts = await listAccounts(api, call);
    const grants: ConnectedGrant[] = [];
    for (const { name, isOrg, isAdmin } of accounts) {
      if (isOrg) continue;
      if (isAdmin) grants.push(grant(`user:${name}`, '**', everything, 'system administrator'));
      grants.push(grant(`user:${name}`, `${name}/**`, everything, 'owner of the namespace'));
    }
    const teams = await teamsOf(api, accounts, gaps, call);
    const byId = new Map(teams.map((team) => [team.id, `group:${team.organization}/${team.name}`]));
    for (const { name } of accounts.filter(({ isOrg }) => isOrg)) {
      for (const owner of await ownersOf(api, name, gaps, call)) {
        grants.push(grant(`user:${owner}`, `${name}/**`, everything, 'owner of the organisation'));
      }
      const path = `/api/v0/repositoryNamespaces${pathOf(name)}/teamAccess`;
      grants.push(...(await teamGrants(api, path, `${name}/**`, byId, gaps, call)));
    }
    for await (const { path, namespace, name, isOrganization, isPublic } of listRepositories(api, call)) {
      if (isPublic) grants.push(grant('anonymous', path, ['list', 'pull'], 'public repository'));
      if (!isOrganization) continue;
      const access = `/api/v0/repositories${pathOf(namespace, name)}/teamAccess`;
      grants.push(...(await teamGrants(api, access, path, byId, gaps, call)));
    }
    return grants;
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

async function teamGrants(
  api: MsrApi,
  path: string,
  repositories: string,
  byId: ReadonlyMap<string, string>,
  gaps: string[],
  { signal }: CallOptions,
): Promise<readonly ConnectedGrant[]> {
  const grants: ConnectedGrant[] = [];
  await orGap(gaps, `teams on ${repositories}`, async () => {
    for await (const entry of api.list(path, 'teamAccessList', signal)) {
      const level = textField(entry, 'accessLevel') ?? '';
      const id = textField(objectField(entry, 'team') ?? {}, 'id') ?? '';
      const permissions = Object.hasOwn(levels, level) ? levels[level] : undefined;
      // A level of a later version counts as all that there is, until somebody says what it means.
      grants.push(
        grant(byId.get(id) ?? `group:${id}`, repositories, permissions ?? everything, `team access ${level}`),
      );
    }
  });
  return grants;
}

async function teamsOf(
  api: MsrApi,
  accounts: readonly Account[],
  gaps: string[],
  { signal }: CallOptions,
): Promise<readonly Team[]> {
  const teams: Team[] = [];
  for (const { name: organization } of accounts.filter(({ isOrg }) => isOrg)) {
    await orGap(gaps, `teams of ${organization}`, async () => {
      const path = `/enzi/v0/accounts${pathOf(organization)}/teams`;
      for await (const entry of api.accounts(path, 'teams', signal)) {
        const name = textField(entry, 'name');
        if (name === undefined) continue;
        const members: string[] = [];
        await orGap(gaps, `members of ${organization}/${name}`, async () => {
          const place = `${path}${pathOf(name)}/members`;
          for await (const member of api.accounts(place, 'members', signal)) members.push(...memberName(member));
        });
        teams.push({ organization, name, id: textField(entry, 'id') ?? name, members });
      }
    });
  }
  return teams;
}

async function ownersOf(
  api: MsrApi,
  organization: string,
  gaps: string[],
  { signal }: CallOptions,
): Promise<readonly string[]> {
  const owners: string[] = [];
  await orGap(gaps, `owners of ${organization}`, async () => {
    for await (const entry of api.accounts(`/enzi/v0/accounts${pathOf(organization)}/members`, 'members', signal)) {
      if (field(entry, 'isAdmin') === true) owners.push(...memberName(entry));
    }
  });
  return owners;
}

function memberName(entry: JsonObject): readonly string[] {
  const name = textField(objectField(entry, 'member') ?? {}, 'name');
  return name === undefined ? [] : [name];
}

/** What may not be read by this account, or is not there any more, is missing from the list and named; everything else is an error. */
async function orGap(gaps: string[], what: string, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (thrown) {
    if (!isRefused(thrown)) throw thrown;
    gaps.push(`Not read: ${what}. ${messageOf(thrown)}`);
  }
}

/** Reads with a list of gaps; unknown where the first list of all is refused. */
async function orUnknown<T>(read: (gaps: string[]) => Promise<T>): Promise<Known<T>> {
  const gaps: string[] = [];
  try {
    const value = await read(gaps);
    return { kind: 'known', value, ...(gaps.length === 0 ? {} : { incomplete: gaps }) };
  } catch (thrown) {
    if (!isRefused(thrown)) throw thrown;
    return { kind: 'unknown', reason: `${messageOf(thrown)} Needs a system administrator.` };
  }
}

function isRefused(thrown: unknown): boolean {
  return (
    isPlombeError(thrown, 'registry/forbidden') ||
    isPlombeError(thrown, 'registry/unauthorized') ||
    isPlombeError(thrown, 'registry/not-found')
  );
}

/** A time as ISO 8601; the year 1 is how Go writes "never". */
export function instant(entry: JsonObject, key: string): string | undefined {
  const ms = Date.parse(textField(entry, key) ?? '');
  return Number.isNaN(ms) || ms <= 0 ? undefined : new Date(ms).toISOString();
}

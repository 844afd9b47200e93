// The routes of `/api/v0` and `/enzi/v0` that the connector uses, as the published description of DTR 2.7 has them; everything else is unknown.
import { createHash } from 'node:crypto';
import type { DoubleAccount, DoubleRepository, Level, MsrState } from './state.ts';
import { doubleRepository } from './state.ts';

export interface Call {
  readonly state: MsrState;
  readonly caller: DoubleAccount;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly parts: readonly string[];
}

/** `list`: paged by the server, under `member` where there is one. */
export type Reply =
  | { readonly status: number; readonly body?: unknown }
  | {
      readonly list: readonly object[];
      readonly member?: string;
      readonly paging: 'pages' | 'starts' | 'offset' | 'none';
      /** The text that names an entry in `pageStart` or `start`. */
      readonly key?: (entry: object) => string;
    };

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly admin?: boolean;
  readonly reply: (call: Call) => Reply;
}

const refuse = (status: number, code: string): Reply => ({ status, body: { errors: [{ code, message: code }] } });
const missing = (): Reply => refuse(404, 'NO_SUCH_REPOSITORY');

function repositoryOf({ state, parts }: Call): DoubleRepository | undefined {
  return state.repositories.find(({ namespace, name }) => namespace === parts[0] && name === parts[1]);
}

function inRepository(read: (repository: DoubleRepository, call: Call) => Reply): (call: Call) => Reply {
  return (call) => {
    const repository = repositoryOf(call);
    return repository === undefined ? missing() : read(repository, call);
  };
}

function repositoryView({ namespace, name, visibility, scanOnPush, immutableTags }: DoubleRepository, state: MsrState) {
  const isOrg = state.accounts.find((account) => account.name === namespace)?.isOrg === true;
  return {
    id: `${namespace}-${name}`,
    namespace,
    namespaceType: isOrg ? 'organization' : 'user',
    name,
    shortDescription: '',
    visibility,
    scanOnPush,
    immutableTags,
    enableManifestLists: true,
    pulls: 0,
    pushes: 0,
    tagLimit: 0,
  };
}

function accountView({ name, isOrg, isActive, isAdmin, isImported }: DoubleAccount) {
  const common = { id: `id-${name}`, name, fullName: '', isOrg };
  return isOrg ? { ...common, membersCount: 0, teamsCount: 0 } : { ...common, isActive, isAdmin, isImported };
}

function memberViews(state: MsrState, names: readonly string[], isAdmin: (name: string) => boolean) {
  return names.flatMap((name) => {
    const account = state.accounts.find((candidate) => candidate.name === name);
    return account === undefined ? [] : [{ member: accountView(account), isAdmin: isAdmin(name), isPublic: false }];
  });
}

function teamAccess(levels: ReadonlyMap<string, Level> | undefined) {
  return [...(levels ?? [])].map(([id, accessLevel]) => ({ accessLevel, team: { id, clientUserIsMember: false } }));
}

function manifestView(digest: string, { bytes, mediaType }: { readonly bytes: Buffer; readonly mediaType: string }) {
  const document = JSON.parse(bytes.toString()) as { config?: { mediaType?: string } };
  return {
    digest,
    mediaType,
    configMediaType: document.config?.mediaType ?? '',
    size: bytes.length,
    createdAt: '2026-01-01T00:00:00Z',
  };
}

const byName = (entry: object): string => (entry as { name: string }).name;
const byId = (entry: object): string => (entry as { id: string }).id;
const byTeam = (entry: object): string => (entry as { team: { id: string } }).team.id;
const byMember = (entry: object): string => (entry as { member: { name: string } }).member.name;
const byDigest = (entry: object): string => (entry as { digest: string }).digest;
const repositoryPath = (rest: string): RegExp => new RegExp(`^/api/v0/repositories/([^/]+)/([^/]+)${rest}$`);

function policies(kind: 'promotionPolicies' | 'pollMirroringPolicies' | 'pushMirroringPolicies'): Route {
  return {
    method: 'GET',
    path: repositoryPath(`/${kind}`),
    reply: inRepository((repository) => ({ list: repository[kind], paging: 'none' })),
  };
}

export const routes: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/enzi\/v0\/accounts$/,
    admin: true,
    reply: ({ state }) => ({
      list: state.accounts.map(accountView),
      member: 'accounts',
      paging: 'starts',
      key: byName,
    }),
  },
  {
    method: 'GET',
    path: /^\/enzi\/v0\/accounts\/([^/]+)\/members$/,
    admin: true,
    reply: ({ state, parts: [organization = ''] }) => {
      const owners = state.owners.get(organization) ?? [];
      const names = state.teams.filter((team) => team.organization === organization).flatMap(({ members }) => members);
      const all = [...new Set([...owners, ...names])].toSorted();
      return {
        list: memberViews(state, all, (name) => owners.includes(name)),
        member: 'members',
        paging: 'starts',
        key: byMember,
      };
    },
  },
  {
    method: 'GET',
    path: /^\/enzi\/v0\/accounts\/([^/]+)\/teams$/,
    admin: true,
    reply: ({ state, parts: [organization] }) => ({
      list: state.teams
        .filter((team) => team.organization === organization)
        .map(({ id, name, members }) => ({
          id,
          orgID: `id-${organization ?? ''}`,
          name,
          description: '',
          membersCount: members.length,
        })),
      member: 'teams',
      paging: 'starts',
      key: byName,
    }),
  },
  {
    method: 'GET',
    path: /^\/enzi\/v0\/accounts\/([^/]+)\/teams\/([^/]+)\/members$/,
    admin: true,
    reply: ({ state, parts: [organization, name] }) => {
      const team = state.teams.find((one) => one.organization === organization && one.name === name);
      if (team === undefined) return refuse(404, 'NO_SUCH_TEAM');
      return {
        list: memberViews(state, team.members, () => false),
        member: 'members',
        paging: 'starts',
        key: byMember,
      };
    },
  },
  {
    method: 'GET',
    path: /^\/api\/v0\/api_tokens$/,
    reply: ({ state, caller, query }) => {
      const user = query.get('username') ?? '';
      if (!caller.isAdmin && user !== caller.name) return refuse(403, 'NOT_AUTHORIZED');
      const list = state.tokens
        .filter((token) => token.user === user)
        .map(({ label, isActive, lastUsed }) => ({
          hashedToken: createHash('sha256').update(`${user} ${label}`).digest('hex'),
          tokenLabel: label,
          isActive,
          lastUsed,
          createdAt: '2026-01-01T00:00:00Z',
          generatedBy: 'user',
          creatorUa: '',
        }));
      return { list, paging: 'pages', key: (entry) => (entry as { hashedToken: string }).hashedToken };
    },
  },
  {
    method: 'GET',
    path: /^\/api\/v0\/repositories$/,
    reply: ({ state, caller }) => ({
      list: state.repositories
        .filter((repository) => isVisible(state, caller, repository))
        .map((one) => repositoryView(one, state)),
      member: 'repositories',
      paging: 'pages',
      key: byId,
    }),
  },
  {
    method: 'POST',
    path: /^\/api\/v0\/repositories\/([^/]+)$/,
    admin: true,
    reply: ({ state, body, parts: [namespace = ''] }) => {
      const form = body as {
        name: string;
        visibility: 'public' | 'private';
        scanOnPush: boolean;
        immutableTags: boolean;
      };
      if (!state.accounts.some(({ name }) => name === namespace)) return refuse(404, 'NO_SUCH_ACCOUNT');
      const required = [
        'name',
        'shortDescription',
        'longDescription',
        'scanOnPush',
        'immutableTags',
        'enableManifestLists',
        'tagLimit',
      ];
      if (!required.every((key) => Object.hasOwn(form, key))) return refuse(400, 'INVALID_JSON');
      const made = doubleRepository(namespace, form.name, form);
      state.repositories.push(made);
      return { status: 201, body: repositoryView(made, state) };
    },
  },
  {
    method: 'GET',
    path: repositoryPath(''),
    reply: inRepository((repository, { state }) => ({ status: 200, body: repositoryView(repository, state) })),
  },
  {
    method: 'GET',
    path: repositoryPath('/tags'),
    reply: inRepository(({ tags, manifests }) => ({
      list: [...tags].map(([name, digest]) => ({
        name,
        digest,
        author: 'jo',
        createdAt: '2026-01-01T00:00:00Z',
        updatedAt: '2026-01-02T00:00:00Z',
        hashMismatch: false,
        inNotary: false,
        manifest: manifestView(digest, manifests.get(digest) ?? { bytes: Buffer.from('{}'), mediaType: '' }),
      })),
      paging: 'pages',
      key: byName,
    })),
  },
  {
    method: 'DELETE',
    path: repositoryPath('/tags/([^/]+)'),
    admin: true,
    reply: inRepository(({ tags, immutableTags }, { parts: [, , tag = ''] }) => {
      if (immutableTags) return refuse(403, 'NOT_AUTHORIZED');
      return tags.delete(tag) ? { status: 204 } : refuse(404, 'NO_SUCH_TAG');
    }),
  },
  {
    method: 'DELETE',
    path: repositoryPath('/manifests/([^/]+)'),
    admin: true,
    reply: inRepository(({ tags, manifests }, { parts: [, , reference = ''] }) => {
      if ([...tags.values()].includes(reference)) return refuse(400, 'MANIFEST_HAS_TAGS');
      return manifests.delete(reference) ? { status: 204 } : refuse(404, 'NO_SUCH_REF');
    }),
  },
  {
    method: 'GET',
    path: repositoryPath('/manifests'),
    reply: inRepository(({ manifests }) => ({
      list: [...manifests].map(([digest, manifest]) => manifestView(digest, manifest)),
      paging: 'pages',
      key: byDigest,
    })),
  },
  {
    method: 'GET',
    path: repositoryPath('/teamAccess'),
    admin: true,
    reply: inRepository(({ teams }) => ({
      list: teamAccess(teams),
      member: 'teamAccessList',
      paging: 'pages',
      key: byTeam,
    })),
  },
  {
    method: 'GET',
    path: /^\/api\/v0\/repositoryNamespaces\/([^/]+)\/teamAccess$/,
    admin: true,
    reply: ({ state, parts: [namespace = ''] }) => ({
      list: teamAccess(state.namespaceTeams.get(namespace)),
      member: 'teamAccessList',
      paging: 'pages',
      key: byTeam,
    }),
  },
  policies('promotionPolicies'),
  policies('pollMirroringPolicies'),
  policies('pushMirroringPolicies'),
  {
    method: 'GET',
    path: /^\/api\/v0\/imagescan\/scansummary\/repositories\/([^/]+)\/([^/]+)\/([^/]+)$/,
    reply: (call) => {
      if (!call.state.scanningEnabled) return refuse(400, 'SCANNING_NOT_ENABLED');
      const [namespace, repository, reference = ''] = call.parts;
      if (repositoryOf(call)?.manifests.has(reference) !== true) return refuse(404, 'NO_SUCH_REF');
      const totalVulnCount = { critical: 0, major: 2, minor: 1 };
      const scannedImage = { pk: reference, namespace, repository, tag: '', manifestDigest: reference, totalVulnCount };
      return { list: [{ scannedImage, shouldRescan: false, scanStatus: 6 }], paging: 'none' };
    },
  },
  {
    method: 'GET',
    path: /^\/api\/v0\/imagescan\/status$/,
    reply: ({ state }) =>
      state.scanningEnabled
        ? {
            status: 200,
            body: { state: 1, scanner_version: 3, db_version: 900, db_updated_at: state.scanDatabaseUpdatedAt },
          }
        : refuse(400, 'SCANNING_NOT_ENABLED'),
  },
  {
    method: 'GET',
    path: /^\/api\/v0\/meta\/settings$/,
    admin: true,
    reply: ({ state }) => ({ status: 200, body: state.settings }),
  },
  {
    method: 'GET',
    path: /^\/api\/v0\/meta\/features$/,
    reply: ({ state: { scanningEnabled } }) => ({
      status: 200,
      body: { scanningEnabled, scanningLicensed: true, promotionLicensed: true, db_version: 900, ucpHost: '' },
    }),
  },
  {
    method: 'GET',
    path: /^\/api\/v0\/crons$/,
    admin: true,
    reply: ({ state: { crons } }) => ({ status: 200, body: { crons } }),
  },
  {
    method: 'GET',
    path: /^\/api\/v0\/webhooks$/,
    admin: true,
    reply: ({ state: { webhooks } }) => ({ list: webhooks, paging: 'none' }),
  },
  {
    method: 'GET',
    path: /^\/api\/v0\/events$/,
    admin: true,
    reply: ({ state, query }) => {
      const after = Date.parse(query.get('publishedAfter') ?? '');
      const list = state.events.filter(({ publishedAt }) => !(Date.parse(publishedAt) < after)).toReversed();
      return { list, member: 'events', paging: 'pages', key: byId };
    },
  },
  {
    method: 'GET',
    path: /^\/api\/v0\/jobs$/,
    admin: true,
    reply: ({ state: { jobs } }) => ({ list: jobs.toReversed(), member: 'jobs', paging: 'offset' }),
  },
];

/** Public ones for everybody; else one's own, one's teams', or all for an administrator. */
export function isVisible(state: MsrState, caller: DoubleAccount | undefined, repository: DoubleRepository): boolean {
  if (repository.visibility === 'public' || caller?.isAdmin === true) return true;
  if (caller === undefined) return false;
  const own = state.teams.filter(({ members }) => members.includes(caller.name)).map(({ id }) => id);
  const onNamespace = state.namespaceTeams.get(repository.namespace);
  return (
    repository.namespace === caller.name ||
    state.owners.get(repository.namespace)?.includes(caller.name) === true ||
    own.some((id) => repository.teams.has(id) || onNamespace?.has(id) === true)
  );
}

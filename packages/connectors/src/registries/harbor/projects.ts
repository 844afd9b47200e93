// Harbor's projects and robots, and whether the account sees all of them: a partial view must not look like the whole.
import { inert, isObject, objectField, objectsField, PlombeError, textField, type JsonObject } from '@plombe/kit';
import type { CallOptions } from '../connector.ts';
import type { HarborApi } from './api.ts';
import { count, instant } from './contents.ts';

export interface HarborProject {
  readonly id: number;
  readonly name: string;
  readonly isPublic: boolean;
  /** It caches another registry. */
  readonly isProxyCache: boolean;
  readonly metadata: JsonObject;
  /** The CVE allowlist of its own. */
  readonly allowlist: JsonObject;
}

export interface HarborRobot {
  readonly name: string;
  readonly level: string;
  readonly isDisabled: boolean;
  /** Absent: never. */
  readonly expiresAtMs?: number;
  readonly createdAt?: string;
  readonly permissions: readonly {
    readonly kind: string;
    readonly namespace: string;
    readonly access: readonly JsonObject[];
  }[];
}

/** Lists the projects that the account sees. */
export async function listProjects(api: HarborApi, { signal }: CallOptions): Promise<readonly HarborProject[]> {
  const projects: HarborProject[] = [];
  for await (const entry of api.list({ path: '/projects', query: { sort: 'project_id' }, signal })) {
    const id = count(entry, 'project_id');
    const name = textField(entry, 'name');
    if (id === undefined || name === undefined) continue;
    const metadata = objectField(entry, 'metadata') ?? {};
    projects.push({
      id,
      name,
      metadata,
      isPublic: textField(metadata, 'public') === 'true',
      isProxyCache: (count(entry, 'registry_id') ?? 0) > 0,
      allowlist: objectField(entry, 'cve_allowlist') ?? {},
    });
  }
  return projects;
}

/** Lists the robots of the system and of the projects given, which Harbor lists apart. */
export async function readRobots(
  api: HarborApi,
  projects: readonly HarborProject[],
  { signal }: CallOptions,
): Promise<readonly HarborRobot[]> {
  const robots: HarborRobot[] = [];
  const levels = ['Level=system', ...projects.map(({ id }) => `Level=project,ProjectID=${id}`)];
  for (const q of levels) {
    for await (const entry of api.list({ path: '/robots', query: { q, sort: 'name' }, signal })) {
      robots.push(robotOf(entry));
    }
  }
  return robots;
}

function robotOf(entry: JsonObject): HarborRobot {
  const expires = entry['expires_at'];
  const createdAt = instant(entry, 'creation_time');
  return {
    name: textField(entry, 'name') ?? '',
    level: textField(entry, 'level') ?? '',
    isDisabled: entry['disable'] === true,
    ...(typeof expires === 'number' && expires > 0 ? { expiresAtMs: expires * 1000 } : {}),
    ...(createdAt === undefined ? {} : { createdAt }),
    permissions: objectsField(entry, 'permissions').map((permission) => ({
      kind: textField(permission, 'kind') ?? '',
      namespace: textField(permission, 'namespace') ?? '',
      access: objectsField(permission, 'access'),
    })),
  };
}

/**
 * Throws `registry/forbidden` unless the account sees every project: an administrator, or a system robot of all projects. Everybody else gets
 * from Harbor a shorter list, without a word that it is one.
 */
export async function requireWholeView(
  api: HarborApi,
  account: string | undefined,
  { signal }: CallOptions,
): Promise<void> {
  // A robot is no user: 412.
  const { status, value } = await api.call({ path: '/users/current', signal, expect: [401, 404, 412] });
  if (isObject(value)) {
    if (value['sysadmin_flag'] === true || value['admin_role_in_auth'] === true) return;
  } else if (status === 200) {
    throw new PlombeError('registry/invalid-answer', `${api.registry} does not tell who asks.`);
  } else if (account !== undefined) {
    const robots = await readRobots(api, [], { signal });
    const own = robots.find(({ name }) => name === account);
    if (own?.permissions.some(({ kind, namespace }) => kind === 'project' && namespace === '*') === true) return;
  }
  const who = account === undefined ? 'An anonymous caller' : `The account ${inert(account)}`;
  throw new PlombeError('registry/forbidden', `${who} sees only some of the projects.`);
}

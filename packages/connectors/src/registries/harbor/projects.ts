// Harbor's projects and robots, and whether the account sees all of them: a partial view must not look like the whole.
import { inert, isObject, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { CallOptions } from '../connector.ts';
import type { HarborApi } from './api.ts';
import { count, instant } from './contents.ts';
import type { Gaps } from './gaps.ts';

/** Behind it there is no date (ECMA-262, "Time Values and Time Range"): a robot that ends later never does. */
const lastSeconds = 8.64e12;

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

/** Lists the robots of the system, or of a project: Harbor lists them apart. */
export async function readRobots(
  api: HarborApi,
  project: HarborProject | undefined,
  { signal }: CallOptions,
): Promise<readonly HarborRobot[]> {
  const q = project === undefined ? 'Level=system' : `Level=project,ProjectID=${project.id}`;
  const entries = await Array.fromAsync(api.list({ path: '/robots', query: { q, sort: 'name' }, signal }));
  return entries.map(robotOf);
}

/** Lists the robots of the system and of all projects given; what may not be listed is a gap. */
export async function readAllRobots(
  api: HarborApi,
  projects: readonly HarborProject[],
  gaps: Gaps,
  options: CallOptions,
): Promise<readonly HarborRobot[]> {
  const robots: HarborRobot[] = [];
  for (const place of [undefined, ...projects]) {
    robots.push(...(await gaps.read('the permission to list robots', [], () => readRobots(api, place, options))));
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
    ...(typeof expires === 'number' && expires > 0 && expires <= lastSeconds ? { expiresAtMs: expires * 1000 } : {}),
    ...(createdAt === undefined ? {} : { createdAt }),
    permissions: objectsField(entry, 'permissions').map((permission) => ({
      kind: textField(permission, 'kind') ?? '',
      namespace: textField(permission, 'namespace') ?? '',
      access: objectsField(permission, 'access'),
    })),
  };
}

/** Who asks: an administrator, or a robot that was found in the list of robots; neither for everybody else. */
export interface Viewer {
  readonly isAdministrator: boolean;
  readonly robot?: HarborRobot;
}

/**
 * Notes a gap unless the account sees every project: an administrator, or a system robot of all projects. Everybody else gets from Harbor
 * shorter lists, without a word that they are.
 */
export async function notePartialView(
  api: HarborApi,
  account: string | undefined,
  gaps: Gaps,
  options: CallOptions,
): Promise<Viewer> {
  // A robot is no user: 412.
  const expect = [401, 404, 412];
  const { status, value } = await api.call({ path: '/users/current', signal: options.signal, expect });
  if (isObject(value) && (value['sysadmin_flag'] === true || value['admin_role_in_auth'] === true)) {
    return { isAdministrator: true };
  }
  let robot: HarborRobot | undefined;
  if (status === 412 && account !== undefined) {
    const robots = await gaps.read('the permission to list robots', [], () => readRobots(api, undefined, options));
    robot = robots.find(({ name }) => name === account);
  }
  const viewer: Viewer = { isAdministrator: false, ...(robot === undefined ? {} : { robot }) };
  if (robot?.permissions.some(({ kind, namespace }) => kind === 'project' && namespace === '*') === true) return viewer;
  const who = account === undefined ? 'An anonymous caller' : `The account ${inert(account)}`;
  gaps.note(`${who} sees only some of the projects. Needs a system administrator, or a system robot of all projects.`);
  return viewer;
}

/** True where the viewer may do this to the system itself. */
export function mayOnSystem({ isAdministrator, robot }: Viewer, resource: string, action: string): boolean {
  const granted = robot?.permissions.filter(({ kind }) => kind === 'system').flatMap(({ access }) => access) ?? [];
  return (
    isAdministrator ||
    granted.some((pair) => textField(pair, 'resource') === resource && textField(pair, 'action') === action)
  );
}

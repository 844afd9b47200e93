// Who a request to the double comes from, and whether he may do what he asks.
import type { IncomingMessage } from 'node:http';
import { behindToken } from './docker.ts';
import type { DoubleRobot, DoubleState, DoubleUser } from './state.ts';

/** `system`, or the name of a project. */
export type Place = string;

export interface Caller {
  readonly name: string;
  readonly user?: DoubleUser;
  readonly robot?: DoubleRobot;
  readonly isAdmin: boolean;
  may(resource: string, action: string, place: Place): boolean;
  /** Sees the project in lists. */
  sees(project: string): boolean;
}

/** Answers undefined for a wrong user or password, an expired or disabled robot. */
export function callerOf(state: DoubleState, request: IncomingMessage, nowMs: number): Caller | undefined {
  // What a token of the token service stands for.
  const header = behindToken(request.headers.authorization) || undefined;
  const isPublic = (name: string): boolean =>
    state.projects.find((project) => project.name === name)?.metadata['public'] === 'true';
  if (header === undefined) {
    return {
      name: 'anonymous',
      isAdmin: false,
      sees: isPublic,
      may: (resource, action, place) =>
        isPublic(place) &&
        ['repository', 'artifact', 'accessory', 'tag', 'project'].includes(resource) &&
        isReading(action),
    };
  }
  const [name = '', password = ''] = split(Buffer.from(header.replace(/^Basic /, ''), 'base64').toString());
  const robot = state.robots.find((known) => known.name === name && known.secret === password);
  if (robot !== undefined) {
    const isOver = robot.expiresAt !== -1 && robot.expiresAt * 1000 <= nowMs;
    return robot.disable === true || isOver ? undefined : robotCaller(robot, isPublic);
  }
  const user = state.users.find((known) => known.name === name && known.password === password);
  if (user === undefined) return undefined;
  const isAdmin = user.sysadmin === true || user.adminByGroup === true;
  const roleIn = (place: Place): number | undefined =>
    state.projects
      .find((project) => project.name === place)
      ?.members.find((member) => member.type === 'u' && member.name === name)?.roleId;
  return {
    name,
    user,
    isAdmin,
    sees: (project) => isAdmin || isPublic(project) || roleIn(project) !== undefined,
    may: (resource, action, place) => {
      if (isAdmin) return true;
      const role = roleIn(place);
      if (isReading(action) && (role !== undefined || isPublic(place))) return true;
      if (role === 1) return true;
      return (role === 2 || role === 4) && resource === 'artifact' && (action === 'create' || role === 4);
    },
  };
}

function robotCaller(robot: DoubleRobot, isPublic: (project: string) => boolean): Caller {
  const covers = (kind: string, namespace: string, place: Place): boolean =>
    place === 'system' ? kind === 'system' : kind === 'project' && (namespace === '*' || namespace === place);
  return {
    name: robot.name,
    robot,
    isAdmin: false,
    sees: (project) =>
      isPublic(project) || robot.permissions.some(({ kind, namespace }) => covers(kind, namespace, project)),
    may: (resource, action, place) =>
      robot.permissions.some(
        ({ kind, namespace, access }) =>
          covers(kind, namespace, place) &&
          access.some((entry) => entry.resource === resource && entry.action === action),
      ),
  };
}

function isReading(action: string): boolean {
  return action === 'read' || action === 'list' || action === 'pull';
}

function split(pair: string): readonly string[] {
  const colon = pair.indexOf(':');
  return [pair.slice(0, colon), pair.slice(colon + 1)];
}

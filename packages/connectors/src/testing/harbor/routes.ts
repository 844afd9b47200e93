// What each operation of the double does, by its id in the description.
import { artifactRoutes } from './artifact-routes.ts';
import { guarded, missing, projectOf, refuse, type Answer, type Call, type Route } from './route.ts';
import type { DoubleProject, DoubleState } from './state.ts';
import { configurationView, projectView, repositoryView, robotView, systemInfoView, userView } from './views.ts';

function ofProject(resource: string, list: (project: DoubleProject, call: Call) => readonly unknown[]): Route {
  return (call) => {
    const found = projectOf(call);
    if (found === undefined) return missing('project');
    return guarded(call, resource, 'list', found.name, () => ({ list: list(found, call) }));
  };
}

function ofSystem(resource: string, list: (call: Call) => readonly unknown[]): Route {
  return (call) => guarded(call, resource, 'list', 'system', () => ({ list: list(call) }));
}

const roleNames = ['', 'projectAdmin', 'developer', 'guest', 'maintainer', 'limitedGuest'];

function auditEntries({ state, query, caller }: Call): readonly DoubleState['audit'][number][] {
  const since = /^op_time=\[([0-9T:-]{19})~\]$/.exec(query.get('q') ?? '')?.[1];
  const from = since === undefined ? 0 : Date.parse(`${since}Z`);
  const wanted = state.audit.filter(
    // Whoever may not see the log gets an empty one.
    ({ time }) => Date.parse(time) >= from && caller.may('audit-log', 'list', 'system'),
  );
  const ascending = query.get('sort') === 'op_time';
  return wanted.toSorted((a, b) => (ascending ? 1 : -1) * (Date.parse(a.time) - Date.parse(b.time)));
}

/** Operation id → what it does. */
export const routes: Readonly<Record<string, Route>> = {
  ...artifactRoutes,
  getSystemInfo: ({ state, caller }) => ({ status: 200, body: systemInfoView(state, caller.name !== 'anonymous') }),
  getConfigurations: (call) =>
    guarded(call, 'configuration', 'read', 'system', () => ({ status: 200, body: configurationView(call.state) })),
  getCurrentUserInfo: ({ caller }) => {
    if (caller.name === 'anonymous') return refuse(401, 'UNAUTHORIZED', 'unauthorized');
    if (caller.user === undefined) return refuse(412, 'PRECONDITION', 'User info is not available in security context');
    return { status: 200, body: userView(caller.user) };
  },
  listUsers: ofSystem('user', ({ state }) => state.users.filter(({ id }) => id !== 1).map(userView)),
  getUser: (call) =>
    guarded(call, 'user', 'read', 'system', () => {
      const user = call.state.users.find(({ id }) => String(id) === call.values['user_id']);
      return user === undefined ? missing('user') : { status: 200, body: userView(user) };
    }),
  listUserGroups: ofSystem('user-group', ({ state }) =>
    state.groups.map(({ id, name, type }) => ({ id, group_name: name, group_type: type })),
  ),
  ListRobot: (call) => {
    const { state, query } = call;
    const projectId = /^Level=project,ProjectID=(\d+)$/.exec(query.get('q') ?? '')?.[1];
    const found = state.projects.find(({ id }) => String(id) === projectId);
    if (projectId !== undefined && found === undefined) return refuse(400, 'BAD_REQUEST', 'no such project');
    const wanted = state.robots.filter((robot) => robot.projectId === (found?.id ?? 0));
    return guarded(call, 'robot', 'list', found?.name ?? 'system', () => ({ list: wanted.map(robotView) }));
  },
  listProjects: ({ state, caller }) => ({
    list: state.projects.filter(({ name }) => caller.sees(name)).map((entry) => projectView(state, entry)),
  }),
  createProject: (call) =>
    guarded(call, 'project', 'create', 'system', () => {
      const { project_name: name, metadata } = call.body as { project_name: string; metadata: Record<string, string> };
      if (call.state.projects.some((known) => known.name === name)) return refuse(409, 'CONFLICT', 'project exists');
      const id = call.state.nextId++;
      const empty = { members: [], immutable: [], webhooks: [], allowlist: { items: [] } };
      call.state.projects.push({ id, name, metadata, ...empty });
      return { status: 201 };
    }),
  getProject: (call) => {
    const found = projectOf(call);
    if (found === undefined) return missing('project');
    const run = (): Answer => ({ status: 200, body: projectView(call.state, found) });
    return call.caller.sees(found.name) ? run() : guarded(call, 'project', 'read', found.name, run);
  },
  listProjectMembers: ofProject('member', ({ id, members }) =>
    members.map((member, index) => ({
      id: id * 100 + index,
      project_id: id,
      entity_name: member.name,
      entity_type: member.type,
      entity_id: member.entityId,
      role_id: member.roleId,
      role_name: roleNames[member.roleId] ?? '',
    })),
  ),
  ListImmuRules: ofProject('immutable-tag', ({ immutable }) =>
    immutable.map(({ pattern, disabled = false }, index) => ({
      id: index + 1,
      disabled,
      action: 'immutable',
      template: 'immutable_template',
      tag_selectors: [{ kind: 'doublestar', decoration: 'matches', pattern }],
      scope_selectors: { repository: [{ kind: 'doublestar', decoration: 'repoMatches', pattern: '**' }] },
    })),
  ),
  ListWebhookPoliciesOfProject: ofProject('notification-policy', ({ webhooks }) =>
    webhooks.map(({ name, enabled = true, targets }, index) => ({
      id: index + 1,
      name,
      enabled,
      targets,
      event_types: ['PUSH_ARTIFACT', 'DELETE_ARTIFACT', 'SCANNING_COMPLETED'],
    })),
  ),
  listQuotas: ofSystem('quota', ({ state }) =>
    state.projects.map(({ id, name, storage = -1 }) => ({
      id,
      ref: { id, name, owner_name: 'admin' },
      hard: { storage },
      used: { storage: 0 },
    })),
  ),
  listReplicationPolicies: ofSystem('replication-policy', ({ state }) => state.replicationPolicies),
  listRegistries: ofSystem('registry', ({ state }) => state.registries),
  getSystemCVEAllowlist: (call) =>
    call.caller.name === 'anonymous'
      ? refuse(401, 'UNAUTHORIZED', 'unauthorized')
      : { status: 200, body: { id: 1, project_id: 0, ...call.state.allowlist } },
  listScanners: ofSystem('scanner', ({ state }) => state.scanners),
  listAuditLogExts: (call) =>
    call.caller.name === 'anonymous'
      ? refuse(401, 'UNAUTHORIZED', 'unauthorized')
      : {
          list: auditEntries(call).map(({ username, operation, resource, type, time, success = true }) => ({
            id: call.state.audit.findIndex((entry) => entry.time === time && entry.resource === resource) + 1,
            username,
            operation,
            resource,
            resource_type: type,
            operation_description: `${operation} ${type}: ${resource}`,
            operation_result: success,
            op_time: time,
          })),
        },
  listAuditLogs: (call) => ({
    list: auditEntries(call)
      .filter(({ type }) => type === 'artifact')
      .map(({ username, operation, resource, type, time }, index) => ({
        id: index + 1,
        username,
        operation,
        resource,
        resource_type: type,
        op_time: time,
      })),
  }),
  listRepositories: ofProject('repository', ({ name: owner }, { state, query }) => {
    const part = /^name=~(.+)$/.exec(query.get('q') ?? '')?.[1] ?? '';
    return [...state.repositories]
      .filter(([name]) => name.startsWith(`${owner}/`) && name.includes(part))
      .map(([name, artifacts]) => repositoryView(name, artifacts));
  }),
  listAllRepositories: ({ state, caller }) => ({
    list: [...state.repositories]
      .filter(([name]) => caller.sees(name.split('/')[0] ?? ''))
      .map(([name, artifacts]) => repositoryView(name, artifacts)),
  }),
};

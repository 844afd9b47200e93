// Who may do what: role assignments with their conditions and deny assignments, scope maps of tokens, the admin user, everybody.
import { by } from '@plombe/kit';
import type { ConnectedGrant, Permission } from '../connector.ts';
import { covers, type ActionSet } from './actions.ts';
import { parseCondition, type Condition } from './condition.ts';
import { everyRepository, globsOf, repositoriesOf } from './repository-set.ts';
import type { Role } from './roles.ts';
import { routesOf, type RoleMode, type Route } from './routes.ts';

/** A role assignment at the registry or above. */
export interface Assignment {
  readonly principalId: string;
  /** `User`, `Group`, `ServicePrincipal`, `ForeignGroup`, `Device`. */
  readonly principalType: string;
  readonly role: Role;
  readonly scope: string;
  readonly condition?: string;
}

/** A deny assignment at the registry or above. Deny comes before every grant. */
export interface Denial {
  /** Object ids; the nil GUID is everyone. */
  readonly principals: readonly string[];
  readonly excluded: readonly string[];
  /** True where groups are among the principals or the excluded: whom it hits cannot be told without the directory. */
  readonly indirect: boolean;
  readonly permissions: readonly ActionSet[];
  readonly condition?: string;
}

const everyone = '00000000-0000-0000-0000-000000000000';
const order: readonly Permission[] = ['list', 'pull', 'push', 'delete', 'sign', 'admin'];

/**
 * Returns the grants of one assignment in a registry of this mode, none where its actions mean nothing there. A condition that cannot be evaluated
 * counts as true and is named; a denial that cannot be evaluated takes nothing away.
 */
export function grantsOf(
  assignment: Assignment,
  denials: readonly Denial[],
  mode: RoleMode,
  adminUserEnabled: boolean,
): readonly ConnectedGrant[] {
  const { condition: text, principalId, role, scope } = assignment;
  const condition = text === undefined ? undefined : parseCondition(text);
  const found = new Map<
    string,
    { permissions: Set<Permission>; globs: readonly string[]; certain: boolean; by: string | undefined }
  >();
  for (const route of routesOf(mode, adminUserEnabled)) {
    if (!role.permissions.some((set) => covers(set, route.plane, route.action))) continue;
    if (denials.some((denial) => denies(denial, principalId, route))) continue;
    const set = text === undefined ? everyRepository : reach(condition, route);
    if (set.patterns.length === 0) continue;
    const globs = globsOf(set);
    const key = `${globs.join(' ')} ${set.certain} ${route.by ?? ''}`;
    const entry = found.get(key) ?? { permissions: new Set(), globs, certain: set.certain, by: route.by };
    for (const permission of route.permissions) entry.permissions.add(permission);
    found.set(key, entry);
  }
  return [...found.values()].flatMap(({ permissions, globs, certain, by: way }) =>
    globs.map((repositories) => ({
      principal: `entra:${principalId}`,
      repositories,
      permissions: order.filter((permission) => permissions.has(permission)),
      source: `${role.name} at ${scope}${way === undefined ? '' : ` (${way})`}`,
      ...(certain || text === undefined ? {} : { condition: text }),
    })),
  );
}

/** The name of a repository is known to data actions alone: what a control action reaches, a condition cannot cut down to some repositories. */
function reach(condition: Condition | undefined, route: Route): ReturnType<typeof repositoriesOf> {
  const set = repositoriesOf(condition, route.action);
  const whole = route.plane === 'control' || route.action.endsWith('/catalog/read');
  if (!whole || set.patterns.length === 0) return set;
  const all = globsOf(set).includes('**');
  return all ? set : { ...everyRepository, certain: false };
}

function denies(denial: Denial, principalId: string, route: Route): boolean {
  if (denial.condition !== undefined || denial.indirect || denial.excluded.includes(principalId)) return false;
  const hit = denial.principals.includes(principalId) || denial.principals.includes(everyone);
  return hit && denial.permissions.some((set) => covers(set, route.plane, route.action));
}

/** What a scope map lets a token do, by the words of its actions. */
const tokenPermissions: Readonly<Record<string, readonly Permission[]>> = {
  'content/read': ['pull'],
  'content/write': ['push', 'sign'],
  'content/delete': ['delete'],
  'metadata/read': ['list'],
};

/** Returns glob → permissions of a scope map's actions: `repositories/NAME/content/read`, where NAME may be `*` or end in `/*`. */
export function scopeMapGrants(actions: readonly string[]): ReadonlyMap<string, readonly Permission[]> {
  const found = new Map<string, Set<Permission>>();
  for (const action of actions) {
    const match = /^repositories\/(.{1,255})\/((?:content|metadata)\/(?:read|write|delete))$/.exec(action);
    const permissions = tokenPermissions[match?.[2] ?? ''];
    const name = match?.[1];
    if (permissions === undefined || name === undefined) continue;
    const glob = name === '*' ? '**' : name.endsWith('/*') ? `${name}*` : name;
    const entry = found.get(glob) ?? new Set();
    for (const permission of permissions) entry.add(permission);
    found.set(glob, entry);
  }
  return new Map([...found].map(([glob, set]) => [glob, order.filter((permission) => set.has(permission))]));
}

/** Returns the grants of tokens, of the admin user and of everybody. */
export function localGrants(
  tokens: readonly { readonly name: string; readonly scopeMap: string; readonly actions: readonly string[] }[],
  adminUserEnabled: boolean,
  anonymousPullEnabled: boolean,
): readonly ConnectedGrant[] {
  const whole = { repositories: '**' } as const;
  return [
    ...tokens.flatMap(({ name, scopeMap, actions }) =>
      [...scopeMapGrants(actions)].map(([repositories, permissions]) => ({
        principal: `token:${name}`,
        repositories,
        permissions,
        source: `scope map ${scopeMap}`,
      })),
    ),
    ...(adminUserEnabled
      ? [
          {
            principal: 'admin-user',
            ...whole,
            permissions: order.filter((one) => one !== 'admin'),
            source: 'adminUserEnabled',
          },
        ]
      : []),
    ...(anonymousPullEnabled
      ? [{ principal: 'anonymous', ...whole, permissions: ['list', 'pull'] as const, source: 'anonymousPullEnabled' }]
      : []),
  ];
}

/** Returns the grants in a stable order. */
export function sortedGrants(grants: readonly ConnectedGrant[]): readonly ConnectedGrant[] {
  return grants.toSorted(
    by(
      (grant) => grant.principal,
      (grant) => grant.repositories,
      (grant) => grant.source,
    ),
  );
}

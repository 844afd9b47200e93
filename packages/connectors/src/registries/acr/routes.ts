// The ways from an action of Azure to what it lets its holder do with images, in each of the two permission modes of a registry.
import type { Permission } from '../connector.ts';

/** `roleAssignmentMode` of a registry (API 2025-11-01). */
export type RoleMode = 'LegacyRegistryPermissions' | 'AbacRepositoryPermissions';

export interface Route {
  readonly plane: 'control' | 'data';
  readonly action: string;
  readonly permissions: readonly Permission[];
  /** The mode in which the action has this effect; absent: in both. */
  readonly mode?: RoleMode;
  /** Only where the admin user is switched on. */
  readonly throughAdminUser?: true;
  /** How, where it is not by the action itself. */
  readonly by?: string;
}

const registries = 'Microsoft.ContainerRegistry/registries';
const legacy = 'LegacyRegistryPermissions';
const abac = 'AbacRepositoryPermissions';
const all: readonly Permission[] = ['list', 'pull', 'push', 'delete', 'sign'];

/**
 * Legacy mode looks at actions of the control plane, ABAC mode at data actions only (Azure Container Registry roles directory reference, both tabs).
 * Whoever pushes can attach a signature: it is a manifest like others. `sign/write` alone is Docker Content Trust, deprecated.
 */
export const routes: readonly Route[] = [
  { plane: 'control', action: `${registries}/pull/read`, permissions: ['list', 'pull'], mode: legacy },
  { plane: 'control', action: `${registries}/push/write`, permissions: ['push', 'sign'], mode: legacy },
  { plane: 'control', action: `${registries}/artifacts/delete`, permissions: ['delete'], mode: legacy },
  { plane: 'control', action: `${registries}/sign/write`, permissions: ['sign'], mode: legacy },
  {
    plane: 'control',
    action: `${registries}/scheduleRun/action`,
    permissions: all,
    mode: legacy,
    by: 'runs ACR Tasks',
  },
  { plane: 'control', action: `${registries}/tasks/write`, permissions: all, mode: legacy, by: 'writes ACR Tasks' },
  { plane: 'data', action: `${registries}/catalog/read`, permissions: ['list'], mode: abac },
  { plane: 'data', action: `${registries}/repositories/metadata/read`, permissions: ['list'], mode: abac },
  { plane: 'data', action: `${registries}/repositories/content/read`, permissions: ['pull'], mode: abac },
  { plane: 'data', action: `${registries}/repositories/content/write`, permissions: ['push', 'sign'], mode: abac },
  { plane: 'data', action: `${registries}/repositories/content/delete`, permissions: ['delete'], mode: abac },
  {
    plane: 'control',
    action: `${registries}/importImage/action`,
    permissions: ['push'],
    by: 'imports images, in ABAC mode too',
  },
  {
    plane: 'control',
    action: `${registries}/listCredentials/action`,
    permissions: all,
    throughAdminUser: true,
    by: "reads the admin user's password",
  },
  {
    plane: 'control',
    action: `${registries}/generateCredentials/action`,
    permissions: ['admin'],
    by: 'makes passwords of tokens',
  },
  {
    plane: 'control',
    action: `${registries}/tokens/write`,
    permissions: ['admin'],
    by: 'gives tokens other scope maps',
  },
  { plane: 'control', action: `${registries}/write`, permissions: ['admin'], by: 'changes the registry' },
  {
    plane: 'control',
    action: 'Microsoft.Authorization/roleAssignments/write',
    permissions: ['admin'],
    by: 'assigns roles',
  },
];

/** Returns the routes that are open in a registry. */
export function routesOf(mode: RoleMode, adminUserEnabled: boolean): readonly Route[] {
  return routes.filter(
    (route) => (route.mode ?? mode) === mode && (route.throughAdminUser !== true || adminUserEnabled),
  );
}

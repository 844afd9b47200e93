// Role and deny assignments that reach a registry, with the roles they name, as Azure's authorization API says.
import { PlombeError, field, isPlombeError, objectField, objectsField, textField, type JsonObject } from '@plombe/kit';
import type { CallOptions } from '../connector.ts';
import { actionSetOf } from './actions.ts';
import { apiVersions, type ControlPlane } from './control-plane.ts';
import type { Assignment, Denial } from './grants.ts';
import { builtInRoles, type Role } from './roles.ts';

const atScope = { $filter: 'atScope()' } as const;

/** A role, and what is not known of it where it could not be read. */
interface KnownRole {
  readonly role: Role;
  readonly incomplete?: string;
}

export interface Assignments {
  readonly assignments: readonly Assignment[];
  /** Roles that could not be read, a sentence each. */
  readonly incomplete: readonly string[];
}

/** Reads all assignments at the registry and above it, each role once. */
export async function readAssignments(plane: ControlPlane, options: CallOptions): Promise<Assignments> {
  const permission = 'Microsoft.Authorization/roleAssignments/read';
  const path = `${await plane.id(options)}/providers/Microsoft.Authorization/roleAssignments`;
  const rows = await plane.rows({ path, apiVersion: apiVersions.authorization, permission, query: atScope }, options);
  const roles = new Map<string, KnownRole>();
  const assignments: Assignment[] = [];
  for (const row of rows) {
    const properties = objectField(row, 'properties') ?? {};
    const definition = (textField(properties, 'roleDefinitionId') ?? '').toLowerCase();
    const known = roles.get(definition) ?? (await readRole(plane, definition, options));
    roles.set(definition, known);
    const condition = textField(properties, 'condition');
    const principalId = textField(properties, 'principalId')?.toLowerCase();
    if (principalId === undefined) continue;
    assignments.push({
      principalId,
      principalType: textField(properties, 'principalType') ?? '',
      role: known.role,
      scope: textField(properties, 'scope') ?? '/',
      ...(condition ? { condition } : {}),
    });
  }
  return { assignments, incomplete: [...roles.values()].flatMap(({ incomplete }) => incomplete ?? []) };
}

/** A role that may not be read is taken from the table of built-in ones; one that is in neither is unknown, not a role without permissions. */
async function readRole(plane: ControlPlane, definition: string, options: CallOptions): Promise<KnownRole> {
  const name = /\/roledefinitions\/([0-9a-f-]{36})$/.exec(definition)?.[1];
  if (name === undefined)
    throw new PlombeError('registry/invalid-answer', 'A role assignment names no role definition.');
  const scope = /^\/subscriptions\/[0-9a-f-]{36}(?=\/)/.exec(definition)?.[0] ?? '';
  const path = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
  const permission = 'Microsoft.Authorization/roleDefinitions/read';
  try {
    const document = await plane.arm.get({ path, apiVersion: apiVersions.authorization, permission }, options);
    const properties = objectField(document, 'properties') ?? {};
    const permissions = objectsField(properties, 'permissions').map(actionSetOf);
    return { role: { name: textField(properties, 'roleName') ?? name, permissions } };
  } catch (error) {
    if (!isPlombeError(error, 'registry/forbidden') && !isPlombeError(error, 'registry/not-found')) throw error;
    const role = builtInRoles[name];
    const reason = `The role ${role?.name ?? name} could not be read (needs ${permission})`;
    if (role !== undefined) return { role, incomplete: `${reason}; it is taken as published.` };
    return { role: { name, permissions: [] }, incomplete: `${reason}; what it grants is missing here.` };
  }
}

/** Reads the deny assignments that hold at the registry. */
export async function readDenials(plane: ControlPlane, options: CallOptions): Promise<readonly Denial[]> {
  const permission = 'Microsoft.Authorization/denyAssignments/read';
  const id = await plane.id(options);
  const path = `${id}/providers/Microsoft.Authorization/denyAssignments`;
  const rows = await plane.rows({ path, apiVersion: apiVersions.authorization, permission, query: atScope }, options);
  return rows.flatMap((row) => denialOf(objectField(row, 'properties') ?? {}, id));
}

function denialOf(properties: JsonObject, registryId: string): readonly Denial[] {
  const scope = textField(properties, 'scope') ?? '';
  const above = scope.toLowerCase() !== registryId.toLowerCase();
  if (field(properties, 'doNotApplyToChildScopes') === true && above) return [];
  const principals = objectsField(properties, 'principals');
  const excluded = objectsField(properties, 'excludePrincipals');
  const idOf = (one: JsonObject): string => (textField(one, 'id') ?? '').toLowerCase();
  const condition = textField(properties, 'condition');
  return [
    {
      principals: principals.map(idOf),
      excluded: excluded.map(idOf),
      indirect: [...principals, ...excluded].some((one) => textField(one, 'type') === 'Group'),
      permissions: objectsField(properties, 'permissions').map(actionSetOf),
      ...(condition ? { condition } : {}),
    },
  ];
}

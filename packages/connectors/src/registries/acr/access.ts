// Principals and grants of a registry, put together from role assignments, tokens, the admin user and anonymous pull.
import { by, field } from '@plombe/kit';
import type { CallOptions, ConnectedGrant, ConnectedPrincipal, Known } from '../connector.ts';
import { attempt, knownWithout } from './known.ts';
import { readAssignments, readDenials, type Assignments } from './authorization.ts';
import type { ControlPlane } from './control-plane.ts';
import { grantsOf, localGrants, sortedGrants, type Denial } from './grants.ts';
import type { RoleMode } from './routes.ts';
import { readTokens, type RegistryToken } from './tokens.ts';

/** Everything that decides who may do what. */
export interface AccessRecords {
  readonly mode: RoleMode;
  readonly adminUserEnabled: boolean;
  readonly anonymousPullEnabled: boolean;
  readonly assignments: Known<Assignments>;
  readonly denials: Known<readonly Denial[]>;
  readonly tokens: Known<readonly RegistryToken[]>;
}

/** Reads the records; each list that may not be read is unknown, and the registry's own resource is needed: without it nothing can be told. */
export async function readAccess(plane: ControlPlane, nowMs: number, options: CallOptions): Promise<AccessRecords> {
  const { properties } = await plane.resource(options);
  return {
    // Registries from before the mode was introduced have none: they are legacy ones.
    mode:
      field(properties, 'roleAssignmentMode') === 'AbacRepositoryPermissions'
        ? 'AbacRepositoryPermissions'
        : 'LegacyRegistryPermissions',
    adminUserEnabled: field(properties, 'adminUserEnabled') === true,
    anonymousPullEnabled: field(properties, 'anonymousPullEnabled') === true,
    assignments: await attempt(() => readAssignments(plane, options)),
    denials: await attempt(() => readDenials(plane, options)),
    tokens: await attempt(() => readTokens(plane, nowMs, options)),
  };
}

const kinds: Readonly<Record<string, ConnectedPrincipal['kind']>> = {
  User: 'human',
  Group: 'group',
  ForeignGroup: 'group',
  ServicePrincipal: 'service',
};

/** Returns the principals of the records. Object ids are not resolved: names, members and states of the directory need Microsoft Graph. */
export function principalsOf(records: AccessRecords): Known<readonly ConnectedPrincipal[]> {
  const found = new Map<string, ConnectedPrincipal>();
  for (const { principalId, principalType } of valueOf(records.assignments)?.assignments ?? []) {
    const id = `entra:${principalId}`;
    found.set(id, { id, kind: kinds[principalType] ?? 'unknown', name: principalId, state: 'unknown' });
  }
  for (const { name, state, createdAt, expiresAt } of valueOf(records.tokens) ?? []) {
    const id = `token:${name}`;
    found.set(id, {
      id,
      kind: 'registry-token',
      name,
      state,
      ...(createdAt === undefined ? {} : { createdAt }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
  }
  const state = records.adminUserEnabled ? 'active' : 'disabled';
  found.set('admin-user', { id: 'admin-user', kind: 'registry-token', name: 'admin user', state });
  if (records.anonymousPullEnabled) {
    found.set('anonymous', { id: 'anonymous', kind: 'anonymous', name: 'everybody', state: 'active' });
  }
  const missing = [
    ...gaps(records),
    'Members of groups and states of Entra principals are not read (Microsoft Graph is not asked).',
  ];
  return knownWithout([...found.values()].toSorted(by(({ id }) => id)), missing);
}

/** Returns what each principal may do, under the registry's permission mode. */
export function accessOf(records: AccessRecords): Known<readonly ConnectedGrant[]> {
  const denials = valueOf(records.denials) ?? [];
  const assigned = valueOf(records.assignments)?.assignments ?? [];
  const usable = (valueOf(records.tokens) ?? []).filter(({ state }) => state === 'active');
  const grants = [
    ...assigned.flatMap((one) => grantsOf(one, denials, records.mode, records.adminUserEnabled)),
    ...localGrants(usable, records.adminUserEnabled, records.anonymousPullEnabled),
  ];
  const denied =
    records.denials.kind === 'unknown' ? [`Deny assignments are not taken off: ${records.denials.reason}`] : [];
  const eligible = 'Roles that a principal may only activate (Privileged Identity Management) are not read.';
  return knownWithout(sortedGrants(grants), [...gaps(records), ...denied, eligible]);
}

/** Both lists of principals failed or one: what is missing, a sentence each. */
function gaps({ assignments, tokens }: AccessRecords): readonly string[] {
  return [
    ...(assignments.kind === 'unknown'
      ? [`Role assignments are missing: ${assignments.reason}`]
      : assignments.value.incomplete),
    ...(tokens.kind === 'unknown' ? [`Tokens and scope maps are missing: ${tokens.reason}`] : []),
  ];
}

function valueOf<T>(known: Known<T>): T | undefined {
  return known.kind === 'known' ? known.value : undefined;
}

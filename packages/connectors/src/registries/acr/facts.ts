// The facts of a registry that posture checks look at, each read or with the permission that is missing.
import { field, objectField, objectsField, sortedUnique, textField, textsField, type JsonObject } from '@plombe/kit';
import type { AcrFacts, FactsOf } from '../../posture/facts.ts';
import type { CallOptions, Known } from '../connector.ts';
import type { AccessRecords } from './access.ts';
import { matchesAction } from './actions.ts';
import { readDeliveries } from './audit.ts';
import { apiVersions, type ControlPlane } from './control-plane.ts';
import { grantsOf, scopeMapGrants, type Assignment, type Denial } from './grants.ts';
import { attempt, attemptPreview } from './known.ts';

/** Names with which the resource itself answers. */
type ResourceFacts = Omit<
  AcrFacts,
  | 'softDeleteEnabled'
  | 'softDeleteDays'
  | 'diagnosticLogs'
  | 'webhooks'
  | 'webhooksWithHttp'
  | 'tokensWithoutExpiry'
  | 'wideTokens'
  | 'adminPasswordReaders'
  | 'broadReaders'
  | 'cacheRules'
  | 'cacheRulesWithCredentials'
  | 'unhealthyCredentialSets'
  | 'replications'
  | 'connectedRegistries'
>;

/** Reads every fact. `access` was read in the same operation. */
export async function readFacts(
  plane: ControlPlane,
  access: AccessRecords,
  options: CallOptions,
): Promise<FactsOf<'acr'>> {
  const { sku, properties } = await plane.resource(options);
  const facts = resourceFacts(sku, properties);
  const soft = await attemptPreview(() => plane.softDelete(options));
  const softOf = <T>(read: (policy: JsonObject) => T | undefined): Known<T> => {
    if (soft.kind === 'unknown') return soft;
    const value = read(soft.value);
    const reason = `Azure says nothing of soft delete for this registry (API ${apiVersions.preview}).`;
    return value === undefined ? { kind: 'unknown', reason } : { kind: 'known', value };
  };
  return {
    ...(Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, { kind: 'known', value }])) as {
      readonly [Name in keyof ResourceFacts]: Known<ResourceFacts[Name]>;
    }),
    softDeleteEnabled: softOf((policy) => enabled(policy)),
    softDeleteDays: softOf((policy) => numberField(policy, 'retentionDays')),
    diagnosticLogs: await attemptPreview(() => keepsLogs(plane, options)),
    webhooks: await attempt(async () => sortedUnique((await plane.list('webhooks', options)).map(webhookText))),
    webhooksWithHttp: await webhooksWithHttp(plane, options),
    ...tokenFacts(access),
    ...roleFacts(access),
    ...(await copyFacts(plane, options)),
  };
}

type CopyFacts =
  | 'cacheRules'
  | 'cacheRulesWithCredentials'
  | 'unhealthyCredentialSets'
  | 'replications'
  | 'connectedRegistries';

/** Where images come from and go to besides pushes and pulls: cache rules with their credentials, replications, connected registries. */
async function copyFacts(plane: ControlPlane, options: CallOptions): Promise<Pick<FactsOf<'acr'>, CopyFacts>> {
  const rules = await attempt(() => plane.list('cacheRules', options));
  const about = (row: JsonObject): JsonObject => objectField(row, 'properties') ?? {};
  const unhealthy = (row: JsonObject): boolean =>
    objectsField(about(row), 'authCredentials').some((one) => {
      const status = textField(objectField(one, 'credentialHealth') ?? {}, 'status');
      return status !== undefined && status !== 'Healthy';
    });
  return {
    cacheRules: mapped(rules, namesOf),
    cacheRulesWithCredentials: mapped(rules, (rows) =>
      namesOf(rows.filter((row) => textField(about(row), 'credentialSetResourceId'))),
    ),
    unhealthyCredentialSets: await attempt(async () =>
      namesOf((await plane.list('credentialSets', options)).filter(unhealthy)),
    ),
    replications: await attempt(async () =>
      sortedUnique((await plane.list('replications', options)).flatMap((row) => textField(row, 'location') ?? [])),
    ),
    connectedRegistries: await attempt(async () =>
      sortedUnique(
        (await plane.list('connectedRegistries', options)).map((row) =>
          [textField(row, 'name'), textField(about(row), 'mode'), textField(about(row), 'connectionState')].join(' '),
        ),
      ),
    ),
  };
}

function mapped<T, U>(known: Known<T>, change: (value: T) => U): Known<U> {
  return known.kind === 'known' ? { kind: 'known', value: change(known.value) } : known;
}

function resourceFacts(sku: string, properties: JsonObject): ResourceFacts {
  const policies = objectField(properties, 'policies') ?? {};
  const policy = (name: string): JsonObject => objectField(policies, name) ?? {};
  const rules = objectField(properties, 'networkRuleSet') ?? {};
  const connections = objectsField(properties, 'privateEndpointConnections').filter((connection) => {
    const state = objectField(objectField(connection, 'properties') ?? {}, 'privateLinkServiceConnectionState') ?? {};
    return textField(state, 'status') === 'Approved';
  });
  return {
    sku,
    adminUserEnabled: field(properties, 'adminUserEnabled') === true,
    anonymousPullEnabled: field(properties, 'anonymousPullEnabled') === true,
    roleAssignmentMode: textField(properties, 'roleAssignmentMode') ?? 'LegacyRegistryPermissions',
    // What is on unless it was switched off: absent means on (networks, export, tokens for ARM).
    armAudienceTokens: enabled(policy('azureADAuthenticationAsArmPolicy')) ?? true,
    publicNetworkAccess: textField(properties, 'publicNetworkAccess') !== 'Disabled',
    networkDefaultAction: textField(rules, 'defaultAction') ?? 'Allow',
    networkAllowedRanges: sortedUnique(
      objectsField(rules, 'ipRules').flatMap((rule) => textField(rule, 'value') ?? []),
    ),
    networkBypass: textField(properties, 'networkRuleBypassOptions') ?? 'AzureServices',
    privateEndpoints: connections.length,
    retentionEnabled: enabled(policy('retentionPolicy')) ?? false,
    retentionDays: numberField(policy('retentionPolicy'), 'days') ?? 0,
    quarantinePolicyEnabled: enabled(policy('quarantinePolicy')) ?? false,
    exportEnabled: enabled(policy('exportPolicy')) ?? true,
    contentTrustEnabled: enabled(policy('trustPolicy')) ?? false,
    zoneRedundant: textField(properties, 'zoneRedundancy') === 'Enabled',
    customerManagedKey: enabled(objectField(properties, 'encryption') ?? {}) ?? false,
    dataEndpointEnabled: field(properties, 'dataEndpointEnabled') === true,
  };
}

/** Azure writes states with changing case. */
function enabled(policy: JsonObject): boolean | undefined {
  const status = textField(policy, 'status')?.toLowerCase();
  return status === 'enabled' ? true : status === 'disabled' ? false : undefined;
}

function numberField(object: JsonObject, key: string): number | undefined {
  const value = field(object, key);
  return typeof value === 'number' ? value : undefined;
}

const namesOf = (rows: readonly JsonObject[]): readonly string[] =>
  sortedUnique(rows.flatMap((row) => textField(row, 'name') ?? []));

const eventLogs = ['ContainerRegistryLoginEvents', 'ContainerRegistryRepositoryEvents'];

/** Both logs of events, by name or in a group (`allLogs`, `audit`), in settings that send somewhere. */
async function keepsLogs(plane: ControlPlane, options: CallOptions): Promise<boolean> {
  const path = `${await plane.id(options)}/providers/Microsoft.Insights/diagnosticSettings`;
  const permission = 'Microsoft.Insights/diagnosticSettings/read';
  const kept = new Set<string>();
  for (const row of await plane.rows({ path, apiVersion: apiVersions.diagnostics, permission }, options)) {
    for (const log of objectsField(objectField(row, 'properties') ?? {}, 'logs')) {
      if (field(log, 'enabled') !== true) continue;
      const group = textField(log, 'categoryGroup')?.toLowerCase();
      if (group === 'alllogs' || group === 'audit') for (const name of eventLogs) kept.add(name);
      kept.add(textField(log, 'category') ?? '');
    }
  }
  return eventLogs.every((name) => kept.has(name));
}

/** A webhook's address is told only with its secrets, or by what was sent to it: the latter is looked at, and one that got nothing yet is unknown. */
/** `gatehook enabled push,delete of team/*`. */
function webhookText(row: JsonObject): string {
  const about = objectField(row, 'properties') ?? {};
  const scope = textField(about, 'scope') ?? '';
  const words = [textField(row, 'name'), textField(about, 'status'), textsField(about, 'actions').join(',')];
  return [...words, ...(scope === '' ? [] : [`of ${scope}`])]
    .filter((word) => word !== undefined && word !== '')
    .join(' ');
}

async function webhooksWithHttp(plane: ControlPlane, options: CallOptions): Promise<Known<readonly string[]>> {
  const hooks = await attempt(async () => namesOf(await plane.list('webhooks', options)));
  if (hooks.kind === 'unknown' || hooks.value.length === 0) return hooks;
  const deliveries = await attempt(() => readDeliveries(plane, options));
  if (deliveries.kind === 'unknown') return deliveries;
  const seen = new Map(
    deliveries.value.map(({ webhook, message }) => [webhook, textField(message, 'requestUri') ?? '']),
  );
  const silent = hooks.value.filter((name) => !/^https?:/i.test(seen.get(name) ?? ''));
  const insecure = hooks.value.filter((name) => /^http:/i.test(seen.get(name) ?? ''));
  if (silent.length === 0) return { kind: 'known', value: insecure };
  const reason = `${silent.join(', ')} sent nothing yet, and Azure tells the address only together with the secret headers.`;
  return insecure.length === 0 ? { kind: 'unknown', reason } : { kind: 'known', value: insecure, incomplete: [reason] };
}

function tokenFacts({ tokens }: AccessRecords): Pick<FactsOf<'acr'>, 'tokensWithoutExpiry' | 'wideTokens'> {
  if (tokens.kind === 'unknown') return { tokensWithoutExpiry: tokens, wideTokens: tokens };
  const active = tokens.value.filter(({ state }) => state === 'active');
  const wide = active.filter(
    ({ actions }) =>
      scopeMapGrants(actions)
        .get('**')
        ?.some((one) => one === 'push' || one === 'delete') === true,
  );
  const names = (list: typeof active): Known<readonly string[]> => ({
    kind: 'known',
    value: sortedUnique(list.map(({ name }) => name)),
  });
  return { tokensWithoutExpiry: names(active.filter(({ endless }) => endless)), wideTokens: names(wide) };
}

function roleFacts(access: AccessRecords): Pick<FactsOf<'acr'>, 'adminPasswordReaders' | 'broadReaders'> {
  const { assignments, mode } = access;
  if (assignments.kind === 'unknown') return { adminPasswordReaders: assignments, broadReaders: assignments };
  const denials: readonly Denial[] = access.denials.kind === 'known' ? access.denials.value : [];
  const holders = (chosen: (one: Assignment) => boolean): Known<readonly string[]> => ({
    kind: 'known',
    value: sortedUnique(assignments.value.assignments.filter(chosen).map(({ principalId }) => principalId)),
    ...(assignments.value.incomplete.length === 0 ? {} : { incomplete: assignments.value.incomplete }),
  });
  const grants = (one: Assignment, adminUser: boolean): ReturnType<typeof grantsOf> =>
    grantsOf(one, denials, mode, adminUser);
  return {
    // Asked as if the admin user were on: who could read its password then.
    adminPasswordReaders: holders((one) => grants(one, true).length > grants(one, false).length),
    broadReaders: holders(
      (one) => isBroad(one) && grants(one, false).some(({ permissions }) => permissions.includes('pull')),
    ),
  };
}

/** A role that reaches images by a pattern over everything, not by naming registries. */
function isBroad({ role }: Assignment): boolean {
  const pull = 'Microsoft.ContainerRegistry/registries/pull/read';
  const patterns = role.permissions.flatMap(({ actions }) => actions).filter((pattern) => matchesAction(pattern, pull));
  return patterns.length > 0 && patterns.every((pattern) => !/^microsoft\.containerregistry/i.test(pattern));
}

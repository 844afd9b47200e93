// The connector of Azure Container Registry over the stateful double: what it reads, what it leaves alone, and what it says of what it may not read.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Digest } from '@plombe/model';
import { isPlombeError } from '@plombe/kit';
import { networkContext } from '@plombe/oci/testing/context';
import { hasProgram } from '@plombe/oci/testing/peers';
import { networkOf, openAcr, openClient, pushImage } from '../../testing/azure/open.ts';
import { startAzure, type AzureDouble } from '../../testing/azure/start.ts';
import { addChild, application, assign, azureWorld, registryId, type AzureWorld } from '../../testing/azure/world.ts';
import type { Known } from '../connector.ts';
import { acrConnector } from './index.ts';
import { builtInRoles } from './roles.ts';

const options = { signal: new AbortController().signal };
const people = [1, 2, 3, 4].map((n) => `44444444-0000-0000-0000-00000000000${n}`) as [string, string, string, string];

function value<T>(known: Known<T>): T {
  if (known.kind === 'known') return known.value;
  throw new Error(known.reason);
}

const code = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (thrown: unknown) => (isPlombeError(thrown) ? `${thrown.code}: ${thrown.message}` : String(thrown)),
  );

/** Assigns a built-in role as it is published. */
function give(
  world: AzureWorld,
  principalId: string,
  type: string,
  name: string,
  more: { scope?: string; condition?: string } = {},
): void {
  const [id, role] = Object.entries(builtInRoles).find(([, one]) => one.name === name) ?? [];
  assign(world, principalId, type, { id: id ?? '', name, ...role?.permissions[0] }, more);
}

/** Two modes' worth of people, tokens in every state, webhooks. */
function fill(world: AzureWorld): void {
  const name = '@Request[Microsoft.ContainerRegistry/registries/repositories:name]';
  give(world, people[0], 'User', 'Reader', { scope: `/subscriptions/${world.subscription}` });
  give(world, people[1], 'Group', 'Container Registry Repository Writer', {
    condition: `${name} StringStartsWithIgnoreCase 'team/'`,
  });
  give(world, people[2], 'ServicePrincipal', 'AcrPush');
  give(world, people[3], 'User', 'Container Registry Configuration Reader and Data Access Configuration Reader');
  // An assignment below another scope reaches nothing here.
  give(world, people[0], 'User', 'Owner', { scope: `/subscriptions/${world.subscription}/resourceGroups/other` });
  const day = 86_400_000;
  const at = (days: number): string => new Date(world.nowMs + days * day).toISOString();
  const tokens: Record<string, object> = {
    endless: { passwords: [{ name: 'password1', expiry: at(1) }, { name: 'password2' }] },
    month: { passwords: [{ name: 'password1', expiry: at(30) }] },
    over: { passwords: [{ name: 'password1', expiry: at(-1) }] },
    none: {},
  };
  addChild(world, 'scopeMaps', 'wide', { actions: ['repositories/*/content/read', 'repositories/*/content/write'] });
  for (const [token, credentials] of Object.entries(tokens)) {
    addChild(world, 'tokens', token, {
      scopeMapId: `${registryId(world)}/scopeMaps/WIDE`,
      status: 'enabled',
      creationDate: at(-9),
      credentials,
    });
  }
  addChild(world, 'webhooks', 'plain', { status: 'enabled', actions: ['push'], serviceUri: 'http://hooks.example/' });
  addChild(world, 'webhooks', 'secure', { status: 'enabled', actions: ['push'], serviceUri: 'https://hooks.example/' });
}

const secrets = /listCredentials|generateCredentials|regenerateCredential|getCallbackConfig/i;

describe.skipIf(!hasProgram('openssl'))('with openssl', () => {
  async function setting(): Promise<AzureDouble> {
    const double = await startAzure(azureWorld());
    fill(double.world);
    return double;
  }

  test('principals with their states, and what is not known of them', async () => {
    const { world, ...double } = await setting();
    const connector = openAcr({ world, ...double });
    const principals = await connector.principals(options);
    expect(value(principals).map(({ id, kind, state }) => `${id} ${kind} ${state}`)).toEqual([
      'admin-user registry-token disabled',
      `entra:${people[0]} human unknown`,
      `entra:${people[1]} group unknown`,
      `entra:${people[2]} service unknown`,
      `entra:${people[3]} human unknown`,
      'token:endless registry-token active',
      'token:month registry-token active',
      'token:none registry-token disabled',
      'token:over registry-token expired',
    ]);
    const month = value(principals).find(({ name }) => name === 'month');
    expect(month?.expiresAt).toBe(new Date(world.nowMs + 30 * 86_400_000).toISOString());
    expect(value(principals).find(({ name }) => name === 'endless')?.expiresAt).toBe(undefined);
    expect(principals).toHaveProperty('incomplete', [expect.stringContaining('Microsoft Graph')]);
    world.registry['anonymousPullEnabled'] = true;
    world.registry['adminUserEnabled'] = true;
    const states = value(await connector.principals(options)).map(({ id, state }) => `${id} ${state}`);
    expect(states.slice(0, 2)).toEqual(['admin-user active', 'anonymous active']);
    expect(world.log.filter((line) => secrets.test(line))).toEqual([]);
  });

  test('grants follow the permission mode of the registry', async () => {
    const double = await setting();
    const { world } = double;
    const connector = openAcr(double);
    const grants = async (): Promise<readonly string[]> =>
      value(await connector.grants(options)).map(
        (grant) => `${grant.principal} ${grant.repositories} ${grant.permissions.join(',')}`,
      );
    const wide = ['token:endless ** pull,push,sign', 'token:month ** pull,push,sign'];
    expect(await grants()).toEqual([`entra:${people[1]} team/** list,pull,push,sign`, ...wide]);
    world.registry['roleAssignmentMode'] = 'LegacyRegistryPermissions';
    expect(await grants()).toEqual([
      `entra:${people[0]} ** list,pull`,
      `entra:${people[2]} ** list,pull,push,sign`,
      ...wide,
    ]);
    world.registry['adminUserEnabled'] = true;
    expect(await grants()).toContain(`entra:${people[3]} ** list,pull,push,delete,sign`);
    expect(await grants()).toContain('admin-user ** list,pull,push,delete,sign');
    world.denyAssignments.push({
      scope: registryId(world),
      principals: [{ id: '00000000-0000-0000-0000-000000000000', type: 'SystemDefined' }],
      excludePrincipals: [{ id: people[2], type: 'ServicePrincipal' }],
      permissions: [
        {
          actions: ['Microsoft.ContainerRegistry/registries/pull/read'],
          notActions: [],
          dataActions: [],
          notDataActions: [],
        },
      ],
    });
    expect((await grants()).filter((line) => line.startsWith('entra:')).map((line) => line.slice(6, 42))).toEqual([
      people[2],
      people[3],
    ]);
  });

  test('a role that may not be read is taken as published, or said to be missing', async () => {
    const double = await setting();
    const [own] = double.world.applications;
    if (own !== undefined)
      own.actions = ['Microsoft.ContainerRegistry/*', 'Microsoft.Authorization/roleAssignments/read'];
    assign(double.world, people[0], 'User', {
      id: '99999999-0000-0000-0000-000000000000',
      name: 'Custom',
      actions: ['*'],
    });
    const grants = await openAcr(double, { resourceId: registryId(double.world) }).grants(options);
    expect(value(grants).some(({ principal }) => principal === `entra:${people[1]}`)).toBe(true);
    const missing = grants.kind === 'known' ? (grants.incomplete ?? []).join('\n') : '';
    expect(missing).toContain('The role Container Registry Repository Writer could not be read');
    expect(missing).toMatch(
      /99999999\S* could not be read \(needs Microsoft.Authorization\/roleDefinitions\/read\); what it grants is missing/,
    );
    expect(missing).toMatch(
      /Deny assignments are not taken off: .*lacks Microsoft.Authorization\/denyAssignments\/read/,
    );
  });

  test('facts: the registry as it is, and each thing that could not be read', async () => {
    const double = await setting();
    const { world } = double;
    world.registry['networkRuleSet'] = { defaultAction: 'Deny', ipRules: [{ action: 'Allow', value: '10.1.0.0/16' }] };
    world.registry['privateEndpointConnections'] = ['Approved', 'Rejected'].map((status) => ({
      properties: { privateLinkServiceConnectionState: { status } },
    }));
    world.softDelete = { retentionDays: 14, status: 'enabled' };
    addChild(world, 'cacheRules', 'hub', { sourceRepository: 'docker.io/library/*' });
    const set = `${registryId(world)}/credentialSets/quay`;
    addChild(world, 'cacheRules', 'quay', { sourceRepository: 'quay.io/x/*', credentialSetResourceId: set });
    for (const [name, status] of Object.entries({ quay: 'Unhealthy', hub: 'Healthy' })) {
      addChild(world, 'credentialSets', name, {
        authCredentials: [{ name: 'Credential1', credentialHealth: { status } }],
      });
    }
    addChild(world, 'replications', 'northeurope', {}, { location: 'northeurope' });
    addChild(world, 'connectedRegistries', 'edge', { mode: 'ReadWrite', connectionState: 'Online' });
    world.diagnosticSettings.push({ logs: [{ category: 'ContainerRegistryLoginEvents', enabled: true }] });
    await pushImage(openClient(double), world.loginServer, 'team/app', 'layer', { tag: 'v1' });
    const connector = openAcr(double);
    const known = async (name: string): Promise<unknown> => {
      const fact = (await connector.facts(options))[name];
      return fact?.kind === 'known' ? fact.value : fact?.reason;
    };
    const facts = await connector.facts(options);
    expect(Object.values(facts).filter(({ kind }) => kind === 'unknown')).toEqual([]);
    expect(
      Object.fromEntries(
        Object.entries(facts).map(([name, fact]) => [name, fact.kind === 'known' ? fact.value : fact.reason]),
      ),
    ).toEqual({
      sku: 'Premium',
      adminUserEnabled: false,
      anonymousPullEnabled: false,
      roleAssignmentMode: 'AbacRepositoryPermissions',
      armAudienceTokens: true,
      publicNetworkAccess: true,
      networkDefaultAction: 'Deny',
      networkAllowedRanges: ['10.1.0.0/16'],
      networkBypass: 'AzureServices',
      privateEndpoints: 1,
      softDeleteEnabled: true,
      softDeleteDays: 14,
      retentionEnabled: false,
      retentionDays: 7,
      quarantinePolicyEnabled: false,
      exportEnabled: true,
      contentTrustEnabled: false,
      zoneRedundant: false,
      customerManagedKey: false,
      dataEndpointEnabled: false,
      diagnosticLogs: false,
      webhooks: ['plain enabled push', 'secure enabled push'],
      webhooksWithHttp: ['plain'],
      tokensWithoutExpiry: ['endless'],
      wideTokens: ['endless', 'month'],
      adminPasswordReaders: [people[3]],
      broadReaders: [],
      cacheRules: ['hub', 'quay'],
      cacheRulesWithCredentials: ['quay'],
      unhealthyCredentialSets: ['quay'],
      replications: ['northeurope'],
      connectedRegistries: ['edge ReadWrite Online'],
    });
    world.registry['roleAssignmentMode'] = 'LegacyRegistryPermissions';
    expect(await known('broadReaders')).toEqual([people[0]]);
    world.diagnosticSettings.push({ logs: [{ categoryGroup: 'allLogs', enabled: true }] });
    expect(await known('diagnosticLogs')).toBe(true);
    addChild(world, 'webhooks', 'silent', { status: 'enabled', actions: ['push'], serviceUri: 'http://x/' });
    expect((await connector.facts(options))['webhooksWithHttp']).toHaveProperty('incomplete', [
      expect.stringContaining('silent sent nothing yet'),
    ]);
    world.softDelete = {};
    expect(await known('softDeleteEnabled')).toContain('says nothing of soft delete');
    world.previewsWithdrawn = true;
    for (const name of ['softDeleteDays', 'diagnosticLogs'])
      expect(await known(name)).toContain('NoRegisteredProviderFound');
    expect(await known('sku')).toBe('Premium');
    const [own] = world.applications;
    if (own !== undefined) own.actions = [];
    expect(new Set(Object.values(await connector.facts(options)).map(({ kind }) => kind))).toEqual(
      new Set(['unknown']),
    );
    expect(await known('sku')).toContain('lacks Microsoft.ContainerRegistry/registries/read');
    expect(world.log.filter((line) => secrets.test(line))).toEqual([]);
  });

  test('audit events of webhooks and of the activity log, each once and in order, with what is never among them', async () => {
    const double = await setting();
    const { world } = double;
    const client = openClient(double);
    const digest = await pushImage(client, world.loginServer, 'team/app', 'one', { tag: 'v1' });
    world.nowMs += 60_000;
    world.activity.push({
      eventDataId: 'a1',
      eventTimestamp: new Date(world.nowMs).toISOString(),
      caller: 'jo@contoso.example',
      operationName: { value: 'Microsoft.ContainerRegistry/registries/write' },
      status: { value: 'Failed' },
      resourceId: registryId(world),
    });
    world.nowMs += 60_000;
    await pushImage(client, world.loginServer, 'team/app', 'two', { tag: 'v2' });
    const connector = openAcr(double);
    const events = await connector.auditEvents(0, options);
    expect(value(events).map(({ principal, operation, tag, outcome }) => [principal, operation, tag, outcome])).toEqual(
      [
        ['unknown', 'push', 'v1', 'success'],
        ['jo@contoso.example', 'Microsoft.ContainerRegistry/registries/write', undefined, 'failure'],
        ['unknown', 'push', 'v2', 'success'],
      ],
    );
    expect(value(events)[0]).toMatchObject({ repository: 'team/app', digest });
    const notes = events.kind === 'known' ? (events.incomplete ?? []) : [];
    expect(notes.join(' ')).toMatch(/Pulls and logins are not among .*90 days/s);
    expect(value(await connector.auditEvents(world.nowMs - 90_000, options))).toHaveLength(2);
    expect(JSON.stringify(events)).not.toContain('webhook-secret');
    const [own] = world.applications;
    if (own !== undefined)
      own.actions = ['Microsoft.ContainerRegistry/registries/read', 'Microsoft.Insights/eventtypes/values/read'];
    const part = await connector.auditEvents(0, options);
    expect(value(part)).toHaveLength(1);
    expect(part.kind === 'known' ? (part.incomplete ?? []).join(' ') : '').toContain(
      'lacks Microsoft.ContainerRegistry/registries/webhooks/read',
    );
  });

  test('promotion moves no byte, brings signatures of an index along, and tags last', async () => {
    const double = await setting();
    const { world } = double;
    const client = openClient(double);
    const { loginServer } = world;
    const image = await pushImage(client, loginServer, 'quarantine/app', 'layer');
    const size = world.repositories.get('quarantine/app')?.manifests.get(image)?.bytes.length ?? 0;
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const child = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: image, size };
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: [child] }));
    const reference = { registry: loginServer, repository: 'quarantine/app', tag: 'v1' };
    const digest = await client.writer.pushManifest(reference, { bytes: index, mediaType }, options);
    const signature = await pushImage(client, loginServer, 'quarantine/app', 'signature', {
      subject: { digest, size: index.length },
    });
    const signatureSize = world.repositories.get('quarantine/app')?.manifests.get(signature)?.bytes.length ?? 0;
    const stamp = await pushImage(client, loginServer, 'quarantine/app', 'stamp', {
      subject: { digest: signature, size: signatureSize },
    });
    const ofChild = await pushImage(client, loginServer, 'quarantine/app', 'sbom', {
      subject: { digest: image, size },
    });
    const before = world.log.length;
    await openAcr(double).promote(
      { from: { repository: 'quarantine/app', digest }, to: { repository: 'prod/app', tags: ['v1'] } },
      options,
    );
    const prod = world.repositories.get('prod/app');
    expect([...(prod?.manifests.keys() ?? [])].toSorted()).toEqual(
      [digest, image, signature, stamp, ofChild].toSorted(),
    );
    expect(prod?.tags.get('v1')?.digest).toBe(digest);
    const log = world.log.slice(before);
    expect(log.filter((line) => /^(?:PATCH|PUT) .*blobs\/uploads/.test(line))).toEqual([]);
    expect(new Set(log.filter((line) => line.includes('mount='))).size).toBe(5);
    expect(log.filter((line) => line.includes('importImage'))).toEqual([]);
    expect(log.findLastIndex((line) => line.startsWith('PUT'))).toBe(
      log.findIndex((line) => line.endsWith('/v2/prod/app/manifests/v1')),
    );
    const again = await code(
      openAcr(double).promote(
        {
          from: { repository: 'quarantine/app', digest: image.replaceAll(/[0-9]/g, 'a') as Digest },
          to: { repository: 'prod/app', tags: [] },
        },
        options,
      ),
    );
    expect(again).toContain('registry/not-found');
  });

  test('a lock at a tag or at the whole repository locks the image', async () => {
    const double = await startAzure(azureWorld());
    const { world } = double;
    const client = openClient(double);
    for (const name of ['team/tag', 'team/whole', 'team/free'])
      await pushImage(client, world.loginServer, name, name, { tag: 'v1' });
    const tag = world.repositories.get('team/tag')?.tags.get('v1');
    if (tag !== undefined) tag.attributes = { ...tag.attributes, writeEnabled: false };
    world.lockedRepositories.add('team/whole');
    const connector = openAcr(double);
    const stateOf = async (name: string) =>
      (await Array.fromAsync(connector.artifacts(name, options))).map(({ state }) => state);
    expect(await stateOf('team/tag')).toEqual(['locked']);
    expect(await stateOf('team/whole')).toEqual(['locked']);
    expect(await stateOf('team/free')).toEqual(['free']);
  });

  test('pushes are in no log of Azure unless a webhook of the whole registry tells of them', async () => {
    const double = await startAzure(azureWorld());
    const { world } = double;
    const connector = openAcr(double);
    expect(await connector.unloggedPushes?.(options)).toMatch(/No webhook of the whole registry/);
    addChild(world, 'webhooks', 'narrow', { status: 'enabled', actions: ['push', 'delete'], scope: 'team/*' });
    addChild(world, 'webhooks', 'sleeping', { status: 'disabled', actions: ['push', 'delete'], scope: '' });
    expect(await connector.unloggedPushes?.(options)).toMatch(/No webhook of the whole registry/);
    addChild(world, 'webhooks', 'whole', { status: 'enabled', actions: ['push', 'delete'], scope: '' });
    expect(await connector.unloggedPushes?.(options)).toBe(undefined);
    const [own] = world.applications;
    if (own !== undefined) own.actions = ['Microsoft.ContainerRegistry/registries/read'];
    expect(await connector.unloggedPushes?.(options)).toMatch(/webhooks\/read/);
  });

  test('a manifest in quarantine is pulled by nobody, and a lock that does not hold is an error', async () => {
    const double = await setting();
    const { world } = double;
    const client = openClient(double);
    const digest = await pushImage(client, world.loginServer, 'team/app', 'layer', { tag: 'v1' });
    const connector = openAcr(double);
    await connector.quarantine('team/app', digest, options);
    for (const reference of [{ tag: 'v1' }, { digest }]) {
      expect(
        await code(
          client.fetchManifest({ registry: world.loginServer, repository: 'team/app', ...reference }, options),
        ),
      ).toContain('405');
    }
    const [own] = world.applications;
    if (own !== undefined) own.dataActions = ['Microsoft.ContainerRegistry/registries/repositories/*/read'];
    expect(await code(openAcr(double).release('team/app', digest, options))).toMatch(
      /registry\/(?:forbidden|unauthorized).*repositories\/metadata\/write/,
    );
    expect(await code(connector.quarantine('../../x', digest, options))).toContain('reference/invalid');
  });

  test('a list of names without the permission names it; in legacy mode it is another one', async () => {
    const double = await setting();
    const { world } = double;
    world.applications.push(application(2, ['Microsoft.ContainerRegistry/registries/pull/read'], []));
    await pushImage(openClient(double), world.loginServer, 'team/app', 'layer');
    const read = async (): Promise<string> => code(Array.fromAsync(openAcr(double, {}, 1).repositories(options)));
    expect(await read()).toMatch(/registry\/unauthorized: .*catalog\/read .*Catalog Lister/);
    world.registry['roleAssignmentMode'] = 'LegacyRegistryPermissions';
    expect(await read()).toBe('done');
  });

  test('throttling and outages of the control plane', async () => {
    const double = await setting();
    const { world } = double;
    const connector = openAcr(double);
    world.arm = { tokens: 3, refill: 3, retryAfter: '0' };
    expect(value(await connector.principals(options))).toHaveLength(9);
    world.arm = { tokens: 0, refill: 0, retryAfter: '315360000' };
    expect(await code(connector.grants(options))).toMatch(/registry\/rate-limited: .*3650 days/);
    delete world.arm;
    world.armFailures = [500, 503];
    expect((await connector.facts(options))['sku']).toEqual({ kind: 'known', value: 'Premium' });
    world.armFailures = [500, 500, 500, 500, 500];
    expect(await code(connector.facts(options))).toContain('registry/unreachable');
  });

  test('a page that leads to another host gets no token, and one that leads to itself is no end', async () => {
    const double = await setting();
    const { world } = double;
    const connector = openAcr(double, { resourceId: registryId(world) });
    world.nextLink = 'https://evil.example/next';
    expect(await code(connector.principals(options))).toMatch(/registry\/invalid-answer: .*leads to another host/);
    expect(double.asked.some((authority) => authority.startsWith('evil'))).toBe(false);
    world.nextLink = 'self';
    expect(await code(connector.principals(options))).toMatch(/registry\/invalid-answer: .*leads to an earlier one/);
  });

  test('the registry is found in its subscription, and a resource of another registry is refused', async () => {
    const double = await setting();
    const { world } = double;
    const sku = async (location: object): Promise<unknown> => (await openAcr(double, location).facts(options))['sku'];
    for (const location of [{}, { subscriptionId: world.subscription }, { resourceId: registryId(world) }]) {
      expect(await sku(location)).toEqual({ kind: 'known', value: 'Premium' });
    }
    world.registry['loginServer'] = 'other.azurecr.io';
    expect(await sku({})).toHaveProperty(
      'reason',
      expect.stringContaining('No subscription that the identity can see has'),
    );
    expect(await code(sku({ resourceId: registryId(world) }))).toContain('config/invalid');
    for (const location of [
      { subscriptionId: '../x' },
      { resourceId: '/subscriptions/x' },
      { resourceId: `${registryId(world)}/../../x` },
    ]) {
      expect(await code(sku(location))).toContain('config/invalid');
    }
  });

  test('T31 no other host is a registry of Azure, and without an identity nothing is asked of ARM', async () => {
    const double = await setting();
    const ctx = networkContext(options.signal);
    for (const registry of ['plombetest.azurecr.io.evil.example', 'evil.example', 'plombetest.azurecr.io:8443']) {
      expect(() => acrConnector({ registry, network: networkOf(double) }, ctx)).toThrow(/not a login server/);
    }
    const connector = openAcr(double, {}, 99);
    expect(await connector.principals(options)).toHaveProperty('reason', expect.stringContaining('No Entra identity'));
    expect(double.world.log).toEqual([]);
  });

  test('a registry that takes no tokens for ARM takes ours', async () => {
    const double = await setting();
    const policies = double.world.registry['policies'] as Record<string, { status: string }>;
    policies['azureADAuthenticationAsArmPolicy'] = { status: 'disabled' };
    expect(await code(Array.fromAsync(openAcr(double).repositories(options)))).toBe('done');
  });

  test('the role of docs/connectors/acr.md is enough to read everything', async () => {
    const double = await setting();
    const { world } = double;
    const page = readFileSync(new URL('../../../../../docs/connectors/acr.md', import.meta.url), 'utf8');
    const role = JSON.parse(/```json\n([^`]+)```/.exec(page)?.[1] ?? '') as {
      Actions: string[];
      DataActions: string[];
    };
    await pushImage(openClient(double), world.loginServer, 'team/app', 'layer', { tag: 'v1' });
    world.applications.push(application(3, role.Actions, role.DataActions));
    const connector = openAcr(double, { subscriptionId: world.subscription }, 1);
    expect(Object.values(await connector.facts(options)).filter(({ kind }) => kind === 'unknown')).toEqual([]);
    for (const answer of [
      await connector.principals(options),
      await connector.grants(options),
      await connector.auditEvents(0, options),
    ]) {
      expect(answer.kind).toBe('known');
      expect(JSON.stringify(answer)).not.toContain('lacks');
    }
    expect(await Array.fromAsync(connector.repositories(options))).toMatchObject([
      { name: 'team/app', artifactCount: 1 },
    ]);
    expect(await Array.fromAsync(connector.artifacts('team/app', options))).toHaveLength(1);
    expect(
      [...role.Actions, ...role.DataActions].filter((action) => action.includes('*') || secrets.test(action)),
    ).toEqual([]);
  });

  test('without a login the data plane is what everybody may read', async () => {
    const double = await setting();
    const { world } = double;
    await pushImage(openClient(double), world.loginServer, 'team/app', 'layer', { tag: 'v1' });
    const connector = openAcr(double, {}, 99);
    const read = async (): Promise<string> => code(Array.fromAsync(connector.artifacts('team/app', options)));
    expect(await read()).toContain('registry/unauthorized');
    world.registry['anonymousPullEnabled'] = true;
    expect(await read()).toBe('done');
  });
});

// The connector of Azure Container Registry: control plane by Azure Resource Manager, data plane by the registry itself.
import type { Context } from '@plombe/model';
import { createHttpClient, createRegistryClient, entraTokens, openTransport, type EntraOptions } from '@plombe/oci';
import { armClient } from '../../azure/arm.ts';
import { cloudOf } from '../../azure/cloud.ts';
import type { AcrFacts, FactsOf } from '../../posture/facts.ts';
import type { Capability, RegistryConnector } from '../connector.ts';
import type { ConnectorOptions } from '../options.ts';
import { promoteImage } from '../promote.ts';
import { accessOf, principalsOf, readAccess } from './access.ts';
import { readAudit, unloggedPushes } from './audit.ts';
import { controlPlane, type AcrLocation } from './control-plane.ts';
import { dataPlane } from './data-plane.ts';
import { acrHandshake, readAcrEvent } from './event.ts';
import { readFacts } from './facts.ts';
import { readArtifacts, readRepositories, setReadable } from './inventory.ts';
import { attempt } from './known.ts';

/** Registry, network with an Entra identity, and where in Azure the registry is. */
export interface AcrOptions extends ConnectorOptions, AcrLocation {}

const proof = 'double' as const;

/** docs/connectors/acr.md names the permission of each call and what was not proved. */
const capabilities: readonly Capability[] = [
  {
    operation: 'repositories',
    supported: true,
    proof,
    note: 'ABAC mode: Container Registry Repository Catalog Lister',
  },
  {
    operation: 'artifacts',
    supported: true,
    proof,
    note: 'without manifests whose listEnabled is false; Azure keeps no time of the last pull',
  },
  {
    operation: 'principals',
    supported: true,
    proof,
    note: 'names, group members and states of Entra principals need Microsoft Graph',
  },
  {
    operation: 'grants',
    supported: true,
    proof,
    note: 'without roles that are only eligible (Privileged Identity Management)',
  },
  {
    operation: 'auditEvents',
    supported: true,
    proof,
    note: 'pushes and deletions of webhooks, 90 days of configuration; no pulls, no logins',
  },
  { operation: 'facts', supported: true, proof },
  { operation: 'readEvent', supported: true, proof, note: 'a secret header, since Azure signs no event' },
  {
    operation: 'quarantine',
    supported: true,
    proof,
    note: 'whoever holds metadata/write can lift the lock; a quarantine repository is stronger',
  },
  { operation: 'release', supported: true, proof },
  {
    operation: 'promote',
    supported: true,
    proof,
    note: 'by mounts; an import of Azure does not look at ABAC conditions',
  },
];

/** Every fact, so that none is forgotten where the resource cannot be read at all. */
const factNames: Readonly<Record<keyof AcrFacts, true>> = {
  sku: true,
  adminUserEnabled: true,
  anonymousPullEnabled: true,
  roleAssignmentMode: true,
  armAudienceTokens: true,
  publicNetworkAccess: true,
  networkDefaultAction: true,
  networkAllowedRanges: true,
  networkBypass: true,
  privateEndpoints: true,
  softDeleteEnabled: true,
  softDeleteDays: true,
  retentionEnabled: true,
  retentionDays: true,
  quarantinePolicyEnabled: true,
  exportEnabled: true,
  contentTrustEnabled: true,
  zoneRedundant: true,
  customerManagedKey: true,
  dataEndpointEnabled: true,
  diagnosticLogs: true,
  webhooks: true,
  webhooksWithHttp: true,
  tokensWithoutExpiry: true,
  wideTokens: true,
  adminPasswordReaders: true,
  broadReaders: true,
  cacheRules: true,
  cacheRulesWithCredentials: true,
  unhealthyCredentialSets: true,
  replications: true,
  connectedRegistries: true,
};

/**
 * Opens the connector. Throws `config/invalid` where the registry is no login server of Azure (T31). Without an Entra identity the control plane is
 * unknown, and the data plane is asked with the logins of `network`.
 */
export function acrConnector(options: AcrOptions, ctx: Context): RegistryConnector {
  const { registry } = options;
  const cloud = cloudOf(registry);
  const entra: EntraOptions | undefined = options.network.entra && {
    authorityHost: cloud.authority,
    ...options.network.entra,
  };
  const network = { ...options.network, ...(entra === undefined ? {} : { entra }) };
  const http = createHttpClient(network, ctx);
  const transport = openTransport(network, ctx);
  const client = createRegistryClient(network, ctx);
  const tokens = entra === undefined ? { token: async () => undefined } : entraTokens(entra, http, ctx, cloud.arm);
  const control = controlPlane(armClient(cloud.arm, http, ctx, tokens, network.retry), registry, options);
  const data = dataPlane(registry, http, ctx, (signal) => transport.credential(registry, signal), network.retry);
  const access = (call: { readonly signal: AbortSignal }): ReturnType<typeof readAccess> =>
    readAccess(control, ctx.clock.nowMs(), call);

  return {
    kind: 'acr',
    registry,
    capabilities,
    repositories: (call) => readRepositories(data, call),
    artifacts: (repository, call) => readArtifacts(data, repository, call),
    principals: async (call) => {
      const records = await attempt(() => access(call));
      return records.kind === 'unknown' ? records : principalsOf(records.value);
    },
    grants: async (call) => {
      const records = await attempt(() => access(call));
      return records.kind === 'unknown' ? records : accessOf(records.value);
    },
    auditEvents: (sinceMs, call) => readAudit(control, sinceMs, ctx, call),
    unloggedPushes: (call) => unloggedPushes(control, call),
    facts: async (call): Promise<FactsOf<'acr'>> => {
      const facts = await attempt(async () => readFacts(control, await access(call), call));
      if (facts.kind === 'known') return facts.value;
      return Object.fromEntries(Object.keys(factNames).map((name) => [name, facts])) as unknown as FactsOf<'acr'>;
    },
    readEvent: (headers, body, secret) => readAcrEvent(registry, headers, body, secret),
    answerHandshake: (method, headers, body) => acrHandshake(registry, method, headers, body),
    quarantine: (repository, digest, call) => setReadable(data, repository, digest, false, call),
    release: (repository, digest, call) => setReadable(data, repository, digest, true, call),
    promote: (promotion, call) => promoteImage(client, registry, promotion, call),
    close: () => {
      http.close();
      transport.close();
      client.close();
    },
  };
}

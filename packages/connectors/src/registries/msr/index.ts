// The connector of Docker Trusted Registry and Mirantis Secure Registry 2.9 and 3.1. MSR 4 is Harbor: it has the connector of that.
import type { Context } from '@plombe/model';
import { createRegistryClient, openTransport } from '@plombe/oci';
import type { CallOptions, Capability, Promotion, RegistryConnector } from '../connector.ts';
import type { ConnectorOptions } from '../options.ts';
import { promoteImage } from '../promote.ts';
import { restClient } from '../rest.ts';
import { readGrants, readPrincipals } from './access.ts';
import { msrApi } from './api.ts';
import { readAuditEvents } from './audit.ts';
import { readArtifacts, readRepositories } from './contents.ts';
import { readMsrEvent } from './event.ts';
import { readFacts } from './facts.ts';
import { attempt } from '../known.ts';
import { ensureRepository, quarantineManifest, releaseManifest, type Moving } from './quarantine.ts';

export interface MsrOptions extends ConnectorOptions {
  /** Organisation without members that quarantined images are moved to; `plombe-quarantine` where absent. */
  readonly quarantineOrganization?: string;
}

const defaultOrganization = 'plombe-quarantine';
const movesNote =
  'by copying into a private organisation and deleting: no lock exists. Needs the organisation, and a system administrator';

/** docs/connectors/msr.md says what each needs and where its description is from. */
const capabilities: readonly Capability[] = [
  { operation: 'repositories', supported: true, proof: 'double' },
  { operation: 'artifacts', supported: true, proof: 'double' },
  { operation: 'principals', supported: true, note: 'needs a system administrator', proof: 'double' },
  { operation: 'grants', supported: true, note: 'needs a system administrator', proof: 'double' },
  { operation: 'auditEvents', supported: true, note: 'needs a system administrator', proof: 'double' },
  { operation: 'facts', supported: true, note: 'settings need a system administrator', proof: 'double' },
  { operation: 'readEvent', supported: true, note: 'the secret is part of the address', proof: 'double' },
  { operation: 'quarantine', supported: true, note: movesNote, proof: 'double' },
  { operation: 'release', supported: true, note: movesNote, proof: 'double' },
  {
    operation: 'promote',
    supported: true,
    note: 'makes the target repository, private, where there is none',
    proof: 'double',
  },
];

/** Opens a connector. The login is user and password, or user and access token. */
export function msrConnector(options: MsrOptions, ctx: Context): RegistryConnector {
  const { registry, network, quarantineOrganization: organization = defaultOrganization } = options;
  const transport = openTransport(network, ctx);
  const client = createRegistryClient(network, ctx);
  const rest = restClient(transport, { registry, network }, ctx);
  const api = msrApi(rest, registry);
  const moving: Moving = { api, rest, client, registry, organization };

  async function promote(promotion: Promotion, call: CallOptions): Promise<void> {
    await ensureRepository(rest, promotion.to.repository, call);
    await promoteImage(client, registry, promotion, call);
  }

  return {
    kind: 'msr',
    registry,
    capabilities,
    quarantineArea: `${organization}/`,
    repositories: (call) => readRepositories(api, call),
    artifacts: (repository, call) => readArtifacts(api, repository, organization, call),
    principals: (call) => readPrincipals(api, call),
    grants: (call) => readGrants(api, call),
    auditEvents: (sinceMs, call) => readAuditEvents(api, sinceMs, call),
    hiddenRepositories: async ({ signal }) => {
      const settings = await attempt('a system administrator', () => api.object('/api/v0/meta/settings', signal));
      if (settings.kind === 'known') return [];
      return [`This account sees only the repositories that it may read. ${settings.reason}`];
    },
    facts: (call) => readFacts(api, call),
    readEvent: readMsrEvent,
    quarantine: (repository, digest, call) => quarantineManifest(moving, repository, digest, call),
    release: (repository, digest, call) => releaseManifest(moving, repository, digest, call),
    promote,
    close: () => {
      rest.close();
      client.close();
      transport.close();
    },
  };
}

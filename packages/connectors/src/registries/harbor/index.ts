// The connector of Harbor 2.x.
import type { Context } from '@plombe/model';
import { createHttpClient, openTransport } from '@plombe/oci';
import type { Capability, RegistryConnector } from '../connector.ts';
import type { ConnectorOptions } from '../options.ts';
import { restClient } from '../rest.ts';
import { readGrants, readPrincipals } from './access.ts';
import { createHarborApi } from './api.ts';
import { readAuditEvents, unloggedPushes } from './audit.ts';
import { readArtifacts, readRepositories } from './contents.ts';
import { readHarborEvent } from './event.ts';
import { readFacts } from './facts.ts';
import { openGaps } from './gaps.ts';
import { promoteArtifact, quarantineArtifact, releaseArtifact } from './move.ts';
import { notePartialView } from './projects.ts';

export interface HarborOptions extends ConnectorOptions {
  /** Private project that quarantined artifacts are moved to; made where it is missing. `plombe-quarantine` where absent. */
  readonly quarantineProject?: string;
  /** Lets `facts` sign in once as `admin` with the password of Harbor's documentation. */
  readonly tryDefaultPassword?: boolean;
}

const defaultQuarantineProject = 'plombe-quarantine';

/** Published in Harbor's documentation and its configuration template. */
const defaultPassword = 'Harbor12345';

const movesNote =
  'by copying into a private project and deleting: no lock exists. The account needs to create, read and delete artifacts in both projects.';

/** What can be done, and how far it was proved; docs/connectors/harbor.md says what each needs. */
const capabilities: readonly Capability[] = [
  { operation: 'repositories', supported: true, proof: 'double' },
  { operation: 'artifacts', supported: true, proof: 'double' },
  { operation: 'principals', supported: true, proof: 'double', note: 'members of groups are not known to Harbor' },
  { operation: 'grants', supported: true, proof: 'double' },
  { operation: 'auditEvents', supported: true, proof: 'double', note: 'before 2.13 only what happened to images' },
  { operation: 'facts', supported: true, proof: 'double' },
  {
    operation: 'readEvent',
    supported: true,
    proof: 'double',
    note: 'Harbor signs nothing: a secret header is all there is',
  },
  { operation: 'quarantine', supported: true, proof: 'double', note: movesNote },
  { operation: 'release', supported: true, proof: 'double', note: movesNote },
  { operation: 'promote', supported: true, proof: 'double' },
];

/** Opens a connector. The login is the one of the registry's docker half: a robot account, or a person with the CLI secret. */
export function harborConnector(options: HarborOptions, ctx: Context): RegistryConnector {
  const { registry, network, quarantineProject = defaultQuarantineProject } = options;
  const transport = openTransport(network, ctx);
  const rest = restClient(transport, { registry, network }, ctx);
  const api = createHarborApi(rest, registry);

  async function account(signal: AbortSignal): Promise<string | undefined> {
    const credential = await transport.credential(registry, signal);
    return credential?.kind === 'password' ? credential.username : undefined;
  }

  async function hasDefaultPassword(signal: AbortSignal): Promise<boolean> {
    const client = createHttpClient(network, ctx);
    try {
      const authorization = `Basic ${Buffer.from(`admin:${defaultPassword}`).toString('base64')}`;
      const url = new URL(`${transport.originOf(registry)}/api/v2.0/users/current`);
      const response = await client.send({ method: 'GET', url, limit: 'loopback', signal, headers: { authorization } });
      await response.discard();
      return response.status === 200;
    } finally {
      client.close();
    }
  }

  return {
    kind: 'harbor',
    registry,
    capabilities,
    quarantineArea: `${quarantineProject}/`,
    repositories: (call) => readRepositories(api, call),
    artifacts: (repository, call) => readArtifacts(api, repository, quarantineProject, call),
    principals: async (call) => readPrincipals(api, await account(call.signal), ctx.clock.nowMs(), call),
    grants: async (call) => readGrants(api, await account(call.signal), call),
    auditEvents: async (sinceMs, call) => readAuditEvents(api, await account(call.signal), sinceMs, call),
    unloggedPushes: async (call) => unloggedPushes(api, await account(call.signal), call),
    hiddenRepositories: async (call) => {
      const gaps = openGaps();
      await notePartialView(api, await account(call.signal), gaps, call);
      const { incomplete = [] } = gaps.known(undefined) as { readonly incomplete?: readonly string[] };
      return incomplete;
    },
    facts: async (call) => {
      const name = await account(call.signal);
      return readFacts(api, {
        ...call,
        ...(name === undefined ? {} : { account: name }),
        ...(options.tryDefaultPassword === true ? { tryDefaultPassword: () => hasDefaultPassword(call.signal) } : {}),
      });
    },
    readEvent: readHarborEvent,
    quarantine: (repository, digest, call) => quarantineArtifact(api, quarantineProject, repository, digest, call),
    release: (repository, digest, call) => releaseArtifact(api, quarantineProject, repository, digest, call),
    promote: (promotion, call) => promoteArtifact(api, quarantineProject, promotion, call),
    close: () => {
      rest.close();
      transport.close();
    },
  };
}

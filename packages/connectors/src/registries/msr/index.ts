// The connector of Docker Trusted Registry and Mirantis Secure Registry 2.9 and 3.1. MSR 4 is Harbor: it has the connector of that.
import type { Context } from '@plombe/model';
import { PlombeError } from '@plombe/kit';
import { createRegistryClient, openTransport } from '@plombe/oci';
import type { CallOptions, Capability, Promotion, RegistryConnector } from '../connector.ts';
import type { ConnectorOptions } from '../options.ts';
import { promoteImage } from '../promote.ts';
import { restClient } from '../rest.ts';
import { readGrants, readPrincipals } from './access.ts';
import { msrApi, pathOf, splitRepository } from './api.ts';
import { readAuditEvents } from './audit.ts';
import { readArtifacts, readRepositories } from './contents.ts';
import { readMsrEvent } from './event.ts';
import { readFacts } from './facts.ts';

const noQuarantine = 'MSR has no lock: put the gate in front (plombe serve --upstream)';

/** docs/connectors/msr.md says what each needs and where its description is from. */
const capabilities: readonly Capability[] = [
  { operation: 'repositories', supported: true, proof: 'double' },
  { operation: 'artifacts', supported: true, proof: 'double' },
  { operation: 'principals', supported: true, note: 'needs a system administrator', proof: 'double' },
  { operation: 'grants', supported: true, note: 'needs a system administrator', proof: 'double' },
  { operation: 'auditEvents', supported: true, note: 'needs a system administrator', proof: 'double' },
  { operation: 'facts', supported: true, note: 'settings need a system administrator', proof: 'double' },
  { operation: 'readEvent', supported: true, note: 'the secret is part of the address', proof: 'double' },
  { operation: 'quarantine', supported: false, note: noQuarantine, proof: 'double' },
  { operation: 'release', supported: false, note: noQuarantine, proof: 'double' },
  {
    operation: 'promote',
    supported: true,
    note: 'makes the target repository, private, where there is none',
    proof: 'double',
  },
];

/** Opens a connector. The login is user and password, or user and access token. */
export function msrConnector(options: ConnectorOptions, ctx: Context): RegistryConnector {
  const { registry, network } = options;
  const transport = openTransport(network, ctx);
  const client = createRegistryClient(network, ctx);
  const rest = restClient(transport, { registry, network }, ctx);
  const api = msrApi(rest, registry);
  const unsupported = async (): Promise<void> => {
    throw new PlombeError('connector/unsupported', `${registry} cannot hold images back: ${noQuarantine}.`);
  };

  async function promote(promotion: Promotion, call: CallOptions): Promise<void> {
    const [namespace, name] = splitRepository(promotion.to.repository);
    const path = `/api/v0/repositories${pathOf(namespace, name)}`;
    const { status } = await rest.call({ path, signal: call.signal, expect: [404] });
    if (status === 404) {
      await rest.call({
        method: 'POST',
        path: `/api/v0/repositories${pathOf(namespace)}`,
        body: {
          name,
          visibility: 'private',
          shortDescription: '',
          longDescription: '',
          scanOnPush: true,
          immutableTags: false,
          enableManifestLists: true,
          tagLimit: 0,
        },
        signal: call.signal,
      });
    }
    await promoteImage(client, registry, promotion, call);
  }

  return {
    kind: 'msr',
    registry,
    capabilities,
    repositories: (call) => readRepositories(api, call),
    artifacts: (repository, call) => readArtifacts(api, repository, call),
    principals: (call) => readPrincipals(api, call),
    grants: (call) => readGrants(api, call),
    auditEvents: (sinceMs, call) => readAuditEvents(api, sinceMs, call),
    facts: (call) => readFacts(api, call),
    readEvent: readMsrEvent,
    quarantine: unsupported,
    release: unsupported,
    promote,
    close: () => {
      rest.close();
      client.close();
      transport.close();
    },
  };
}

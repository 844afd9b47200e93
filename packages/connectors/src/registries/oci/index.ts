// The connector of any registry that follows the distribution specification, and nothing more.
import type { Context } from '@plombe/model';
import { PlombeError } from '@plombe/kit';
import { createRegistryClient, openTransport } from '@plombe/oci';
import { unknown } from '../../posture/facts.ts';
import type { CallOptions, Capability, ConnectedRepository, Known, RegistryConnector } from '../connector.ts';
import type { ConnectorOptions } from '../options.ts';
import { promoteImage } from '../promote.ts';
import { readArtifacts } from './contents.ts';
import { readDistributionEvents } from './event.ts';
import { probeOutside } from './outside.ts';
import { samplesOf } from './samples.ts';

const noAccounts =
  'The distribution specification has no list of accounts or rights; ask the registry’s own API, or its administrators.';
const noQuarantine = 'the specification has no lock: put the gate in front (plombe serve --upstream)';

const capabilities: readonly Capability[] = [
  { operation: 'repositories', supported: true, note: 'where the catalog is allowed; else by name', proof: 'live' },
  { operation: 'artifacts', supported: true, proof: 'live' },
  { operation: 'principals', supported: false, note: noAccounts, proof: 'live' },
  { operation: 'grants', supported: false, note: noAccounts, proof: 'live' },
  { operation: 'auditEvents', supported: false, note: 'the specification has no log', proof: 'live' },
  { operation: 'facts', supported: true, note: 'from outside: registries/oci/outside.ts', proof: 'live' },
  { operation: 'readEvent', supported: true, note: "notifications of docker's distribution", proof: 'live' },
  { operation: 'quarantine', supported: false, note: noQuarantine, proof: 'live' },
  { operation: 'release', supported: false, note: noQuarantine, proof: 'live' },
  { operation: 'promote', supported: true, proof: 'live' },
];

function notThere<T>({ signal }: CallOptions, reason: string): Known<T> {
  signal.throwIfAborted();
  return unknown(reason);
}

export interface OciOptions extends ConnectorOptions {
  /** Those to list where the catalog is closed. */
  readonly repositories?: readonly string[];
}

/** Opens a connector. */
export function ociConnector(options: OciOptions, ctx: Context): RegistryConnector {
  const { registry, repositories = [] } = options;
  const client = createRegistryClient(options.network, ctx);
  const transport = openTransport(options.network, ctx);
  const unsupported = async (): Promise<void> => {
    throw new PlombeError('connector/unsupported', `${registry} cannot hold images back: ${noQuarantine}.`);
  };

  const inCatalog = new Set<string>();

  async function* names(call: CallOptions): AsyncGenerator<ConnectedRepository, void> {
    const isNamed = repositories.length > 0;
    const found = isNamed ? repositories : await client.listRepositories(registry, call);
    for (const name of found) {
      if (!isNamed) inCatalog.add(name);
      yield { name };
    }
  }

  return {
    kind: 'oci',
    registry,
    capabilities,
    repositories: names,
    artifacts: (repository, call) => {
      const place = { registry, repository };
      return readArtifacts(client, transport, place, { ...call, isInCatalog: inCatalog.has(repository) });
    },
    principals: async (call) => notThere(call, noAccounts),
    grants: async (call) => notThere(call, noAccounts),
    auditEvents: async (_, call) => notThere(call, 'The distribution specification has no log of what happened.'),
    facts: async (call) => {
      const samples = await samplesOf({ registry, repositories: names }, options, call, ctx);
      return probeOutside(options, samples, call, ctx);
    },
    readEvent: readDistributionEvents,
    quarantine: unsupported,
    release: unsupported,
    promote: (promotion, call) => promoteImage(client, registry, promotion, call),
    close: () => {
      client.close();
      transport.close();
    },
  };
}

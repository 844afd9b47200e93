// All facts about one registry: what its connector reads with a login, and what anybody sees from outside.
import type { Context } from '@plombe/model';
import { isPlombeError } from '@plombe/kit';
import { createRegistryClient, type RegistryClient } from '@plombe/oci';
import type { CallOptions, PostureFacts, RegistryConnector } from '../registries/connector.ts';
import { probeOutside } from '../registries/oci/outside.ts';
import type { Sample } from '../registries/oci/probe.ts';
import type { ConnectorOptions } from '../registries/options.ts';

/** Repositories that are tried from outside: enough to see whether reading is open, few enough not to look like an attack. */
const maxSamples = 5;

/** Gathers both. Throws `registry/…` where the registry cannot be reached at all. */
export async function gatherFacts(
  connector: RegistryConnector,
  options: ConnectorOptions,
  call: CallOptions,
  ctx: Context,
): Promise<PostureFacts> {
  const own = await connector.facts(call);
  const outside = await probeOutside(options, await samplesOf(connector, options, call, ctx), call, ctx);
  return { ...outside, ...own };
}

async function samplesOf(
  connector: RegistryConnector,
  options: ConnectorOptions,
  call: CallOptions,
  ctx: Context,
): Promise<readonly Sample[]> {
  const client = createRegistryClient(options.network, ctx);
  const samples: Sample[] = [];
  try {
    for await (const { name } of connector.repositories(call)) {
      samples.push(await sampleOf(client, connector.registry, name, call));
      if (samples.length === maxSamples) break;
    }
  } catch (thrown) {
    // A catalog that is closed to this login is a state of affairs; the facts that need a name then say so.
    if (!isPlombeError(thrown) || thrown.code === 'operation/cancelled') throw thrown;
  } finally {
    client.close();
  }
  return samples;
}

async function sampleOf(
  client: RegistryClient,
  registry: string,
  repository: string,
  call: CallOptions,
): Promise<Sample> {
  try {
    const [tag] = await client.listTags({ registry, repository }, call);
    return { repository, ...(tag === undefined ? {} : { tag }) };
  } catch (thrown) {
    if (!isPlombeError(thrown) || thrown.code === 'operation/cancelled') throw thrown;
    return { repository };
  }
}

// Repositories to try from outside: the first that the connector lists, each with a tag.
import type { Context } from '@plombe/model';
import { isPlombeError } from '@plombe/kit';
import { createRegistryClient, type RegistryClient } from '@plombe/oci';
import type { CallOptions, RegistryConnector } from '../connector.ts';
import type { ConnectorOptions } from '../options.ts';
import type { Sample } from './probe.ts';

/** Repositories that are tried from outside: enough to see whether reading is open, few enough not to look like an attack. */
const maxSamples = 5;

/** Finds them; none where the catalog is closed to this login. */
export async function samplesOf(
  connector: Pick<RegistryConnector, 'registry' | 'repositories'>,
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

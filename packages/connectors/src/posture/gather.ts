// All facts about one registry: what its connector reads with a login, and what anybody sees from outside.
import type { Context } from '@plombe/model';
import type { CallOptions, PostureFacts, RegistryConnector } from '../registries/connector.ts';
import { probeOutside } from '../registries/oci/outside.ts';
import { samplesOf } from '../registries/oci/samples.ts';
import type { ConnectorOptions } from '../registries/options.ts';

/** Gathers both. Throws `registry/…` where the registry cannot be reached at all. */
export async function gatherFacts(
  connector: RegistryConnector,
  options: ConnectorOptions,
  call: CallOptions,
  ctx: Context,
): Promise<PostureFacts> {
  const own = await connector.facts(call);
  // Of any registry the connector sees the outside and nothing else.
  if (connector.kind === 'oci') return own;
  const outside = await probeOutside(options, await samplesOf(connector, options, call, ctx), call, ctx);
  return { ...outside, ...own };
}

// The connector of a registry by its kind.
import type { Context } from '@plombe/model';
import { acrConnector, type AcrOptions } from './acr/index.ts';
import type { RegistryConnector, RegistryKind } from './connector.ts';
import { harborConnector, type HarborOptions } from './harbor/index.ts';
import { msrConnector, type MsrOptions } from './msr/index.ts';
import { ociConnector, type OciOptions } from './oci/index.ts';

/** What any of them may be opened with; each takes what it knows. */
export type AnyConnectorOptions = AcrOptions & HarborOptions & MsrOptions & OciOptions;

const connectors: Readonly<Record<RegistryKind, (options: AnyConnectorOptions, ctx: Context) => RegistryConnector>> = {
  acr: acrConnector,
  harbor: harborConnector,
  msr: msrConnector,
  oci: ociConnector,
};

/** Every kind, in the order that help names them. */
export const registryKinds = ['acr', 'harbor', 'msr', 'oci'] as const satisfies readonly RegistryKind[];

/** Opens the connector; the caller closes it. Nothing is called before its first operation. */
export function openConnector(kind: RegistryKind, options: AnyConnectorOptions, ctx: Context): RegistryConnector {
  return connectors[kind](options, ctx);
}

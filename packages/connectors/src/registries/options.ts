// What every connector is opened with.
import type { RegistryOptions } from '@plombe/oci';

/** Registry and network of a connector; a kind may want more (subscription, tenant, …) in an interface of its own. */
export interface ConnectorOptions {
  /** Host and port as in a reference, canonical. */
  readonly registry: string;
  /** Proxy, trust, logins, plain http: as for oci's client. */
  readonly network: RegistryOptions;
  /** Lets `facts` begin uploads and deletions that cannot succeed, to see whether they would be allowed. */
  readonly probeWrites?: boolean;
}

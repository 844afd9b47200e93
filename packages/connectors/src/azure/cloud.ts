// Azure's clouds: which control plane and which authority belong to the login server of a registry (T31).
import { PlombeError, inert } from '@plombe/kit';
import { isAcrHost } from '@plombe/oci';

export interface AzureCloud {
  /** Origin of Azure Resource Manager, which is the audience of its tokens too. */
  readonly arm: string;
  /** Where Entra gives tokens in this cloud. */
  readonly authority: string;
}

/** Azure's own list (`GET /metadata/endpoints` of each cloud): a token for one cloud's control plane never goes to another's. */
const clouds: Readonly<Record<string, AzureCloud>> = {
  io: { arm: 'https://management.azure.com', authority: 'https://login.microsoftonline.com' },
  us: { arm: 'https://management.usgovcloudapi.net', authority: 'https://login.microsoftonline.us' },
  cn: { arm: 'https://management.chinacloudapi.cn', authority: 'https://login.chinacloudapi.cn' },
};

/** Returns the cloud of a registry. Throws `config/invalid` where the host is no login server of Azure Container Registry. */
export function cloudOf(registry: string): AzureCloud {
  const cloud = isAcrHost(registry) ? clouds[registry.slice(registry.lastIndexOf('.') + 1)] : undefined;
  if (cloud !== undefined) return cloud;
  throw new PlombeError('config/invalid', `${inert(registry)} is not a login server of Azure Container Registry.`, {
    remedy: 'Name the login server, such as myregistry.azurecr.io; other hosts get no Entra token.',
  });
}

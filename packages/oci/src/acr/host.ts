// Which hosts are Azure Container Registries: the only ones that an Entra token is ever exchanged with (T31).

/** Login servers of the public, US government and China clouds. The part before may have a hash (`name-abc123`). */
const loginServer = /^[a-z0-9][a-z0-9-]{3,61}[a-z0-9]\.azurecr\.(?:io|us|cn)$/;

/** True for the login server of a registry, exactly: no port, no further label, no other ending. */
export function isAcrHost(registry: string): boolean {
  return loginServer.test(registry);
}

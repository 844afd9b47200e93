// What the environment says of registries, under the names that docker, podman, curl and Azure's SDKs use. Pure: it is handed in.
import type { RegistryOptions } from './client.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Drops what is absent or empty. */
function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '')) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/**
 * Returns the options that an environment gives: proxies, login files (REGISTRY_AUTH_FILE, podman's, docker's; absent files are
 * skipped when they are asked) and the Entra identity, `auto`. docs/registries.md lists the variables.
 */
export function registryEnvironment(env: Environment): Pick<RegistryOptions, 'proxy' | 'authFiles' | 'entra'> {
  const home = env['HOME'] ?? env['USERPROFILE'];
  const docker = env['DOCKER_CONFIG'] ?? (home === undefined ? undefined : `${home}/.docker`);
  const runtime = env['XDG_RUNTIME_DIR'];
  const files = [
    env['REGISTRY_AUTH_FILE'],
    docker === undefined ? undefined : `${docker}/config.json`,
    runtime === undefined ? undefined : `${runtime}/containers/auth.json`,
  ];
  return {
    authFiles: files.filter((path) => path !== undefined && path !== ''),
    proxy: present({
      // Upper-case HTTP_PROXY could be a request header in CGI; where REQUEST_METHOD is set, only the lower-case one counts.
      http: env['http_proxy'] ?? (env['REQUEST_METHOD'] === undefined ? env['HTTP_PROXY'] : undefined),
      https: env['https_proxy'] ?? env['HTTPS_PROXY'],
      no: env['no_proxy'] ?? env['NO_PROXY'],
    }),
    entra: {
      identity: 'auto',
      ...present({
        tenantId: env['AZURE_TENANT_ID'],
        clientId: env['AZURE_CLIENT_ID'],
        clientSecret: env['AZURE_CLIENT_SECRET'],
        clientCertificatePath: env['AZURE_CLIENT_CERTIFICATE_PATH'],
        federatedTokenFile: env['AZURE_FEDERATED_TOKEN_FILE'],
        authorityHost: env['AZURE_AUTHORITY_HOST'],
        identityEndpoint: env['IDENTITY_ENDPOINT'],
        identityHeader: env['IDENTITY_HEADER'],
        metadataHost: env['AZURE_POD_IDENTITY_AUTHORITY_HOST'],
      }),
    },
  };
}

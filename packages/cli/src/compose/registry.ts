// The registry client of this process: settings and the environment's variables under the names other tools read.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createRegistryClient, registrySource, type RegistryClient, type RegistryOptions } from '@plombe/oci';
import { PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { Settings } from '../settings/settings.ts';
import { certificateFiles } from './certificates.ts';

/** The image source type, as the client gives it. */
export type RegistrySource = ReturnType<typeof registrySource>;

/** A source that makes its client only when a registry is asked, and closes it at the end. */
export interface OpenRegistry {
  readonly source: RegistrySource;
  close(): void;
}

/** Returns the source `registry:`; with `--offline` it refuses without a request. */
export function openRegistry(values: Settings, ctx: Context): OpenRegistry {
  let client: RegistryClient | undefined;
  return {
    source: {
      id: 'registry',
      open(text, options, context) {
        if (values.offline === true) {
          return Promise.reject(
            new PlombeError('registry/unreachable', 'The network is off (--offline), so no registry was asked.', {
              remedy:
                'Name the source with a prefix if it lies on this machine (oci:, docker-archive:, dir:, tar:), or leave out --offline.',
            }),
          );
        }
        client ??= createRegistryClient(registryOptions(values, process.env), ctx);
        return registrySource(client).open(text, options, context);
      },
    },
    close: () => client?.close(),
  };
}

/** Settings, and logins that a flag named: they come before those of files and helpers. */
export type SettingsWithLogin = Settings & { readonly credentials?: RegistryOptions['credentials'] };

/** Maps settings and environment to the client's options. Throws `config/invalid` where a certificate file cannot be read. */
export function registryOptions(
  values: SettingsWithLogin,
  environment: Readonly<Record<string, string | undefined>>,
): RegistryOptions {
  const variable = (...names: string[]): string | undefined =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
  const authFiles = values.authFile === undefined ? defaultAuthFiles(variable) : [values.authFile];
  return {
    plainHttp: values.plainHttp ?? [],
    ...(values.credentials === undefined ? {} : { credentials: values.credentials }),
    authFiles,
    caFiles: certificateFiles(values, environment),
    realmAllow: realmsByRegistry(values.realmAllow ?? []),
    proxy: present({
      http: variable('HTTP_PROXY', 'http_proxy'),
      https: variable('HTTPS_PROXY', 'https_proxy'),
      no: variable('NO_PROXY', 'no_proxy'),
    }),
    entra: {
      identity: 'auto',
      ...present({
        tenantId: variable('AZURE_TENANT_ID'),
        clientId: variable('AZURE_CLIENT_ID'),
        clientSecret: variable('AZURE_CLIENT_SECRET'),
        clientCertificatePath: variable('AZURE_CLIENT_CERTIFICATE_PATH'),
        federatedTokenFile: variable('AZURE_FEDERATED_TOKEN_FILE'),
        authorityHost: variable('AZURE_AUTHORITY_HOST'),
        identityEndpoint: variable('IDENTITY_ENDPOINT'),
        identityHeader: variable('IDENTITY_HEADER'),
        metadataHost: variable('AZURE_POD_IDENTITY_AUTHORITY_HOST'),
      }),
    },
  };
}

/** `registry=host` → the hosts that each registry may send credentials to. */
function realmsByRegistry(pairs: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const split = pairs.map((pair) => pair.split('=', 2) as [registry: string, host: string]);
  const groups = Map.groupBy(split, ([registry]) => registry);
  return Object.fromEntries([...groups].map(([registry, entries]) => [registry, entries.map(([, host]) => host)]));
}

/** Where docker and podman keep credentials, in the order they are asked. */
function defaultAuthFiles(variable: (...names: string[]) => string | undefined): readonly string[] {
  const home = variable('HOME') ?? homedir();
  const runtime = variable('XDG_RUNTIME_DIR');
  const registryFile = variable('REGISTRY_AUTH_FILE');
  return [
    ...(registryFile === undefined ? [] : [registryFile]),
    join(variable('DOCKER_CONFIG') ?? join(home, '.docker'), 'config.json'),
    ...(runtime === undefined ? [] : [join(runtime, 'containers', 'auth.json')]),
    join(variable('XDG_CONFIG_HOME') ?? join(home, '.config'), 'containers', 'auth.json'),
  ];
}

function present<Key extends string>(texts: Readonly<Record<Key, string | undefined>>): Partial<Record<Key, string>> {
  return Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined)) as Partial<
    Record<Key, string>
  >;
}

// The connector that a command speaks to: registry, kind and login out of arguments, flags, settings and environment.
import {
  detectKind,
  openConnector,
  registryKinds,
  type AnyConnectorOptions,
  type RegistryConnector,
} from '@plombe/connectors';
import { isAcrHost, parseReference, type Credential } from '@plombe/oci';
import { inert, PlombeError, readBounded, decodeText } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { Settings } from '../settings/settings.ts';
import type { SettingsWithLogin } from './registry.ts';
import { networkOptions, requireNetwork } from './subject-registry.ts';

type Flags = Readonly<Record<string, unknown>>;

export interface OpenConnector {
  readonly connector: RegistryConnector;
  readonly options: AnyConnectorOptions;
}

/**
 * Opens the connector of `HOST[:PORT]`; the kind is the flag's, else the one that answers there. Throws `reference/invalid`, `config/invalid`,
 * `registry/unreachable`. The caller closes it.
 */
export async function openNamedConnector(
  text: string,
  values: Settings,
  flags: Flags,
  ctx: Context,
): Promise<OpenConnector> {
  requireNetwork(values);
  const registry = registryName(text);
  const network = networkOptions(settingsFor(registry, values, flags));
  const options: AnyConnectorOptions = {
    registry,
    network,
    probeWrites: flags['probePush'] === true,
    tryDefaultPassword: flags['tryDefaultPassword'] === true,
    repositories: namesOf(flags, 'repository').filter((name) => !name.includes('*')),
    ...optional('resourceId', flags['azureResource']),
    ...optional('subscriptionId', flags['azureSubscription']),
  };
  const kind = registryKinds.find((one) => one === flags['kind']) ?? (await detectKind(options, ctx, ctx));
  if (kind === 'acr' && !isAcrHost(registry)) {
    throw new PlombeError('config/invalid', `${inert(registry)} is no login server of Azure Container Registry.`, {
      remedy: 'Write NAME.azurecr.io, or another --kind.',
    });
  }
  return { connector: openConnector(kind, options, ctx), options };
}

/** `registry.example.com`, `localhost:5000`; canonical. */
function registryName(text: string): string {
  const bare = text.replace(/^registry:/, '').replace(/\/$/, '');
  const { registry, repository } = parseReference(`${bare}/x`);
  if (repository === 'x' || repository === 'library/x') return registry;
  throw new PlombeError('reference/invalid', `"${inert(text.slice(0, 200))}" is no registry.`, {
    remedy: 'Write HOST or HOST:PORT, without a repository.',
  });
}

/** The settings with what the flags say of this registry: plain http, and the login of `--user-file`. Throws `config/invalid`. */
export function settingsFor(registry: string, values: Settings, flags: Flags): SettingsWithLogin {
  const file = flags['userFile'];
  return {
    ...values,
    plainHttp: flags['plainHttp'] === true ? [...(values.plainHttp ?? []), registry] : (values.plainHttp ?? []),
    ...(typeof file === 'string' ? { credentials: { [registry]: userFile(file) } } : {}),
  };
}

/** A file of `USER:PASSWORD`, or of user and password in two lines; a password on the command line would be in every list of processes. */
function userFile(path: string): Credential {
  const bad = (why: string): PlombeError =>
    new PlombeError('config/invalid', `--user-file ${inert(path)} ${why}.`, {
      remedy: 'Write USER:PASSWORD in one line, or user and password in two.',
    });
  let text: string;
  try {
    text = decodeText(readBounded(path, 64 * 1024));
  } catch {
    throw bad('cannot be read');
  }
  const [first = '', second, ...rest] = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const colon = first.indexOf(':');
  const [username, password] =
    second === undefined ? [first.slice(0, Math.max(0, colon)), first.slice(colon + 1)] : [first, second];
  if (rest.length > 0 || username === '' || password === '') throw bad('holds no user and password');
  return { kind: 'password', username, password };
}

/** The values of a flag that may be repeated. */
export function namesOf(flags: Flags, name: string): readonly string[] {
  const value = flags[name];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

function optional<Key extends string>(key: Key, value: unknown): Partial<Record<Key, string>> {
  return typeof value === 'string' ? ({ [key]: value } as Record<Key, string>) : {};
}

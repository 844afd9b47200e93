// Credentials that docker and podman keep: config.json or auth.json, helpers, stores and identity tokens.
import { readFile, stat } from 'node:fs/promises';
import {
  PlombeError,
  decodeText,
  inert,
  isObject,
  mebibyte,
  objectField,
  textField,
  type JsonObject,
} from '@plombe/kit';
import type { CredentialSource } from './authorizer.ts';
import type { Credential } from './credential.ts';
import { runHelper } from './helper.ts';

/** Thousands of logins fit. */
const maxFileBytes = 4 * mebibyte;

/**
 * Returns the source over one file. A file that is absent knows nothing; one that cannot be read or parsed is
 * `registry/credentials` when it is needed. Order per docker: the registry's own helper, the general store, the file.
 */
export function dockerConfigSource(path: string): CredentialSource {
  let loaded: Promise<JsonObject | undefined> | undefined;
  return {
    id: `docker config ${path}`,
    find: async (registry, repository, signal) => {
      loaded ??= load(path);
      const config = await loaded;
      if (config === undefined) return undefined;
      const names = serverNames(registry);
      const helpers = objectField(config, 'credHelpers') ?? {};
      const own = names.map((name) => textField(helpers, name)).find((helper) => helper !== undefined && helper !== '');
      const helper = own ?? textField(config, 'credsStore');
      if (helper) {
        for (const name of names) {
          const credential = await runHelper(helper, name, signal);
          if (credential !== undefined) return credential;
        }
      }
      return fileCredential(objectField(config, 'auths') ?? {}, names, repository);
    },
  };
}

/** The names under which docker keeps a registry: its host, for Docker Hub the address of its first API. */
function serverNames(registry: string): readonly string[] {
  return registry === 'docker.io' ? ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io'] : [registry];
}

async function load(path: string): Promise<JsonObject | undefined> {
  const fail = (reason: string, cause?: unknown): PlombeError =>
    new PlombeError('registry/credentials', `The login file ${inert(path)} ${reason}.`, { cause });
  try {
    if ((await stat(path)).size > maxFileBytes) throw fail('is larger than 4 MiB');
    const value: unknown = JSON.parse(decodeText(await readFile(path)));
    if (isObject(value)) return value;
  } catch (cause) {
    if (cause instanceof PlombeError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw code === undefined ? fail('is not JSON') : fail(`cannot be read (${code})`, cause);
  }
  throw fail('is not a JSON object');
}

/**
 * Finds the entry of exactly this registry. Keys may carry a scheme and `/v1/` or `/v2/` (docker), or a namespace of the
 * registry (podman: `host/team`), of which the longest that holds the repository counts.
 */
function fileCredential(
  auths: JsonObject,
  names: readonly string[],
  repository: string | undefined,
): Credential | undefined {
  const hosts = new Set(names.map((name) => splitKey(name).host));
  let best: { length: number; credential: Credential } | undefined;
  for (const [key, entry] of Object.entries(auths)) {
    const { host, namespace } = splitKey(key);
    if (!hosts.has(host) || !isObject(entry)) continue;
    if (namespace !== '' && !`${repository ?? ''}/`.startsWith(`${namespace}/`)) continue;
    const credential = entryCredential(entry);
    if (credential !== undefined && (best === undefined || namespace.length > best.length)) {
      best = { length: namespace.length, credential };
    }
  }
  return best?.credential;
}

function splitKey(key: string): { host: string; namespace: string } {
  const plain = key.replace(/^https?:\/\//i, '');
  const slash = plain.indexOf('/');
  const host = (slash < 0 ? plain : plain.slice(0, slash)).toLowerCase().replace(/:443$/, '');
  const path = slash < 0 ? '' : plain.slice(slash + 1).replace(/\/+$/, '');
  return { host, namespace: path === 'v1' || path === 'v2' ? '' : path };
}

function entryCredential(entry: JsonObject): Credential | undefined {
  const identity = textField(entry, 'identitytoken');
  if (identity) return { kind: 'identity', token: identity };
  const bearer = textField(entry, 'registrytoken');
  if (bearer) return { kind: 'bearer', token: bearer };
  const pair = Buffer.from(textField(entry, 'auth') ?? '', 'base64')
    .toString('utf8')
    .replace(/\0+$/, '');
  const colon = pair.indexOf(':');
  const username = colon < 0 ? textField(entry, 'username') : pair.slice(0, colon);
  const password = colon < 0 ? textField(entry, 'password') : pair.slice(colon + 1);
  return username && password !== undefined ? { kind: 'password', username, password } : undefined;
}

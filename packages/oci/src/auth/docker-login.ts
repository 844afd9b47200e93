// Keeps a login where docker does: in the helper that its config.json names, else in that file.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  inert,
  isObject,
  mebibyte,
  messageOf,
  objectField,
  PlombeError,
  readBounded,
  textField,
  type JsonObject,
} from '@plombe/kit';
import type { Credential } from './credential.ts';
import { dockerConfigSource } from './docker-config.ts';
import { run } from './helper.ts';

/** Thousands of logins fit. */
const maxFileBytes = 4 * mebibyte;

/** A login with a password. */
export type PasswordCredential = Extract<Credential, { kind: 'password' }>;

/**
 * Stores a login for `registry` (`host[:port]`). Everything else in the file stays. Returns where it went: the helper's program, or the file. Throws
 * `registry/credentials`.
 */
export async function storeDockerLogin(
  path: string,
  registry: string,
  { username, password }: PasswordCredential,
  signal: AbortSignal,
): Promise<string> {
  const config = readConfig(path);
  const helper = helperOf(config, registry);
  if (helper !== undefined) {
    await callHelper(
      helper,
      'store',
      JSON.stringify({ ServerURL: registry, Username: username, Secret: password }),
      signal,
    );
    return `docker-credential-${helper}`;
  }
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  writeConfig(path, { ...config, auths: { ...objectField(config, 'auths'), [registry]: { auth } } });
  return path;
}

/** Removes the login of `registry` and returns it; undefined where there was none. Throws `registry/credentials`. */
export async function takeDockerLogin(
  path: string,
  registry: string,
  signal: AbortSignal,
): Promise<Credential | undefined> {
  const credential = await dockerConfigSource(path).find(registry, undefined, signal);
  if (credential === undefined) return undefined;
  const config = readConfig(path);
  const helper = helperOf(config, registry);
  if (helper !== undefined) await callHelper(helper, 'erase', registry, signal);
  const { [registry]: own, ...auths } = objectField(config, 'auths') ?? {};
  if (own !== undefined) writeConfig(path, { ...config, auths });
  return credential;
}

function helperOf(config: JsonObject, registry: string): string | undefined {
  const helper = textField(objectField(config, 'credHelpers') ?? {}, registry) ?? textField(config, 'credsStore');
  return helper === '' ? undefined : helper;
}

async function callHelper(name: string, action: 'store' | 'erase', input: string, signal: AbortSignal): Promise<void> {
  const fail = (reason: string, cause?: unknown): PlombeError =>
    new PlombeError('registry/credentials', `The credential helper "${inert(name.slice(0, 100))}" ${reason}.`, {
      cause,
    });
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name)) throw fail('has a name that is not allowed');
  const { code } = await run(`docker-credential-${name}`, [action], input, signal, fail);
  if (code !== 0) throw fail(`failed to ${action} the login (exit code ${code ?? 'none'})`);
}

function readConfig(path: string): JsonObject {
  try {
    const value: unknown = JSON.parse(readBounded(path, maxFileBytes).toString('utf8'));
    if (isObject(value)) return value;
    throw new Error('it is not a JSON object');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw fileError(path, 'read', cause);
  }
}

/** Written beside it and renamed: docker and others read it meanwhile. A link keeps pointing where it does. */
function writeConfig(path: string, config: JsonObject): void {
  let temporary: string | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const real = realPath(path);
    temporary = `${real}.${randomBytes(6).toString('hex')}`;
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(file, `${JSON.stringify(config, null, '\t')}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, real);
  } catch (cause) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    throw fileError(path, 'written', cause);
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function fileError(path: string, what: string, cause: unknown): PlombeError {
  // A message of the JSON parser repeats what it read.
  const reason = cause instanceof SyntaxError ? 'it is not JSON' : messageOf(cause);
  return new PlombeError('registry/credentials', `The login file ${inert(path)} cannot be ${what}: ${reason}.`);
}

// `plombe login`, `plombe logout`: a credential of a person, kept where docker keeps its own.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { inert, messageOf, PlombeError } from '@plombe/kit';
import { parseReference, storeDockerLogin, takeDockerLogin } from '@plombe/oci';
import { endCredential, loginByDevice, type DevicePrompt } from '@plombe/server';
import { iso } from '../compose/accounts.ts';
import { openSession } from '../compose/context.ts';
import { durationMs } from '../compose/duration.ts';
import type { Flags } from '../compose/ledger.ts';
import { textOrJson } from '../compose/output.ts';
import { registryOptions } from '../compose/registry.ts';
import type { LoadedSettings } from '../settings/load.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';

/** Logs in by device code and keeps the credential. Throws `config/invalid`, `accounts/login`, `accounts/issuer`, `registry/credentials`. */
export async function loginCommand(given: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { registry, origin } = addressOf(given, flags);
  const { ctx } = openSession(loaded.values);
  const lifeMs = durationMs(String(flags['expires']), '--expires');
  const network = registryOptions(loaded.values, process.env);
  const made = await loginByDevice({ origin, lifeMs, network, prompt }, ctx);
  const login = { kind: 'password', username: made.username, password: made.password } as const;
  const keptIn = await storeDockerLogin(loginFile(loaded.values), registry, login, ctx.signal);
  if (made.warning !== undefined) process.stderr.write(`plombe: warning: ${inert(made.warning)}\n`);
  const expiresAt = iso(made.expiresAtMs);
  output({
    json: { registry, name: made.name, username: made.username, expiresAt, keptIn },
    text: () => `Logged in to ${registry} as ${inert(made.name)} until ${expiresAt}; kept in ${inert(keptIn)}.\n`,
  });
  return exitCodes.fine;
}

function prompt({ issuer, url, code }: DevicePrompt): void {
  process.stderr.write(`To log in at ${inert(issuer)}, open\n  ${inert(url)}\nand enter the code\n  ${inert(code)}\n`);
}

/** Ends the credential at the registry, where it can be reached, and forgets it. Throws `config/invalid`, `registry/credentials`. */
export async function logoutCommand(given: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { registry, origin } = addressOf(given, flags);
  const { ctx } = openSession(loaded.values);
  const credential = await takeDockerLogin(loginFile(loaded.values), registry, ctx.signal);
  let revoked = false;
  // What a robot was given is not this command's to end, and other registries have no such path.
  if (credential?.kind === 'password' && credential.username.startsWith('login-')) {
    const network = registryOptions(loaded.values, process.env);
    revoked = await endCredential({ origin, network }, credential, ctx).catch((thrown: unknown) => {
      process.stderr.write(`plombe: warning: the credential was forgotten, but not ended: ${messageOf(thrown)}\n`);
      return false;
    });
  }
  output({
    json: { registry, loggedOut: credential !== undefined, revoked },
    text: () => (credential === undefined ? `There was no login for ${registry}.\n` : `Logged out of ${registry}.\n`),
  });
  return exitCodes.fine;
}

/** The first file that docker reads. */
function loginFile({ authFile }: Settings): string {
  const { DOCKER_CONFIG = '', HOME = homedir() } = process.env;
  return authFile ?? join(DOCKER_CONFIG === '' ? join(HOME, '.docker') : DOCKER_CONFIG, 'config.json');
}

/** Tokens and credentials go over https, or stay on this machine. */
function addressOf(given: string, flags: Flags): { readonly registry: string; readonly origin: string } {
  const { registry } = parseReference(`${given.replace(/^https:\/\//, '').replace(/\/$/, '')}/x`);
  if (registry === 'docker.io') {
    throw new PlombeError('config/invalid', `${inert(given)} is no address of a registry.`, {
      remedy: 'Write host:port, or a host with a dot.',
    });
  }
  if (flags['plainHttp'] !== true) return { registry, origin: `https://${registry}` };
  if (/^(?:localhost|127\.[0-9.]+|\[::1\])(?::[0-9]+)?$/.test(registry))
    return { registry, origin: `http://${registry}` };
  throw new PlombeError('config/invalid', `--plain-http is for registries on this machine, not for ${registry}.`, {
    remedy: 'Leave the flag out: the credential goes over TLS alone.',
  });
}

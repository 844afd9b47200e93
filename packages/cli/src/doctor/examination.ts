// What `plombe doctor` looks at on this machine: settings, advisory data, cache, logins, certificates, proxies. Nothing is changed and nothing is asked over a network.
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { databaseStatus, verifyDatabase } from '@plombe/advisories';
import { isObject, isPlombeError, messageOf, objectField, sortedUnique, textField } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { certificateFiles } from '../compose/certificates.ts';
import { currentDatabaseFolder } from '../compose/database.ts';
import { cacheFolder } from '../compose/folders.ts';
import { registryOptions } from '../compose/registry.ts';
import type { LoadedSettings } from '../settings/load.ts';
import type { Settings } from '../settings/settings.ts';

export interface Examined {
  /** `settings`, `database`, `cache`, `logins`, `certificates`, `proxy`, `network`: stable. */
  readonly subject: string;
  readonly state: 'ok' | 'problem' | 'note';
  readonly message: string;
  /** What to do; there for every problem. */
  readonly fix?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Looks at everything. Throws nothing: what cannot be read is a problem. */
export function examine(
  { values, origins }: LoadedSettings,
  environment: Environment,
  ctx: Context,
): readonly Examined[] {
  const set = origins.filter(({ origin }) => origin !== 'default');
  const from = [...new Set(set.map(({ origin }) => origin))];
  const settings = set.length === 0 ? 'nothing is set' : `${set.length} set by ${from.join(', ')}`;
  return [
    { subject: 'settings', state: 'ok', message: settings },
    ...examineDatabase(values, ctx),
    examineCache(values),
    ...examineLogins(values, environment),
    examineCertificates(values, environment),
    ...examineProxies(environment),
  ];
}

function examineDatabase(values: Settings, ctx: Context): readonly Examined[] {
  const subject = 'database';
  const { path, starter } = currentDatabaseFolder(values);
  const update = 'Run `plombe db update`, on a machine without a network `plombe db build --from DIR`.';
  const options = { clock: ctx.clock, ...(values.maxAgeDays === undefined ? {} : { maxAgeDays: values.maxAgeDays }) };
  try {
    if (starter) {
      const { oldestDays } = databaseStatus(path, options);
      const age = oldestDays === undefined ? '' : `, its oldest data ${Math.floor(oldestDays)} days old`;
      return [
        { subject, state: 'problem', message: `only the starter database that comes with plombe${age}`, fix: update },
      ];
    }
    const status = verifyDatabase(path, options);
    const problems = (['damaged', 'missing', 'stale'] as const).flatMap((state): readonly Examined[] => {
      const ids = status.shards.filter((shard) => shard.state === state && shard.role !== 'facts').map(({ id }) => id);
      const more = ids.length > 8 ? ` and ${ids.length - 8} more` : '';
      const message = `${ids.length} of ${status.shards.length} shards ${state}: ${ids.slice(0, 8).join(', ')}${more}`;
      return ids.length === 0 ? [] : [{ subject, state: 'problem', message, fix: update }];
    });
    const whole = `${status.shards.length} shards, built ${status.builtAt}, in ${path}`;
    return problems.length > 0 ? problems : [{ subject, state: 'ok', message: whole }];
  } catch (thrown) {
    const fix = isPlombeError(thrown) ? thrown.remedy : update;
    return [{ subject, state: 'problem', message: messageOf(thrown), fix }];
  }
}

function examineCache(values: Settings): Examined {
  const subject = 'cache';
  const path = cacheFolder(values);
  let place = path;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  const fix = 'Name a folder that can be written with --cache or PLOMBE_CACHE; without one every layer is read anew.';
  try {
    if (!statSync(place).isDirectory()) return { subject, state: 'problem', message: `${place} is no folder`, fix };
    accessSync(place, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(place);
    const freeMiB = Math.floor((bavail * bsize) / 1048576);
    if (freeMiB < 256) {
      const room = 'Make room, or lower `cacheMaxMiB`.';
      return { subject, state: 'problem', message: `${path} has ${freeMiB} MiB of room`, fix: room };
    }
    return { subject, state: 'ok', message: `${path}${place === path ? '' : ' (not made yet)'}` };
  } catch (thrown) {
    return { subject, state: 'problem', message: `${path} cannot be written: ${messageOf(thrown)}`, fix };
  }
}

/** More are not asked: a file of logins is not a list of what is used. */
const maxRegistries = 20;

/** Hosts that the files of logins name and that are registries by their form, sorted; files that cannot be read are told elsewhere. */
export function loginRegistries({ authFile }: Settings, environment: Environment): readonly string[] {
  const files =
    authFile === undefined ? (registryOptions({}, { ...environment, SSL_CERT_FILE: '' }).authFiles ?? []) : [authFile];
  const hosts = files.flatMap((path) => {
    try {
      const config: unknown = JSON.parse(readFileSync(path, 'utf8'));
      if (!isObject(config)) return [];
      return [
        ...Object.keys(objectField(config, 'auths') ?? {}),
        ...Object.keys(objectField(config, 'credHelpers') ?? {}),
      ];
    } catch {
      return [];
    }
  });
  const names = hosts.map((name) => name.replace(/^https?:\/\//, '').replace(/\/.*$/, ''));
  const known = names.map((name) => (/^(?:index\.)?docker\.io$/.test(name) ? 'registry-1.docker.io' : name));
  return sortedUnique(known.filter((name) => /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?$/.test(name))).slice(
    0,
    maxRegistries,
  );
}

/** Files of logins can be read, and the credential helpers that they name are there. No helper is run. */
function examineLogins(values: Settings, environment: Environment): readonly Examined[] {
  const subject = 'logins';
  const { authFile } = values;
  // The client's other options may be wrong too; those are looked at by themselves.
  const files =
    authFile === undefined ? (registryOptions({}, { ...environment, SSL_CERT_FILE: '' }).authFiles ?? []) : [authFile];
  const found = files.filter((path) => existsSync(path));
  if (found.length === 0) {
    return authFile === undefined
      ? [
          {
            subject,
            state: 'note',
            message: 'none: registries are asked without a login',
            fix: 'Log in with your registry client where one is needed.',
          },
        ]
      : [
          {
            subject,
            state: 'problem',
            message: `there is no ${authFile}`,
            fix: 'Correct --auth-file or PLOMBE_AUTH_FILE.',
          },
        ];
  }
  return found.flatMap((path) => {
    try {
      const config: unknown = JSON.parse(readFileSync(path, 'utf8'));
      if (!isObject(config)) throw new Error('it is no JSON object');
      const helpers = new Set(
        [textField(config, 'credsStore'), ...Object.values(objectField(config, 'credHelpers') ?? {})].filter(
          (name) => typeof name === 'string',
        ),
      );
      const missing = [...helpers].filter((name) => !isProgram(`docker-credential-${name}`, environment));
      const problems = missing.map((name): Examined => ({
        subject,
        state: 'problem',
        message: `${path} names the credential helper docker-credential-${name}, which is not in PATH`,
        fix: 'Install it, or take it out of that file.',
      }));
      const logins = Object.keys(objectField(config, 'auths') ?? {}).length;
      return problems.length > 0
        ? problems
        : [{ subject, state: 'ok', message: `${path}: ${logins} registries` } as const];
    } catch (thrown) {
      const message = `${path} cannot be read: ${messageOf(thrown)}`;
      return [{ subject, state: 'problem', message, fix: 'Correct it, or log in again.' } as const];
    }
  });
}

function isProgram(name: string, environment: Environment): boolean {
  if (name.includes('/')) return false;
  return (environment['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function examineCertificates(values: Settings, environment: Environment): Examined {
  const subject = 'certificates';
  try {
    const files = certificateFiles(values, environment);
    const wrong = files.find((path) => !readFileSync(path, 'utf8').includes('-----BEGIN '));
    if (wrong !== undefined) {
      return {
        subject,
        state: 'problem',
        message: `${wrong} holds no PEM certificate`,
        fix: 'Name a file of PEM certificates.',
      };
    }
    const message =
      files.length === 0 ? "the system's authorities" : `the system's authorities and ${files.join(', ')}`;
    return { subject, state: 'ok', message };
  } catch (thrown) {
    const fix = isPlombeError(thrown) ? thrown.remedy : 'Name a PEM file that exists.';
    return { subject, state: 'problem', message: messageOf(thrown), fix };
  }
}

/** A proxy's address may hold a password: only its host is shown. */
function examineProxies(environment: Environment): readonly Examined[] {
  return ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].flatMap((name): readonly Examined[] => {
    const address = environment[name] ?? '';
    if (address === '') return [];
    if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) {
      return [{ subject: 'proxy', state: 'ok', message: `${name}: ${new URL(address).host}` }];
    }
    return [
      {
        subject: 'proxy',
        state: 'problem',
        message: `${name} is no address of a proxy`,
        fix: 'Write it as http://HOST:PORT.',
      },
    ];
  });
}

// The settings in force and where each comes from: flags before environment before plombe.yaml.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { inert, isObject, kibibyte, messageOf, PlombeError } from '@plombe/kit';
import { environmentName, flagKey, settings, type Setting, type SettingKey, type Settings } from './settings.ts';

export interface SettingOrigin {
  readonly key: SettingKey;
  readonly value: unknown;
  /** `flag --db`, `PLOMBE_DB`, `plombe.yaml`, or `default`. */
  readonly origin: string;
}

export interface LoadedSettings {
  readonly values: Settings;
  /** In the order of the table. */
  readonly origins: readonly SettingOrigin[];
}

/**
 * A configuration file is some lines; aliases may not expand beyond 100 nodes. The reader compares each key with each and tells every error, which
 * takes twenty seconds for a MiB of a folder that is not trusted. (T54)
 */
const maxFileBytes = 64 * kibibyte;

/** Loads the settings. Throws `config/invalid` that names setting, source and what is expected. */
export async function loadSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LoadedSettings> {
  const named = environment['PLOMBE_CONFIG'] ?? '';
  const path = named !== '' ? named : existsSync('plombe.yaml') ? 'plombe.yaml' : undefined;
  const file = path === undefined ? {} : await readFile(path);
  const unknown = Object.keys(file).find((key) => !Object.hasOwn(settings, key));
  if (unknown !== undefined) {
    const known = Object.keys(settings).join(', ');
    throw new PlombeError(
      'config/invalid',
      `${path ?? ''}: there is no setting ${inert(unknown)}. There are: ${known}.`,
    );
  }
  refuseMisspelt(environment);
  const values: Record<string, unknown> = {};
  const origins: SettingOrigin[] = [];
  for (const [name, entry] of Object.entries<Setting>(settings)) {
    const key = name as SettingKey;
    const variable = environmentName(key);
    const fromFlag = entry.flag === undefined ? undefined : flags[flagKey(entry.flag)];
    const set = environment[variable];
    const given: readonly [unknown, string] =
      fromFlag !== undefined
        ? [fromFlag, `flag ${/--[a-z-]+/.exec(entry.flag ?? '')?.[0] ?? ''}`]
        : set !== undefined && set !== ''
          ? [set, variable]
          : [file[key], path ?? ''];
    if (given[0] === undefined) {
      origins.push({ key, value: undefined, origin: 'default' });
      continue;
    }
    const value = entry.kind.read(given[0]);
    if (value === undefined) {
      const shown = inert(JSON.stringify(given[0]).slice(0, 100));
      throw new PlombeError('config/invalid', `${given[1]}: ${key} must be ${entry.kind.expects}, not ${shown}.`);
    }
    values[key] = value;
    origins.push({ key, value, origin: given[1] });
  }
  return { values, origins };
}

/** `PLOMBE_FAILON` would turn a gate off in silence. Other names that begin with PLOMBE_ are none of this program's business. */
function refuseMisspelt(environment: Readonly<Record<string, string | undefined>>): void {
  const squash = (name: string): string => name.replaceAll('_', '').toUpperCase();
  const known = new Map(Object.keys(settings).map((key) => [squash(environmentName(key)), environmentName(key)]));
  for (const name of Object.keys(environment)) {
    const meant = /^plombe/i.test(name) ? known.get(squash(name)) : undefined;
    if (meant !== undefined && meant !== name) {
      throw new PlombeError('config/invalid', `There is no environment variable ${inert(name)}; ${meant} is meant.`);
    }
  }
}

async function readFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    if (statSync(path).size > maxFileBytes) throw new Error('it is larger than 64 KiB');
    const { parse } = await import('yaml');
    const value: unknown = parse(readFileSync(path, 'utf8'), { maxAliasCount: 100, prettyErrors: false });
    if (value === null || value === undefined) return {};
    if (!isObject(value)) throw new Error('it is no mapping of settings');
    return value;
  } catch (thrown) {
    throw new PlombeError('config/invalid', `${inert(path)} cannot be used: ${messageOf(thrown)}`, { cause: thrown });
  }
}

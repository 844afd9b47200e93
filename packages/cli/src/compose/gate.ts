// From the flags of `plombe serve` to a gate: policies, anchors, advisory database, ledger, scanner processes, and the signal that has all of it read anew.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createServiceClient, revocationFetch, verificationPlugins } from '@plombe/engine';
import { mebibyte, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { gatePlug, type GatePlug } from '@plombe/server';
import type { Settings } from '../settings/settings.ts';
import { version } from '../version.ts';
import { currentDatabaseFolder, openAdvisories } from './database.ts';
import { keySources } from './keys.ts';
import { pluginFinder } from './plugin.ts';
import { circumstances } from './policy.ts';
import { networkOptions } from './subject-registry.ts';
import { openVault } from './vault.ts';

type Flags = Readonly<Record<string, unknown>>;

/** A gate for the server, and what ends with it. */
export interface OpenGate {
  readonly plug: GatePlug;
  close(): void;
}

/** Processes that read images; more than these only wait for the disk. */
const maxProcesses = 4;

/**
 * Makes the gate of `--policy`; undefined where none is given. `registry`: the name of this registry in policies. Throws `config/invalid` for
 * `--ledger` without `--policy`; what is wrong with policies, database and ledger is thrown when the server opens it.
 */
export function openGate(registry: string, values: Settings, flags: Flags, ctx: Context): OpenGate | undefined {
  const policies = (flags['policy'] ?? []) as readonly string[];
  if (policies.length === 0) {
    const idle = ['db', 'ledger', 'registryName', 'environment'].find((name) => flags[name] !== undefined);
    if (idle === undefined) return undefined;
    const flag = idle.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new PlombeError('config/invalid', `--${flag} belongs to a gate.`, { remedy: 'Give --policy FILE with it.' });
  }
  const services = createServiceClient(networkOptions(values), ctx);
  const vault = openVault(values, ctx);
  const { place = {} } = circumstances(flags);
  const plug = gatePlug({
    policies,
    registry,
    version,
    place,
    anchors: {
      keys: keySources(process.env, vault),
      plugin: verificationPlugins(pluginFinder(process.env, ctx.signal)),
      revocation: { fetch: revocationFetch(services), signal: ctx.signal, random: (size) => ctx.random(size) },
    },
    openAdvisories: () => openAdvisories(values, ctx),
    advisoryFiles: [join(currentDatabaseFolder(values).path, 'manifest.json')],
    scanner: { command: scannerCommand(), processes: Math.max(1, Math.min(maxProcesses, availableParallelism() - 1)) },
    ...(typeof flags['ledger'] === 'string' ? { ledger: flags['ledger'] } : {}),
    ...(values.cache === undefined ? {} : { cacheDirectory: values.cache }),
    ...(values.cacheMaxMiB === undefined ? {} : { cacheMaxBytes: values.cacheMaxMiB * mebibyte }),
  });
  const reload = (): void => void plug.gate()?.reload();
  process.on('SIGHUP', reload);
  return {
    plug,
    close: () => {
      process.off('SIGHUP', reload);
      services.close();
      vault.close();
    },
  };
}

/** This program again: the executable by itself, from sources or bundle by Node and the same file. */
function scannerCommand(): readonly string[] {
  const isExecutable = process.getBuiltinModule('node:sea').isSea();
  const program = isExecutable ? [] : [...process.execArgv, process.argv[1] ?? ''];
  return [process.execPath, ...program, 'gate', 'scanner'];
}

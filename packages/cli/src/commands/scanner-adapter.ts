// `plombe scanner-adapter`: Plombe as a scanner of Harbor, in the foreground until it is asked to end.
import { once } from 'node:events';
import { databaseStatus } from '@plombe/advisories';
import { PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { registryOrigin, startScannerAdapter, type ScannerAdapterOptions } from '@plombe/server';
import { openSession } from '../compose/context.ts';
import { currentDatabaseFolder, openAdvisories } from '../compose/database.ts';
import { cacheFolder } from '../compose/folders.ts';
import { isLoopback, listenOptions } from '../compose/listen.ts';
import { registryOptions } from '../compose/registry.ts';
import { readSecrets } from '../compose/secret-file.ts';
import { expectLongWork } from '../launch.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { version } from '../version.ts';

type Flags = Readonly<Record<string, unknown>>;

/** A token is guessed by nobody at this length, be it of hexadecimal digits. */
const minTokenLength = 16;

/** Serves until SIGTERM or SIGINT; scans that run are given up then, and Harbor asks again. Throws `config/invalid`, `database/…`. */
export async function scannerAdapterCommand(values: Settings, flags: Flags): Promise<number> {
  const { ctx } = openSession({ ...values, quiet: true });
  const options = optionsOf(values, flags, ctx);
  // A database that cannot be opened is said at once, and not to Harbor at each scan.
  options.parts.openDatabase().close();
  expectLongWork();
  const adapter = await startScannerAdapter(options, { ...ctx, signal: new AbortController().signal });
  print(`listening on ${adapter.url}\n`);
  if (!ctx.signal.aborted) await once(ctx.signal, 'abort');
  await adapter.close();
  return exitCodes.fine;
}

function optionsOf(values: Settings, flags: Flags, ctx: Context): ScannerAdapterOptions {
  const listening = listenOptions(flags);
  const tokens = typeof flags['tokenFile'] === 'string' ? readSecrets(flags['tokenFile'], '--token-file') : [];
  if (tokens.length === 0 && !isLoopback(listening.host)) {
    throw new PlombeError(
      'config/invalid',
      'Without --token-file everybody who reaches this address could have images scanned.',
      {
        remedy: 'Write a token of your own into a file, name it with --token-file, and give it to Harbor as "Bearer".',
      },
    );
  }
  if (tokens.some((token) => token.length < minTokenLength)) {
    throw new PlombeError('config/invalid', `A token of --token-file is shorter than ${minTokenLength} characters.`, {
      remedy: 'Make one with `openssl rand -hex 32`.',
    });
  }
  const { proxy, caFiles, realmAllow } = registryOptions(values, process.env);
  return {
    ...listening,
    tokens,
    registries: (flags['registry'] as readonly string[]).map(registryOrigin),
    limits: { parallel: parallelOf(flags['parallel']) },
    parts: {
      version,
      network: {
        ...(proxy === undefined ? {} : { proxy }),
        ...(caFiles === undefined ? {} : { caFiles }),
        ...(realmAllow === undefined ? {} : { realmAllow }),
      },
      inventory: { cacheDirectory: cacheFolder(values) },
      openDatabase: () => openAdvisories(values, ctx),
      databaseBuiltAt: () => builtAt(values, ctx),
    },
  };
}

function builtAt(values: Settings, ctx: Context): string | undefined {
  const date = databaseStatus(currentDatabaseFolder(values).path, { clock: ctx.clock }).builtAt;
  const ms = Date.parse(date);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function parallelOf(flag: unknown): number {
  if (flag === undefined) return 2;
  const count = Number(flag);
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count;
  throw new PlombeError('config/invalid', '--parallel must be a number from 1 to 64.');
}

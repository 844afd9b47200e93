// `plombe registry watch`: what is pushed and deleted, one line of JSON each, until it is asked to end.
import { readFileSync } from 'node:fs';
import { watchRegistry, type ConfirmedEvent, type RegistryConnector } from '@plombe/connectors';
import { inert, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { createRegistryClient } from '@plombe/oci';
import { requireKeyPair } from '@plombe/server';
import { openConnectedCustody } from '../compose/connected/custody.ts';
import { react, type Reaction } from '../compose/connected/reaction.ts';
import { namesOf, openNamedConnector, settingsFor } from '../compose/connector.ts';
import { openSession } from '../compose/context.ts';
import { openAdvisories } from '../compose/database.ts';
import { listenOptions } from '../compose/listen.ts';
import { jsonLine } from '../compose/output.ts';
import { exitCodeOfDecision, openPolicies } from '../compose/policy.ts';
import { expectLongWork } from '../launch.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { isReaderGone, print } from '../terminal/output.ts';

type Flags = Readonly<Record<string, unknown>>;

const defaultIntervalSeconds = 60;
/** Shorter secrets can be guessed by whoever reaches the receiver. */
const leastSecretLength = 16;

/** Watches until SIGTERM, SIGINT, `--timeout` or the end of whoever reads. Throws where the first look fails. */
export async function watchCommand(name: string, values: Settings, flags: Flags): Promise<number> {
  const intervalMs = intervalOf(flags);
  const sinceText = flags['since'];
  const listen = listenOf(flags);
  const { ctx } = openSession(values);
  const sinceMs = typeof sinceText === 'string' ? timeOf(sinceText) : ctx.clock.nowMs();
  expectLongWork();
  const ended = new AbortController();
  const lasting = { ...ctx, signal: AbortSignal.any([ctx.signal, ended.signal]) };
  const { connector, options } = await openNamedConnector(name, values, flags, lasting);
  const client = createRegistryClient(options.network, lasting);
  const reactor = await openReactor(connector, values, flags, lasting);
  const codes: number[] = [];
  try {
    await watchRegistry(
      connector,
      client,
      {
        sinceMs,
        once: flags['once'] === true,
        ...(intervalMs === undefined ? {} : { intervalMs }),
        ...(listen === undefined ? {} : { listen }),
        onListening: (url) => void process.stderr.write(`listening on ${url}\n`),
        onEvent: async (event) => {
          const reaction = await reactor?.(event);
          codes.push(codeOf(reaction));
          print(jsonLine({ ...event, ...reaction }));
          if (isReaderGone()) ended.abort();
        },
      },
      lasting,
    );
  } catch (thrown) {
    // To be asked to end is how it ends.
    if (!lasting.signal.aborted) throw thrown;
  } finally {
    client.close();
    connector.close();
  }
  return flags['once'] === true ? Math.max(exitCodes.fine, ...codes) : exitCodes.fine;
}

/** What a single look ends with: the worst of its pushes. */
function codeOf(reaction: Reaction | undefined): number {
  if (reaction?.action === 'failed') return exitCodes.unreadable;
  return reaction === undefined ? exitCodes.fine : exitCodeOfDecision(reaction.decision);
}

/** Judges pushes by `--policy`; undefined without one. Throws `config/invalid`, `policy/invalid`, `ledger/…`, `database/…`. */
async function openReactor(
  connector: RegistryConnector,
  values: Settings,
  flags: Flags,
  ctx: Context,
): Promise<((event: ConfirmedEvent) => Promise<Reaction | undefined>) | undefined> {
  const enforce = flags['enforce'] === true;
  if (namesOf(flags, 'policy').length === 0) {
    const idle = enforce ? '--enforce' : flags['ledger'] === undefined ? undefined : '--ledger';
    if (idle !== undefined) throw invalid(`${idle} needs --policy.`, 'Name the policies that pushes are judged by.');
    return undefined;
  }
  const session = openPolicies(settingsFor(connector.registry, values, flags), flags, ctx);
  // A database that cannot be used is told now, not at the first push.
  openAdvisories(values, ctx).close();
  const custody = await openConnectedCustody(flags, ctx);
  if (enforce && connector.capabilities.some(({ operation, supported }) => operation === 'quarantine' && !supported)) {
    const cause = 'This kind of registry has no quarantine: what is denied is told, and stays.';
    ctx.log.warn('registry.watch.no-quarantine', { cause });
  }
  return (event) => react({ connector, session, custody, enforce }, event, ctx);
}

function listenOf(flags: Flags) {
  if (flags['listen'] === undefined) return undefined;
  const path = flags['webhookSecretFile'];
  if (typeof path !== 'string') {
    throw invalid('--listen needs --webhook-secret-file: without a secret anybody could send events.', 'Name a file.');
  }
  let secret: string;
  try {
    secret = readFileSync(path, 'utf8').trim();
  } catch {
    throw invalid(`--webhook-secret-file ${inert(path)} cannot be read.`, 'Check path and permissions.');
  }
  if (secret.length < leastSecretLength || /[^\x20-\x7e]/.test(secret)) {
    throw invalid(
      `The secret in ${inert(path)} is shorter than ${leastSecretLength} characters, or has others than ASCII has.`,
      'Make one: openssl rand -hex 32.',
    );
  }
  const options = listenOptions({ ...flags, plainHttp: flags['tlsCert'] === undefined });
  if (options.tls !== undefined) requireKeyPair(options.tls);
  return { ...options, secret };
}

function intervalOf(flags: Flags): number | undefined {
  const text = flags['interval'];
  if (text === undefined) {
    return flags['listen'] === undefined || flags['once'] === true ? defaultIntervalSeconds * 1000 : undefined;
  }
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 1 && seconds <= 86_400) return seconds * 1000;
  throw invalid('--interval must be a number of seconds from 1 to 86400.', 'Write --interval 60.');
}

/** Reads `--since`. Throws `config/invalid`. */
export function timeOf(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw invalid(`--since ${inert(text)} is no time.`, 'Write 2026-01-31 or 2026-01-31T12:00:00Z.');
  return ms;
}

function invalid(message: string, remedy: string): PlombeError {
  return new PlombeError('config/invalid', message, { remedy });
}

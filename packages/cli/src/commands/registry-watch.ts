// `plombe registry watch`: what is pushed and deleted, one line of JSON each, until it is asked to end.
import { readFileSync } from 'node:fs';
import { watchRegistry } from '@plombe/connectors';
import { inert, PlombeError } from '@plombe/kit';
import { createRegistryClient } from '@plombe/oci';
import { openNamedConnector } from '../compose/connector.ts';
import { openSession } from '../compose/context.ts';
import { listenOptions } from '../compose/listen.ts';
import { jsonLine } from '../compose/output.ts';
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
        onEvent: (event) => {
          print(jsonLine(event));
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
  return exitCodes.fine;
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
  return { ...listenOptions({ ...flags, plainHttp: flags['tlsCert'] === undefined }), secret };
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

function timeOf(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw invalid(`--since ${inert(text)} is no time.`, 'Write 2026-01-31 or 2026-01-31T12:00:00Z.');
  return ms;
}

function invalid(message: string, remedy: string): PlombeError {
  return new PlombeError('config/invalid', message, { remedy });
}

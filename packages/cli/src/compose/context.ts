// The effects of this process, made once: clock, random bytes, log, network, and the signal that ends everything.
import { randomBytes } from 'node:crypto';
import { inert, PlombeError } from '@plombe/kit';
import type { Context, Log } from '@plombe/model';
import type { Settings } from '../settings/settings.ts';
import { progressLine, type ProgressLine } from '../terminal/progress.ts';

export interface Session {
  readonly ctx: Context;
  readonly progress: ProgressLine;
}

/** Makes the context. SIGINT, SIGTERM and `timeoutSeconds` abort its signal with `operation/cancelled`. */
export function openSession(values: Settings): Session {
  const controller = new AbortController();
  const progress = progressLine(values.quiet ?? false);
  const abort = (message: string, remedy: string): void =>
    controller.abort(new PlombeError('operation/cancelled', message, { retryable: true, remedy }));
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => abort(`Ended by ${name}.`, 'Run it again; what was kept in the cache is not read twice.'));
  }
  if (values.timeoutSeconds !== undefined) {
    const seconds = values.timeoutSeconds;
    const remedy = 'Run it again with a longer --timeout; what was kept in the cache is not read twice.';
    setTimeout(() => abort(`Not finished after ${seconds} seconds.`, remedy), seconds * 1000).unref();
  }
  const offline: typeof fetch = () =>
    Promise.reject(new PlombeError('feed/unreachable', 'The network is off (--offline).'));
  const ctx: Context = {
    clock: { nowMs: () => Date.now() },
    random: (sizeBytes) => randomBytes(sizeBytes),
    log: stderrLog(),
    // Not `globalThis.fetch` itself: to look at it loads Node's HTTP client, which most scans do without.
    fetch: values.offline === true ? offline : (input, init) => globalThis.fetch(input, init),
    signal: controller.signal,
    progress: (event) => progress.report(event),
  };
  return { ctx, progress };
}

/** Warnings always, the rest with PLOMBE_DEBUG; one event, one line. */
function stderrLog(): Log {
  const debug = process.env['PLOMBE_DEBUG'] !== undefined;
  const write = (level: string, event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    const text = Object.entries(fields).map(([key, value]) => ` ${key}=${inert(JSON.stringify(value) ?? '')}`);
    process.stderr.write(`plombe: ${level} ${event}${text.join('')}\n`);
  };
  return {
    debug: (event, fields) => (debug ? write('debug', event, fields) : undefined),
    info: (event, fields) => (debug ? write('info', event, fields) : undefined),
    warn: (event, fields) => write('warning', event, fields),
  };
}

// The log of a server: one JSON object per line, for machines.
import { inert } from '@plombe/kit';
import type { Log } from '@plombe/model';

/** Warnings and what the server did, always; each request, with PLOMBE_DEBUG. */
export function jsonLog(): Log {
  const debug = process.env['PLOMBE_DEBUG'] !== undefined;
  const write = (level: string, event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    const safe = Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? inert(value) : value]);
    const line = { time: new Date().toISOString(), level, event, ...Object.fromEntries(safe) };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  };
  return {
    debug: (event, fields) => (debug ? write('debug', event, fields) : undefined),
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warning', event, fields),
  };
}

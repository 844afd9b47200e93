// `plombe serve`: the registry and gate, in the foreground until it is asked to end.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { inert, messageOf, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { notListening, startServer, type RunningServer, type ServeOptions } from '@plombe/server';
import { blobsOption } from '../compose/blobs.ts';
import { openSession } from '../compose/context.ts';
import { farOptions } from '../compose/far.ts';
import { openGate } from '../compose/gate.ts';
import { jsonLog } from '../compose/json-log.ts';
import { listenOptions, tlsOf } from '../compose/listen.ts';
import { peopleOptions } from '../compose/oidc.ts';
import { registryConfig } from '../compose/registry-rules.ts';
import { expectLongWork } from '../launch.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Serves until SIGTERM or SIGINT, then finishes what runs. Throws `config/invalid`, `store/unusable`. */
export async function serveCommand(values: Settings, flags: Flags): Promise<number> {
  const options = { ...(await optionsOf(values, flags)), people: peopleOptions(values, flags) };
  expectLongWork();
  const { ctx } = openSession(values);
  // Requests that run are finished when the process is asked to end, so the session's signal is not theirs.
  const lasting = { ...ctx, log: jsonLog(), signal: new AbortController().signal };
  const openBlobs = blobsOption(values, flags, lasting);
  const port = options.port === 0 ? await freePort(options.host) : options.port;
  const gate = openGate(registryName({ ...options, port }, flags), values, flags, lasting);
  try {
    const plugged = {
      ...options,
      ...(openBlobs === undefined ? {} : { openBlobs }),
      ...(gate === undefined ? {} : { port, gate: gate.plug }),
    };
    const server = await startServer(plugged, lasting);
    const renew = (): void => renewCertificate(server, flags, lasting);
    process.on('SIGHUP', renew);
    try {
      print(`listening on ${server.url}\n`);
      if (!ctx.signal.aborted) await once(ctx.signal, 'abort');
      await server.close();
    } finally {
      process.off('SIGHUP', renew);
    }
  } finally {
    gate?.close();
  }
  return exitCodes.fine;
}

/** SIGHUP: the files are read anew. What cannot be used is told, and the certificate before goes on. */
function renewCertificate(server: RunningServer, flags: Flags, { log }: Context): void {
  try {
    const pair = tlsOf(flags);
    if (pair === undefined) return;
    server.renewCertificate(pair);
    log.info('tls.certificate-renewed', {});
  } catch (thrown) {
    log.warn('tls.certificate-not-renewed', { cause: messageOf(thrown) });
  }
}

async function optionsOf(values: Settings, flags: Flags): Promise<ServeOptions> {
  const { rules, far } = await registryConfig(flags);
  const publicUrl = flags['publicUrl'];
  return {
    folder: String(flags['data']),
    ...listenOptions(flags),
    anonymous: flags['anonymous'] === 'pull' ? 'pull' : 'none',
    rules,
    ...farOptions(far, values, flags),
    ...(flags['metricsListen'] === undefined
      ? {}
      : { metrics: listenOptions({ ...flags, listen: flags['metricsListen'] }, '--metrics-listen') }),
    ...(typeof publicUrl === 'string' ? { publicUrl: originOf(publicUrl) } : {}),
  };
}

/** How policies and trust policies name this registry: as clients do. */
function registryName({ publicUrl, host, port }: ServeOptions, flags: Flags): string {
  if (typeof flags['registryName'] === 'string') return flags['registryName'];
  if (publicUrl !== undefined) return new URL(publicUrl).host;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A gate knows its registry's name before it listens. */
async function freePort(host: string): Promise<number> {
  const probe = createServer();
  probe.listen(0, host);
  try {
    await once(probe, 'listening');
  } catch (cause) {
    throw notListening(host, 0, cause);
  }
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function originOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '') return url.origin;
  throw invalid(`--public-url ${inert(text)} is no address.`, 'Write https://registry.example.com.');
}

function invalid(message: string, remedy: string): PlombeError {
  return new PlombeError('config/invalid', message, { remedy });
}

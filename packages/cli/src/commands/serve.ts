// `plombe serve`: the registry and gate, in the foreground until it is asked to end.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, isIP, type AddressInfo } from 'node:net';
import { inert, messageOf, PlombeError } from '@plombe/kit';
import { startServer, type ServeOptions } from '@plombe/server';
import { openSession } from '../compose/context.ts';
import { openGate } from '../compose/gate.ts';
import { registryRules } from '../compose/registry-rules.ts';
import { expectLongWork } from '../launch.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Serves until SIGTERM or SIGINT, then finishes what runs. Throws `config/invalid`, `store/unusable`. */
export async function serveCommand(values: Settings, flags: Flags): Promise<number> {
  const options = await optionsOf(flags);
  expectLongWork();
  const { ctx } = openSession(values);
  // Requests that run are finished when the process is asked to end, so the session's signal is not theirs.
  const lasting = { ...ctx, signal: new AbortController().signal };
  const port = options.port === 0 ? await freePort(options.host) : options.port;
  const gate = openGate(registryName({ ...options, port }, flags), values, flags, lasting);
  try {
    const plugged = gate === undefined ? options : { ...options, port, gate: gate.plug };
    const server = await startServer(plugged, lasting);
    print(`listening on ${server.url}\n`);
    if (!ctx.signal.aborted) await once(ctx.signal, 'abort');
    await server.close();
  } finally {
    gate?.close();
  }
  return exitCodes.fine;
}

async function optionsOf(flags: Flags): Promise<ServeOptions> {
  const { host, port } = listenAddress(String(flags['listen']));
  const tls = tlsOf(flags);
  if (tls === undefined && !isLoopback(host) && flags['allowRemotePlainHttp'] !== true) {
    throw invalid(
      `--plain-http is for loopback addresses, and ${inert(host)} is none.`,
      'Serve TLS, or add --allow-remote-plain-http behind a proxy that does.',
    );
  }
  const publicUrl = flags['publicUrl'];
  return {
    folder: String(flags['data']),
    host,
    port,
    anonymous: flags['anonymous'] === 'pull' ? 'pull' : 'none',
    rules: await registryRules(flags),
    ...(tls === undefined ? {} : { tls }),
    ...(typeof publicUrl === 'string' ? { publicUrl: originOf(publicUrl) } : {}),
  };
}

/** `127.0.0.1:5000`, `[::1]:5000`, `localhost:0`. */
function listenAddress(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535 && (bracketed === undefined || isIP(bracketed) === 6)) return { host, port };
  throw invalid(`--listen ${inert(text)} is no ADDRESS:PORT.`, 'Write 127.0.0.1:5000, [::1]:5000 or 0.0.0.0:443.');
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
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function tlsOf(flags: Flags): ServeOptions['tls'] {
  const { tlsCert: cert, tlsKey: key } = flags;
  if (flags['plainHttp'] === true) {
    if (cert === undefined && key === undefined) return undefined;
    throw invalid('--plain-http and --tls-cert exclude each other.', 'Give one of them.');
  }
  if (typeof cert !== 'string' || typeof key !== 'string') {
    throw invalid(
      'The server needs --tls-cert and --tls-key, or --plain-http.',
      'Give both files, or --plain-http on a loopback address.',
    );
  }
  return { certPem: readPem(cert, '--tls-cert'), keyPem: readPem(key, '--tls-key') };
}

function readPem(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalid(`${flag} ${inert(path)} cannot be read: ${messageOf(cause)}`, 'Check path and permissions.');
  }
}

function originOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '') return url.origin;
  throw invalid(`--public-url ${inert(text)} is no address.`, 'Write https://registry.example.com.');
}

function invalid(message: string, remedy: string): PlombeError {
  return new PlombeError('config/invalid', message, { remedy });
}

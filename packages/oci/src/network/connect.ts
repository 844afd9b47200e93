// Connections: agents that keep them alive, check every resolved address and go through a proxy where one is set.
import { lookup as resolve } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { connect as tlsConnect, type ConnectionOptions, type SecureContext } from 'node:tls';
import { PlombeError, mebibyte } from '@plombe/kit';
import { addressScope, scopeAllows, type AddressLimit } from './address.ts';
import { deadlineError } from './failure.ts';

export interface ConnectOptions {
  readonly secure: boolean;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  /** How far inside a resolved address may lie. */
  readonly limit: AddressLimit;
  readonly proxy?: URL;
  /** Trust for TLS; only where `secure`. */
  readonly secureContext?: SecureContext;
}

/** Returns an agent for `http:` or `https:` requests under these options; the caller destroys it. */
export function createAgent(options: ConnectOptions): HttpAgent {
  const shared = {
    keepAlive: true,
    // Idle connections stay less long than the 60 s that common load balancers keep theirs.
    keepAliveMsecs: 15_000,
    maxSockets: options.maxConnections,
    maxFreeSockets: options.maxConnections,
    // What has arrived while a chunk was inflated is handed on in one piece, up to 1 MiB.
    highWaterMark: mebibyte,
    autoSelectFamilyAttemptTimeout: 1000,
  };
  // Through a proxy the resolved addresses are the proxy's business; it was chosen by the user.
  if (options.proxy !== undefined) {
    return options.secure ? throughTunnel(new HttpsAgent(shared), options, options.proxy) : new HttpAgent(shared);
  }
  const lookup = checkedLookup(options.limit);
  if (!options.secure) return new HttpAgent({ ...shared, lookup } as object);
  return new HttpsAgent({
    ...shared,
    lookup,
    rejectUnauthorized: true,
    ...(options.secureContext === undefined ? {} : { secureContext: options.secureContext }),
  } as object);
}

/** Throws `registry/blocked-address` where the host is a literal address that may not be called. */
export function checkLiteral(hostname: string, limit: AddressLimit): void {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0 && !scopeAllows(limit, addressScope(address))) throw blockedError(hostname, address);
}

/** Resolves names to addresses that may be called only; each connection is checked anew. */
export function checkedLookup(limit: AddressLimit): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => scopeAllows(limit, addressScope(address)));
      const [first] = allowed;
      if (first === undefined) return callback(blockedError(hostname, addresses[0]?.address ?? ''), []);
      if (options.all === true) return callback(null, allowed);
      return callback(null, first.address, first.family);
    });
  };
}

function blockedError(hostname: string, address: string): PlombeError {
  const scope = addressScope(address);
  const kind = scope === 'blocked' ? 'a link-local, metadata or multicast' : `a ${scope}`;
  return new PlombeError(
    'registry/blocked-address',
    `${hostname} is at ${address}, ${kind} address that is not called.`,
  );
}

/** Makes an agent's connections start with CONNECT at a proxy (RFC 9110, 9.3.6). */
function throughTunnel(agent: HttpsAgent, options: ConnectOptions, proxy: URL): HttpsAgent {
  agent.createConnection = (target, callback) => {
    const done = callback as unknown as (error: Error | null, socket?: ReturnType<typeof tlsConnect>) => void;
    openTunnel(target as ConnectionOptions, options, proxy, done);
    return undefined;
  };
  return agent;
}

function openTunnel(
  target: ConnectionOptions,
  { connectTimeoutMs, secureContext }: ConnectOptions,
  proxy: URL,
  done: (error: Error | null, socket?: ReturnType<typeof tlsConnect>) => void,
): void {
  const host = (target.host ?? '').replace(/^\[|\]$/g, '');
  const authority = `${host.includes(':') ? `[${host}]` : host}:${target.port ?? 443}`;
  const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
    hostname: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: { host: authority, ...proxyAuthorization(proxy) },
    ...(proxy.protocol === 'https:' && secureContext ? ({ secureContext } as object) : {}),
  });
  const timer = setTimeout(
    () => request.destroy(deadlineError(`The proxy ${proxy.host}`, 'answer', connectTimeoutMs)),
    connectTimeoutMs,
  );
  request.once('connect', (response, socket) => {
    clearTimeout(timer);
    if (response.statusCode !== 200) {
      socket.destroy();
      const status = response.statusCode ?? 0;
      return done(
        new PlombeError(
          'registry/unreachable',
          `The proxy ${proxy.host} refused a tunnel to ${authority} (${status}).`,
        ),
      );
    }
    return done(
      null,
      tlsConnect({
        ...target,
        socket,
        rejectUnauthorized: true,
        ...(isIP(host) === 0 ? { servername: host } : { servername: '' }),
        ...(secureContext === undefined ? {} : { secureContext }),
      }),
    );
  });
  request.once('response', (response) => {
    clearTimeout(timer);
    response.destroy();
    done(
      new PlombeError(
        'registry/unreachable',
        `The proxy ${proxy.host} refused a tunnel to ${authority} (${response.statusCode ?? 0}).`,
      ),
    );
  });
  request.once('error', (error) => {
    clearTimeout(timer);
    done(error);
  });
  request.end();
}

/** Returns the header that a proxy with a user in its URL wants; empty where it has none. */
export function proxyAuthorization(proxy: URL): Readonly<Record<string, string>> {
  if (proxy.username === '' && proxy.password === '') return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

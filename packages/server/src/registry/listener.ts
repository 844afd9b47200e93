// The listener: http or https, with deadlines, and an end that finishes what runs.
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { inert, messageOf, PlombeError } from '@plombe/kit';
import { requireKeyPair, type KeyPair } from './certificate.ts';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: KeyPair;
}

export interface Listener {
  readonly url: string;
  /** New connections get this certificate; those that are there keep theirs. Throws `config/invalid` and keeps the one before where it cannot be used, or no TLS is spoken. */
  renew(pair: KeyPair): void;
  /** Takes no new connections, waits for requests that run at most `graceMs`, and ends the rest. */
  close(graceMs: number): Promise<void>;
}

/** All headers of a request must be there in this time (T35). */
const headersMs = 20_000;
/** Longer than the idle time of usual load balancers (60 s), so that they and not we end idle connections. */
const keepAliveMs = 75_000;
/** Whole connections; each costs some 20 KB. */
const maxConnections = 10_000;

/** Told of connections. */
export interface ConnectionWatch {
  readonly connected: (socket: Socket) => void;
  /** There were too many, so it was closed at once. */
  readonly dropped: () => void;
}

/** What is said where an address cannot be listened on. */
export function notListening(host: string, port: number, cause: unknown): PlombeError {
  return new PlombeError('config/invalid', `${inert(host)}:${port} cannot be listened on: ${messageOf(cause)}`, {
    cause,
    remedy: 'Choose an address of this machine and a port that is free and may be used; end what listens there.',
  });
}

function secureOptions({ certPem, keyPem }: KeyPair) {
  return { cert: certPem, key: keyPem, minVersion: 'TLSv1.2' } as const;
}

function unusable(cause: unknown): PlombeError {
  return new PlombeError('config/invalid', `The certificate or key cannot be used: ${messageOf(cause)}`, {
    cause,
    remedy: 'Correct --tls-cert, with the leaf first, and --tls-key.',
  });
}

/** Listens. Throws `config/invalid` where the address cannot be used or key and certificate do not belong together. */
export async function listen(
  listener: RequestListener,
  { host, port, tls }: ListenOptions,
  watch?: ConnectionWatch,
): Promise<Listener> {
  const timing = {
    headersTimeout: headersMs,
    // Bodies of a gigabyte take their time; `unlessStalled` sees to those that do not move.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: 5000,
    maxHeaderSize: 32_768,
  };
  if (tls !== undefined) requireKeyPair(tls);
  let server: Server;
  try {
    server =
      tls === undefined ? createHttp(timing, listener) : createHttps({ ...timing, ...secureOptions(tls) }, listener);
  } catch (cause) {
    throw unusable(cause);
  }
  server.maxConnections = maxConnections;
  if (watch !== undefined) {
    server.on(tls === undefined ? 'connection' : 'secureConnection', watch.connected);
    server.on('drop', watch.dropped);
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(notListening(host, port, cause)));
    server.listen(port, host, resolve);
  });
  const { port: real } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${name}:${real}`,
    renew: (pair) => {
      requireKeyPair(pair);
      try {
        (server as HttpsServer).setSecureContext(secureOptions(pair));
      } catch (cause) {
        throw unusable(cause);
      }
    },
    close: async (graceMs) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // Connections become idle as their requests end.
      const sweep = setInterval(() => server.closeIdleConnections(), 50);
      const force = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(force);
    },
  };
}

// What a server's TLS looks like: the version that it takes and its certificate, whether it is valid or not. Nothing is sent to it.
import { isIP } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { PlombeError } from '@plombe/kit';
import { checkedLookup, checkLiteral } from './connect.ts';
import { connectionError, deadlineError } from './failure.ts';

export interface TlsQuestion {
  /** Host and port. */
  readonly host: string;
  /** Newest version offered; the newest known where absent. Old ones are offered only where asked for. */
  readonly newest?: 'TLSv1' | 'TLSv1.1';
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface TlsAnswer {
  /** `TLSv1.3` … */
  readonly version: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  readonly key: { readonly type: string; readonly bits: number };
}

/** Shakes hands once. Undefined where the server refuses the version; throws `registry/…` where it is not reached at all. */
export function inspectTls({ host, newest, timeoutMs, signal }: TlsQuestion): Promise<TlsAnswer | undefined> {
  const { hostname, port } = new URL(`https://${host}`);
  const bare = hostname.replace(/^\[|\]$/g, '');
  checkLiteral(hostname, 'loopback');
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<TlsAnswer | undefined>();
  // The certificate is looked at, not trusted. Servers of old versions need what OpenSSL calls security level 0.
  const old = newest === undefined ? {} : { minVersion: newest, maxVersion: newest, ciphers: 'DEFAULT@SECLEVEL=0' };
  const options: ConnectionOptions = {
    host: bare,
    port: Number(port || 443),
    lookup: checkedLookup('loopback'),
    rejectUnauthorized: false,
    ...(isIP(bare) === 0 ? { servername: bare } : {}),
    ...old,
  };
  const socket = connect(options);
  let connected = false;
  const timer = setTimeout(() => socket.destroy(deadlineError(host, 'handshake', timeoutMs)), timeoutMs);
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  socket.once('connect', () => (connected = true));
  socket.once('secureConnect', () => {
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) {
      reject(new PlombeError('registry/tls', `${host} showed no certificate.`));
    } else {
      const { asymmetricKeyType = 'unknown', asymmetricKeyDetails } = certificate.publicKey;
      const bits = asymmetricKeyDetails?.modulusLength ?? curveBits(asymmetricKeyDetails?.namedCurve);
      resolve({
        version: socket.getProtocol() ?? 'unknown',
        expiresAt: new Date(certificate.validTo).toISOString(),
        key: { type: asymmetricKeyType === 'ec' ? 'EC' : asymmetricKeyType.toUpperCase(), bits },
      });
    }
    socket.destroy();
  });
  socket.once('error', (error) => {
    const failure = connectionError(host, error, signal);
    // Whoever answered the connection and not the handshake refused the version.
    if (connected && newest !== undefined && !signal.aborted) resolve(undefined);
    else reject(failure);
  });
  socket.once('close', () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    if (signal.aborted) reject(connectionError(host, undefined, signal));
    else if (newest !== undefined) resolve(undefined);
    else reject(new PlombeError('registry/tls', `TLS with ${host} failed.`));
  });
  return promise;
}

const curves: Readonly<Record<string, number>> = {
  prime256v1: 256,
  secp384r1: 384,
  secp521r1: 521,
  secp256k1: 256,
  secp224r1: 224,
  prime192v1: 192,
};

/** Ed25519 and Ed448 have no curve in Node's details; both are strong. */
function curveBits(name: string | undefined): number {
  return name === undefined ? 255 : (curves[name] ?? 0);
}

// Where a client is sent to log in: the realm of the token service at the address that the client itself uses.
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { tokenService } from './token.ts';

/** `host`, `host:port`, `[ipv6]:port`; nothing that could end a quoted header value or begin a path. */
const hostPattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/;

/**
 * Returns `https://host[:port]` of this server as this client sees it: the configured address, else the Host header where it is a host, else
 * the address that was connected to.
 */
export function originOf(request: IncomingMessage, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return new URL(publicUrl).origin;
  const scheme = (request.socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http';
  const { host = '' } = request.headers;
  if (hostPattern.test(host) && URL.canParse(`${scheme}://${host}`)) return `${scheme}://${host}`;
  const { localAddress = '127.0.0.1', localPort = 80 } = request.socket;
  return `${scheme}://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}

/** Returns `WWW-Authenticate` of a 401 (RFC 6750, 3). Each value is free of quotes. */
export function bearerChallenge(
  origin: string,
  scope?: string,
  error?: 'insufficient_scope' | 'invalid_token',
): string {
  const parts = [`realm="${origin}/auth/token"`, `service="${tokenService}"`];
  if (scope !== undefined) parts.push(`scope="${scope}"`);
  if (error !== undefined) parts.push(`error="${error}"`);
  return `Bearer ${parts.join(',')}`;
}

// User name and password of a robot or a person's registry credential, checked against the directory.
import type { IncomingMessage } from 'node:http';
import type { Account, Directory } from './directory.ts';
import { secretMatches } from './secret.ts';
import type { Throttle } from './throttle.ts';

/** What logging in comes to. */
export type Login =
  | { readonly kind: 'in'; readonly account: Account }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly seconds: number };

/** Checks the password. An account that is not there, has ended or was revoked is answered as a wrong password. */
export function logIn(
  { directory, throttle }: { readonly directory: Directory; readonly throttle: Throttle },
  request: IncomingMessage,
  { username, password }: { readonly username: string; readonly password: string },
): Login {
  const attempt = { account: username, address: request.socket.remoteAddress ?? '' };
  const seconds = throttle.waitSeconds(attempt);
  if (seconds !== undefined) return { kind: 'wait', seconds };
  const account = directory.byUsername(username);
  if (secretMatches(password, account?.secretHash) && account !== undefined) {
    throttle.succeeded(attempt);
    return { kind: 'in', account };
  }
  const wait = throttle.failed(attempt);
  return wait === undefined ? { kind: 'refused' } : { kind: 'wait', seconds: wait };
}

/** A request's `Authorization`. */
export type Authorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'malformed' };

/** Reads `Authorization` (RFC 7617, RFC 6750). */
export function authorizationOf(request: IncomingMessage): Authorization {
  const header = request.headers.authorization;
  if (header === undefined) return { kind: 'none' };
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +([\w+/=~.-]+) *$/.exec(header) ?? [];
  if (/^bearer$/i.test(scheme)) return { kind: 'bearer', token: value };
  if (!/^basic$/i.test(scheme)) return { kind: 'malformed' };
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 1) return { kind: 'malformed' };
  return { kind: 'basic', username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}
